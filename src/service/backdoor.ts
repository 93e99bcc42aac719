import { lstatSync, unlinkSync } from 'node:fs'
import { type AddressInfo, createServer, type ListenOptions, type Server, type Socket } from 'node:net'
import type { REPLServer } from 'node:repl'
import { Transform } from 'node:stream'
import { type Clock, systemClock } from '../clock.ts'
import { emit } from '../events.ts'
import { type BackdoorConf, type BackdoorPlace, readBackdoorPlace } from './backdoor-place.ts'
import type { Toolbox } from './backdoor-tools.ts'
import { listenPrivately } from './listen-privately.ts'
import type { ServiceBase } from './service-base.ts'

/** What its users find there by name, besides the tools. */
export interface BackdoorContext extends Readonly<Record<string, unknown>> {
  readonly service?: ServiceBase
}

/** A REPL inside this process, for whoever reaches its socket. */
export interface Backdoor {
  /** The real port, or the socket's path. */
  readonly port: number | string
  /** Closes all its connections too. Resolves when nothing is left of it. */
  close(): Promise<void>
}

/**
 * Opens a backdoor when `backdoor_socket` or `backdoor_port` is set, else resolves with null: oslo.service's eventlet_backdoor. Whoever
 * connects has a REPL in this process and may do anything it may do: the unix socket is for its owner only (0600), a port is for every user
 * of the machine. `.help` tells what there is. The first connection costs something until the process ends: before Node 26 a REPL has a
 * domain, and an `await` takes 1 µs with one instead of 0.1.
 *
 * Rejects with ConfigError for a port that is none, and with Error when the socket cannot be bound or no port is free.
 */
export async function startBackdoor(conf: BackdoorConf, context: BackdoorContext = {}, clock: Clock = systemClock): Promise<Backdoor | null> {
  const place = readBackdoorPlace(conf)
  if (place === null) return null
  // Loaded only here, as they cost memory.
  const [{ start }, { openToolbox }] = await Promise.all([import('node:repl'), import('./backdoor-tools.ts')])
  const server = createServer({ allowHalfOpen: true })
  const port = await listen(server, place)
  const toolbox = openToolbox(context.service, clock)
  const startRepl: StartRepl = (input, output) => start({ prompt: '> ', input, output, terminal: false, useColors: false, ignoreUndefined: true })
  const backdoor = new OpenBackdoor({ server, port, context, toolbox, startRepl })
  emit('backdoor.listening', { where: whereIs(port) })
  return backdoor
}

function whereIs(port: number | string): string {
  return typeof port === 'string' ? port : `127.0.0.1:${port}`
}

type StartRepl = (input: NodeJS.ReadableStream, output: Socket) => REPLServer

interface Parts {
  readonly server: Server
  readonly port: number | string
  readonly context: BackdoorContext
  readonly toolbox: Toolbox
  readonly startRepl: StartRepl
}

class OpenBackdoor implements Backdoor {
  readonly port: number | string
  readonly #parts: Parts
  readonly #sockets = new Set<Socket>()

  constructor(parts: Parts) {
    this.port = parts.port
    this.#parts = parts
    parts.server.unref().on('connection', (socket) => this.#open(socket)).on('error', warn)
  }

  close(): Promise<void> {
    const closed = new Promise<void>((resolve) => void this.#parts.server.close(() => resolve()))
    for (const socket of this.#sockets) socket.destroy()
    this.#parts.toolbox.close()
    return closed
  }

  #open(socket: Socket): void {
    this.#sockets.add(socket)
    emit('backdoor.opened', { where: whereIs(this.port) })
    const repl = this.#parts.startRepl(socket.pipe(refuseHttp(socket)), socket)
    // A client that has gone: what it was to read has no reader.
    socket.on('error', () => {}).on('close', () => {
      this.#sockets.delete(socket)
      repl.close()
    })
    repl.on('exit', () => socket.end())
    this.#furnish(repl)
  }

  #furnish(repl: REPLServer): void {
    const { context, toolbox } = this.#parts
    const exit = (): void => repl.close()
    Object.assign(repl.context, context, toolbox.tools, { exit, quit: exit })
    repl.defineCommand('help', {
      help: 'Tell what there is',
      action() {
        repl.output.write(toolbox.help)
        repl.displayPrompt()
      },
    })
  }
}

/** A connection could not be accepted, for want of file descriptors for instance. */
function warn(error: Error): void {
  emit('backdoor.warning', { message: `The backdoor: ${error.message}` })
}

/** A web page can make a browser post to a port of its own machine, and lines of what it posts would be run. */
function refuseHttp(socket: Socket): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (/^[A-Z]+ \S+ HTTP\/1/.test(chunk.toString('latin1', 0, 4096))) socket.destroy()
      else done(null, chunk)
    },
  })
}

async function listen(server: Server, place: BackdoorPlace): Promise<number | string> {
  if ('path' in place) {
    await bindPath(server, place.path)
    return place.path
  }
  for (let port = place.first; port <= place.last; port++) {
    if (await tryBind(server, { host: '127.0.0.1', port })) return (server.address() as AddressInfo).port
  }
  throw new Error(`No port of backdoor_port ${place.text} is free`)
}

/** A socket that is there already was left behind by a process that died; nothing else is removed. */
async function bindPath(server: Server, path: string): Promise<void> {
  if (await tryBind(server, { path })) return
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket()) unlinkSync(path)
  if (!(await tryBind(server, { path }))) throw new Error(`The backdoor_socket ${path} exists already and is no socket`)
}

/** False when somebody is there already. */
async function tryBind(server: Server, options: ListenOptions): Promise<boolean> {
  try {
    await listenPrivately(server, options)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false
    throw error
  }
}
