import { chmodSync, existsSync, fstatSync } from 'node:fs'
import { createServer, isIPv6, type AddressInfo, type ListenOptions, type Server, type Socket } from 'node:net'
import { isMainThread } from 'node:worker_threads'
import { ConfigError } from '../errors.ts'
import { emit } from '../events.ts'
import type { Bound, ConnectionSource } from '../service/service-base.ts'
import { removeStaleSocket } from '../stale-socket.ts'
import { DescriptorLimit } from './descriptor-limit.ts'
import { pathOfUnixSocket } from './unix-path.ts'

/** Where to listen. */
export interface ListenerOptions {
  /** An address, a host name, `[::]`, or `unix:/path`. */
  readonly host: string
  /** 0 for any free port. Not used with a unix socket. */
  readonly port: number
  /** How many connections the kernel may keep waiting. */
  readonly backlog: number
  /** Permissions of a unix socket. */
  readonly socketMode: number
}

/** The address cannot be had; the message is nova's, with the reason. */
export class BindError extends Error {
  override readonly name = 'BindError'
}

/** unix(7), less the zero at the end. libuv cuts what is longer, and binds that. */
const LONGEST_PATH = 107

type Handler = (socket: Socket) => void
/** Where it really listens. */
type Place = Pick<ListenerOptions, 'host' | 'port'>

/** A listening TCP port or unix socket. Connections are handed on unread. */
export class Listener implements ConnectionSource {
  #server: Server
  readonly #descriptors = new DescriptorLimit()
  /** What it was bound to; null for a socket that somebody else has bound. */
  #asked: Place | null
  /** Node accepts as soon as it listens. What comes before there is a handler waits here, unread. */
  readonly #early: Socket[] = []
  #handler: Handler = (socket) => void this.#early.push(socket)
  #place: Place
  #count = 0

  private constructor(server: Server, place: Place, asked: Place | null) {
    this.#server = server
    this.#asked = asked
    this.#place = place
    this.#watch()
  }

  /**
   * Binds and listens. The bind is exclusive: a second server on the port is an error, not a silent sharer. A unix socket that a killed
   * process left behind is replaced. Rejects with BindError `Could not bind to host:port`.
   */
  static async bind(options: ListenerOptions): Promise<Listener> {
    const [server, place] = await bindServer(options)
    return new Listener(server, place, options)
  }

  /**
   * Listens on a socket that another process has bound and handed down, as systemd does for a socket unit (sd_listen_fds(3)). It keeps its
   * address, permissions and path, also when this listener closes; the kernel's queue gets the length `backlog`. Rejects with ConfigError
   * when the file descriptor is no stream socket that can listen.
   */
  static async adopt(fd: number, { backlog }: Pick<ListenerOptions, 'backlog'>): Promise<Listener> {
    checkBacklog(backlog)
    const server = makeServer()
    try {
      if (!fstatSync(fd).isSocket()) throw new Error('it is no socket')
      await listening(server, { fd }, backlog)
    } catch (error) {
      const message = `file descriptor ${fd} is not a stream socket that listens: ${(error as Error).message}`
      throw new ConfigError({ message, expected: 'a socket of ListenStream= with Accept=no' }, { cause: error })
    }
    return new Listener(server, placeOf(server, fd), null)
  }

  get host(): string {
    return this.#place.host
  }

  /** The real one; 0 for a unix socket. */
  get port(): number {
    return this.#place.port
  }

  /** Connections so far. */
  get accepted(): number {
    return this.#count
  }

  /** False when it was closed. */
  get listening(): boolean {
    return this.#server.listening
  }

  get label(): string {
    return labelOf(this.host, this.port)
  }

  /** A failed accept, for instance for want of file descriptors, costs that connection and no other. */
  onConnection(handler: Handler): void {
    this.#handler = handler
    for (const socket of this.#early.splice(0)) handler(socket)
  }

  /** False when somebody removed the path of a unix socket that was bound here: nobody can connect to it any more. */
  get reachable(): boolean {
    const path = this.#asked === null ? null : pathIn(this.host)
    return path === null || existsSync(path)
  }

  /** Gives a unix socket that was bound here other permissions; does nothing to any other. Throws when its path is gone. */
  setMode(socketMode: number): void {
    const path = this.#asked === null ? null : pathIn(this.host)
    if (path !== null) chmodSync(path, socketMode)
  }

  /**
   * Listens there instead: for a place that cannot be had as long as this one is. Rejects with BindError when it cannot be had either; this listens
   * where it did then, unless somebody else was quicker.
   */
  async moveTo(options: ListenerOptions): Promise<void> {
    const { host, port } = this.#place
    // The kernel's socket is closed at once; the callback would wait for the connections that were accepted.
    this.#server.close()
    try {
      await this.#rebind(options)
    } catch (error) {
      await this.#rebind({ ...options, host, port })
      throw error
    }
  }

  async #rebind(options: ListenerOptions): Promise<void> {
    ;[this.#server, this.#place] = await bindServer(options)
    this.#asked = options
    this.#watch()
  }

  #watch(): void {
    this.#server.on('error', (error) => this.#failed(error))
    this.#server.on('connection', (socket) => this.#accepted(socket))
  }

  close(): void {
    this.#server.close()
    for (const socket of this.#early.splice(0)) socket.destroy()
  }

  #accepted(socket: Socket): void {
    this.#count += 1
    if (this.#descriptors.isLast(socket)) this.#failed(new Error('no file descriptor is left; more connections are closed until one is free'))
    this.#handler(socket)
  }

  #failed(error: Error): void {
    emit('accept.failed', { listener: this.label, error })
  }
}

/** True of a BindError where somebody listens already. */
export function isAddressInUse(error: unknown): boolean {
  return error instanceof BindError && (error.cause as NodeJS.ErrnoException).code === 'EADDRINUSE'
}

async function bindServer(options: ListenerOptions): Promise<[Server, Place]> {
  checkBacklog(options.backlog)
  const { host, port } = options
  const path = pathIn(host)
  const server = makeServer()
  try {
    await (path === null ? listening(server, tcpOptions(options)) : listeningOnPath(server, path, options))
  } catch (error) {
    throw new BindError(`Could not bind to ${labelOf(host, port)}: ${(error as Error).message}`, { cause: error })
  }
  if (path === null) return [server, { host, port: (server.address() as AddressInfo).port }]
  chmodSync(path, options.socketMode)
  return [server, { host, port: 0 }]
}

function makeServer(): Server {
  return createServer({ pauseOnConnect: true, allowHalfOpen: true })
}

function checkBacklog(backlog: number): void {
  if (backlog < 1) throw new ConfigError({ message: 'The backlog must be more than 0', option: 'backlog', value: String(backlog) })
}

function tcpOptions({ host, port, backlog }: ListenerOptions): ListenOptions {
  return { host: bare(host), port, backlog, exclusive: true }
}

function pathIn(host: string): string | null {
  return host.startsWith('unix:') ? host.slice('unix:'.length) : null
}

function bare(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1')
}

/** Rejects as {@link Listener.bind} does. */
export async function bindTo(options: ListenerOptions, ssl: boolean): Promise<Bound> {
  const source = await Listener.bind(options)
  const { host, port } = source
  return { source, place: { host, port, url: urlOf(ssl, source) } }
}

/** What to paste into a browser or a terminal: an address one can connect to, also when every address is listened on. */
export function urlOf(ssl: boolean, { host, port, label }: Listener): string {
  const scheme = ssl ? 'https' : 'http'
  if (host.startsWith('unix:')) return `curl --unix-socket ${host.slice('unix:'.length)} ${scheme}://localhost/`
  const reachable = label.replace(/^0\.0\.0\.0:/, '127.0.0.1:').replace(/^\[::\]:/, '[::1]:')
  return `${scheme}://${port === 0 ? host : reachable}/`
}

function labelOf(host: string, port: number): string {
  if (host.startsWith('unix:')) return host
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`
}

/** Node knows no address of a unix socket that it has not bound. */
function placeOf(server: Server, fd: number): Place {
  const address = server.address() as AddressInfo | null
  if (address !== null) return { host: address.address, port: address.port }
  return { host: `unix:${pathOfUnixSocket(fd) ?? `(file descriptor ${fd})`}`, port: 0 }
}

async function listeningOnPath(server: Server, path: string, { backlog, socketMode }: ListenerOptions): Promise<void> {
  if (Buffer.byteLength(path) > LONGEST_PATH) throw new Error(`the path has more than ${LONGEST_PATH} octets`)
  const listen = (): Promise<void> => masked(socketMode, () => listening(server, { path, backlog }))
  try {
    await listen()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || !(await removeStaleSocket(path))) throw error
    await listen()
  }
}

/** A socket that `bind` makes, before it returns, has no other permissions than these at any moment. Node lets only its main thread say so. */
function masked<T>(mode: number, bind: () => T): T {
  if (!isMainThread) return bind()
  const mask = process.umask(0o777 & ~mode)
  try {
    return bind()
  } finally {
    process.umask(mask)
  }
}

/** Of a file descriptor node takes the backlog as an argument only. */
function listening(server: Server, options: ListenOptions | { fd: number }, backlog?: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(options, backlog, () => {
      server.off('error', reject)
      resolve()
    })
  })
}
