import { lstatSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { type Clock, systemClock } from '../clock.ts'
import { emit } from '../events.ts'
import { removeStaleSocket } from '../stale-socket.ts'
import { readCall } from './control-commands.ts'
import { ControlConnection } from './control-connection.ts'
import type { ControlAnswer, ControlRequest } from './control-protocol.ts'
import { listenPrivately } from './listen-privately.ts'
import type { Operations } from './operations.ts'

/** Connections it has at most. */
const MOST = 32

/** unix(7), less the zero at the end. libuv cuts what is longer, and binds that. */
const LONGEST_PATH = 107

export interface ControlServerOptions {
  /** Of the unix socket. */
  readonly path: string
  readonly operations: Operations
  readonly clock?: Clock
}

/**
 * A unix socket, for its owner only (0600), over which a launcher can be asked and told things, one JSON object a line:
 * `{"id": 1, "command": "status", "args": {}}` is answered with `{"id": 1, "ok": true, "result": …}` or `{"id": 1, "ok": false, "error": "…"}`.
 * It does not keep the process alive.
 */
export class ControlServer {
  readonly #server: Server
  readonly #operations: Operations
  readonly #clock: Clock
  /** The one that was asked something last is last. */
  readonly #connections = new Set<ControlConnection>()

  /** Replaces a socket that a killed process left there. Rejects with Error when somebody listens there, or nobody can. */
  static async open({ path, operations, clock = systemClock }: ControlServerOptions): Promise<ControlServer> {
    const server = createServer({ allowHalfOpen: true })
    await bind(server, path)
    emit('control.listening', { path })
    return new ControlServer(server, operations, clock)
  }

  private constructor(server: Server, operations: Operations, clock: Clock) {
    this.#server = server
    this.#operations = operations
    this.#clock = clock
    server.unref().on('connection', (socket) => void this.#serve(socket)).on('error', fail)
  }

  /** Cuts all its connections. Resolves when nothing is left of it. */
  close(): Promise<void> {
    const closed = new Promise<void>((resolve) => void this.#server.close(() => resolve()))
    for (const connection of this.#connections) connection.cut()
    return closed
  }

  async #serve(socket: Socket): Promise<void> {
    const connection: ControlConnection = new ControlConnection(socket.unref(), (request) => this.#answer(request, connection), this.#clock)
    if (this.#connections.size >= MOST) this.#makeRoom()
    this.#connections.add(connection)
    // Its client has gone: what it was to read has no reader.
    socket.on('error', () => {}).on('close', () => this.#connections.delete(connection))
    await connection.serve()
  }

  /** The one that has asked nothing for longest goes; when each works, the first. */
  #makeRoom(): void {
    const all = [...this.#connections] as [ControlConnection, ...ControlConnection[]]
    const goes = all.find(({ idle }) => idle) ?? all[0]
    this.#connections.delete(goes)
    goes.cut()
  }

  async #answer({ id, command, args }: ControlRequest, connection: ControlConnection): Promise<ControlAnswer> {
    if (this.#connections.delete(connection)) this.#connections.add(connection)
    try {
      const call = readCall(command, args)
      if (!call.quiet) emit('control.asked', { command, args: call.args })
      return { id, ok: true, result: await call.run(this.#operations) }
    } catch (error) {
      // RangeError tells who asked what it cannot have.
      if (!(error instanceof RangeError)) fail(error)
      return { id, ok: false, error: error instanceof Error ? error.message : String(error) }
    }
  }
}

function fail(error: unknown): void {
  emit('control.failed', { error })
}

async function bind(server: Server, path: string): Promise<void> {
  if (Buffer.byteLength(path) > LONGEST_PATH) throw new Error(`The control_socket ${path} cannot be made: a socket's path has ${LONGEST_PATH} octets at most`)
  try {
    await listenPrivately(server, { path })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw new Error(`The control_socket ${path} cannot be made: ${(error as Error).message}`, { cause: error })
    if (!(await removeStaleSocket(path))) throw new Error(`The control_socket ${path} ${whyTaken(path)}`, { cause: error })
    await listenPrivately(server, { path })
  }
}

function whyTaken(path: string): string {
  return lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true ? 'has somebody who listens there: another launcher?' : 'exists already and is no socket'
}
