import { chmodSync } from 'node:fs'
import { createServer, isIPv6, type AddressInfo, type ListenOptions, type Server, type Socket } from 'node:net'
import { ConfigError } from '../errors.ts'
import { emit } from '../events.ts'
import type { ConnectionSource } from '../service/service-base.ts'
import { DescriptorLimit } from './descriptor-limit.ts'

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

/** A bound TCP port or unix socket. Connections are handed on unread. */
export class Listener implements ConnectionSource {
  readonly #server: Server
  readonly #descriptors = new DescriptorLimit()
  readonly host: string
  /** The real one; 0 for a unix socket. */
  readonly port: number

  /** Accepted before anybody wanted them: the kernel is asked for connections as soon as it listens. */
  readonly #early: Socket[] = []
  #handler: (socket: Socket) => void = (socket) => void this.#early.push(socket)
  #accepted = 0

  private constructor(server: Server, host: string, port: number) {
    this.#server = server
    this.host = host
    this.port = port
    server.on('error', (error) => this.#failed(error))
    server.on('connection', (socket) => this.#take(socket))
  }

  /**
   * Binds and listens. The bind is exclusive: a second server on the port is an error, not a silent sharer. Rejects with BindError
   * `Could not bind to host:port`.
   */
  static async bind(options: ListenerOptions): Promise<Listener> {
    if (options.backlog < 1) throw new ConfigError({ message: 'The backlog must be more than 0', option: 'backlog', value: String(options.backlog) })
    const server = createServer({ pauseOnConnect: true, allowHalfOpen: true })
    const path = options.host.startsWith('unix:') ? options.host.slice('unix:'.length) : null
    await listening(server, path === null ? tcpOptions(options) : { path, backlog: options.backlog }, labelOf(options.host, options.port))
    if (path === null) return new Listener(server, options.host, (server.address() as AddressInfo).port)
    chmodSync(path, options.socketMode)
    return new Listener(server, options.host, 0)
  }

  /** Connections so far. */
  get accepted(): number {
    return this.#accepted
  }

  /** False when it was closed. */
  get listening(): boolean {
    return this.#server.listening
  }

  get label(): string {
    return labelOf(this.host, this.port)
  }

  /** A failed accept, for instance for want of file descriptors, costs that connection and no other. */
  onConnection(handler: (socket: Socket) => void): void {
    this.#handler = handler
    for (const socket of this.#early.splice(0)) handler(socket)
  }

  close(): void {
    this.#server.close()
    for (const socket of this.#early.splice(0)) socket.destroy()
  }

  #take(socket: Socket): void {
    this.#accepted += 1
    if (this.#descriptors.isLast(socket)) this.#failed(new Error('no file descriptor is left; more connections are closed until one is free'))
    this.#handler(socket)
  }

  #failed(error: Error): void {
    emit('accept.failed', { listener: this.label, error })
  }
}

function tcpOptions({ host, port, backlog }: ListenerOptions): ListenOptions {
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port, backlog, exclusive: true }
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

function listening(server: Server, options: ListenOptions, label: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void => reject(new BindError(`Could not bind to ${label}: ${error.message}`, { cause: error }))
    server.once('error', failed)
    server.listen(options, () => {
      server.off('error', failed)
      resolve()
    })
  })
}
