import type { Socket } from 'node:net'
import type { Server as TlsServer, TLSSocket } from 'node:tls'
import type { App, Peer } from '../app.ts'
import type { Clock } from '../clock.ts'
import { TransportError } from '../errors.ts'
import { emit } from '../events.ts'
import { Networks } from '../networks.ts'
import type { ConnectionState } from '../http/connection-state.ts'
import type { Activity, ConnectionService, Load, WorkItem } from '../service/service-base.ts'
import { Connection } from './connection.ts'
import { Refusals } from './refusals.ts'
import { ServerState } from './server-state.ts'
import type { ServerSettings } from './settings.ts'
import { createTlsServer, type TlsSettings } from './tls.ts'
import { describeAll, type Unfinished } from './unfinished.ts'

export interface ServerOptions {
  readonly name: string
  readonly app: App
  /** What it is reached at, for `request.server`. */
  readonly address: Peer
  readonly settings: ServerSettings
  readonly clock: Clock
  /** Given for HTTPS; it must not listen. */
  readonly tls?: TlsServer | undefined
}

/** Serves one app over HTTP/1.1 on the connections it is given, wherever they were accepted. */
export class Server implements ConnectionService {
  readonly name: string
  readonly #state: ServerState
  #tls: TlsServer | undefined
  #trusted: Networks
  readonly #refusals: Refusals
  readonly #connections = new Set<Connection>()
  /** What lies beneath TLS, from before the handshake until it is closed. */
  readonly #beneathTls = new Set<Socket>()
  #phase: 'SERVING' | 'STOPPING' | 'STOPPED' = 'SERVING'
  /** Those who wait for the end. */
  #waiting: (() => void)[] = []
  /** One for all connections. */
  readonly #onGone = (connection: Connection): void => {
    this.#connections.delete(connection)
    this.#checkStopped()
  }

  constructor(options: ServerOptions) {
    this.name = options.name
    this.#trusted = new Networks(options.settings.trusted_proxies)
    const info = { ...options.address, name: options.name, stopping: false, trusts: (address: string) => this.#trusted.has(address) }
    this.#state = new ServerState(options.app, info, options.settings, options.clock)
    this.#refusals = new Refusals(this.#state.waits.linger)
    this.#state.deadlines.onTick(() => this.#closeExcess())
    this.#tls = options.tls
    if (this.#tls !== undefined) this.#hear(this.#tls)
  }

  /** It serves from the time it is made. After a stop it serves again; a stop that is not over yet is taken back. */
  async start(): Promise<void> {
    this.#phase = 'SERVING'
    this.#state.info.stopping = false
    this.#state.deadlines.open()
  }

  /** Takes a paused connection nothing was read from. When it has stopped nobody waits for what becomes of one. */
  accept(socket: Socket): void {
    if (this.#phase === 'STOPPED') socket.destroy()
    else this.#take(socket)
  }

  #take(socket: Socket): void {
    socket.setNoDelay(true)
    this.#state.keepAlive.add(socket)
    if (!this.#hasRoom()) this.#turnAway(socket)
    else if (this.#tls === undefined) this.#serve(socket)
    else this.#handshake(this.#tls, socket)
  }

  load(): Load {
    return { connections: this.#openSockets, requests: this.#state.pool.active + this.#state.pool.waiting }
  }

  activity(): Activity {
    const { done, pool } = this.#state
    return { done, inFlight: pool.active, queued: pool.waiting, connections: this.#countStates() }
  }

  inProgress(): WorkItem[] {
    return describeAll(this.#unfinished())
  }

  quiesce(): void {
    this.#state.info.stopping = true
  }

  /** Idle connections linger for a request under way, busy ones finish. */
  stop(): void {
    if (this.#phase !== 'SERVING') return
    this.#phase = 'STOPPING'
    this.quiesce()
    emit('draining', { api: this.name, connections: this.#countStates() })
    for (const connection of this.#connections) connection.linger()
    this.#checkStopped()
  }

  /** Resolves when it was told to stop and the last connection is closed. */
  async wait(): Promise<void> {
    if (this.#phase !== 'STOPPED') await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  /** Nothing of it is from configuration that was not given to it. */
  reset(): void {}

  /**
   * Takes new settings over while it serves: those of its construction, as JSON; what is left out stays. Nobody is cut: a request that has its slot, or
   * waits for one, keeps it, and a time that is shorter now begins for who waits. The TLS files are read again, for the handshakes that follow.
   * Throws ConfigError, and changes nothing, when these cannot be used.
   */
  mutate(settings: unknown): void {
    const whole = { ...this.#state.settings, ...(settings as ServerSettings & TlsSettings) }
    const trusted = new Networks(whole.trusted_proxies)
    this.#tls = this.#tls && this.#hear(createTlsServer(whole, this.#tls.getTicketKeys()))
    this.#trusted = trusted
    this.#state.mutate(whole)
  }

  abort(): number {
    let cut = 0
    const reason = new TransportError('the server had to stop')
    for (const connection of this.#connections) {
      const exchange = connection.cut(reason)
      if (exchange === null) continue
      cut += 1
      const { id, method, target } = exchange.request
      emit('request.cut', { api: this.name, id, method, target, seconds: exchange.age })
    }
    for (const socket of this.#beneathTls) socket.destroy()
    return cut
  }

  #serve(socket: Socket): void {
    const connection = new Connection(socket, this.#state, this.#onGone)
    this.#connections.add(connection)
    if (this.#phase !== 'SERVING') connection.linger()
  }

  *#unfinished(): Generator<Unfinished> {
    for (const { exchange } of this.#connections) if (exchange !== null) yield exchange
    yield* this.#state.abandoned
  }

  #countStates(): Record<ConnectionState, number> {
    const counts = { IDLE: 0, REQUEST: 0, CLOSE: 0 }
    for (const { state } of this.#connections) counts[state] += 1
    return counts
  }

  /** At the limit the connection that has been idle longest makes room. */
  #hasRoom(): boolean {
    return this.#openSockets < this.#state.settings.max_connections || this.#closeIdle(1) > 0
  }

  /** The limit may be lower than it was. Those who are closing are on their way out. */
  #closeExcess(): void {
    const most = this.#state.settings.max_connections
    if (this.#connections.size <= most) return
    const { IDLE, REQUEST } = this.#countStates()
    this.#closeIdle(IDLE + REQUEST - most)
  }

  /** Closes so many of the connections that have been idle longest. Returns for how many that could be done. */
  #closeIdle(most: number): number {
    let closed = 0
    for (let deadline = this.#state.waits.idle.first; deadline !== null && closed < most; ) {
      const { owner, after } = deadline
      // One that has begun a request since keeps its place in the list.
      if (owner instanceof Connection && owner.state === 'IDLE') {
        owner.close()
        closed += 1
      }
      deadline = after
    }
    return closed
  }

  /** There is no answer to a client that speaks TLS before its handshake. */
  #turnAway(socket: Socket): void {
    emit('connections.full', { api: this.name, connections: this.#openSockets })
    if (this.#tls === undefined) this.#refusals.refuse(socket)
    else socket.destroy()
  }

  get #openSockets(): number {
    return this.#tls === undefined ? this.#connections.size : this.#beneathTls.size
  }

  /** Handshakes that have begun with an earlier one end with it. */
  #hear(tls: TlsServer): TlsServer {
    tls.on('secureConnection', (socket) => this.#serve(socket))
    tls.on('tlsClientError', (error, socket) => this.#tlsFailed(error, socket))
    return tls
  }

  #handshake(tls: TlsServer, socket: Socket): void {
    this.#beneathTls.add(socket)
    socket.on('close', () => {
      this.#beneathTls.delete(socket)
      this.#checkStopped()
    })
    tls.emit('connection', socket)
  }

  #tlsFailed(error: Error, socket: TLSSocket): void {
    emit('tls.failed', { api: this.name, client: socket.remoteAddress ?? 'unix', error })
    socket.destroy()
  }

  #checkStopped(): void {
    if (this.#phase !== 'STOPPING' || this.#openSockets > 0) return
    this.#phase = 'STOPPED'
    this.#state.deadlines.close()
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}
