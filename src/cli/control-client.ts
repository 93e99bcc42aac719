import { connect, type Socket } from 'node:net'
import { type Clock, systemClock } from '../clock.ts'

/** Seconds a launcher has for an answer. */
const TIMEOUT = 5

/** Why a launcher could not be asked, or what it answered instead of doing it. */
export class ControlError extends Error {
  override readonly name = 'ControlError'
}

export interface ControlQuestion {
  /** Of the control socket. */
  readonly path: string
  readonly command: string
  readonly args?: Readonly<Record<string, unknown>>
  /** Null for what takes as long as it takes. Default: 5. */
  readonly timeoutSeconds?: number | null
}

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'nobody listens there: the launcher does not run, or has another control_socket',
  ECONNREFUSED: 'nobody listens there: the launcher does not run, or was killed',
  EACCES: 'permission denied: the socket is for the user who runs the launcher',
  EPERM: 'permission denied: the socket is for the user who runs the launcher',
}

/** Resolves with what the launcher at the other end answers; rejects with ControlError. */
export async function askLauncher({ path, command, args = {}, timeoutSeconds = TIMEOUT }: ControlQuestion, clock: Clock = systemClock): Promise<unknown> {
  const socket = connect(path)
  const late = new ControlError(`${path}: no answer within ${timeoutSeconds} s`)
  const timer = timeoutSeconds === null ? null : clock.setTimer(() => socket.destroy(late), timeoutSeconds * 1000)
  try {
    socket.end(`${JSON.stringify({ id: 1, command, args })}\n`)
    return resultOf(await firstLine(socket, path), path)
  } finally {
    timer?.cancel()
    socket.destroy()
  }
}

/** Undefined when there is none. */
async function firstLine(socket: Socket, path: string): Promise<string | undefined> {
  let text = ''
  try {
    for await (const chunk of socket.setEncoding('utf8') as AsyncIterable<string>) {
      text += chunk
      if (chunk.includes('\n')) return text.slice(0, text.indexOf('\n'))
    }
  } catch (error) {
    throw explain(error as Error, path)
  }
  return undefined
}

function explain(error: NodeJS.ErrnoException, path: string): ControlError {
  return error instanceof ControlError ? error : new ControlError(`${path}: ${WHY[error.code ?? ''] ?? error.message}`, { cause: error })
}

function resultOf(line: string | undefined, path: string): unknown {
  if (line === undefined) throw new ControlError(`${path}: the launcher ended, or had too many other clients, before it answered`)
  const answer = parse(line)
  if (answer === null || typeof answer !== 'object' || !('ok' in answer)) throw new ControlError(`${path}: whoever listens there is no launcher`)
  if (answer.ok === true) return 'result' in answer ? answer.result : null
  throw new ControlError('error' in answer ? String(answer.error) : 'refused')
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}
