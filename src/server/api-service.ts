import type { Socket } from 'node:net'
import type { Peer } from '../app.ts'
import type { Activity, Bound, ListeningService, Load, Place, WorkItem } from '../service/service-base.ts'
import type { Server } from './server.ts'

export interface ApiServiceOptions {
  readonly name: string
  readonly bind: () => Promise<Bound>
  /** Makes the server: its app is loaded here, in the process that serves. */
  readonly create: (address: Peer) => Promise<Server>
  /** Takes over what was read again. Default: nothing is. */
  readonly mutate?: (server: Server, settings: unknown) => void
  /** Reads again what a reset is to take over; null for nothing. Default: a reset takes nothing over. */
  readonly read?: () => unknown
}

/** nova's WSGIService: one API as a service that a launcher binds, starts and stops, beside others of any kind. */
export class ApiService implements ListeningService {
  readonly name: string
  readonly #options: ApiServiceOptions
  #address: Peer = { address: '', port: 0 }
  #server: Server | null = null

  constructor(options: ApiServiceOptions) {
    this.name = options.name
    this.#options = options
  }

  bind(): Promise<Bound> {
    return this.#options.bind()
  }

  bound({ host, port }: Place): void {
    this.#address = { address: host, port }
  }

  /** Rejects with ConfigError when its app or its TLS files are wrong. */
  async start(): Promise<void> {
    this.#server ??= await this.#options.create(this.#address)
    await this.#server.start()
  }

  accept(socket: Socket): void {
    if (this.#server === null) throw new Error(`${this.name} was given a connection before it was started`)
    this.#server.accept(socket)
  }

  load(): Load {
    return this.#server?.load() ?? { connections: 0, requests: 0 }
  }

  quiesce(): void {
    this.#server?.quiesce()
  }

  stop(): void {
    this.#server?.stop()
  }

  async wait(): Promise<void> {
    await this.#server?.wait()
  }

  abort(): number {
    return this.#server?.abort() ?? 0
  }

  reset(): void {
    if (this.#server === null) return
    this.mutate(this.#options.read?.() ?? null)
    this.#server.reset()
  }

  mutate(settings: unknown): void {
    if (this.#server !== null && settings !== null) this.#options.mutate?.(this.#server, settings)
  }

  activity(): Activity {
    return this.#server?.activity() ?? { done: 0, inFlight: 0, queued: 0, connections: { IDLE: 0, REQUEST: 0, CLOSE: 0 } }
  }

  inProgress(): WorkItem[] {
    return this.#server?.inProgress() ?? []
  }
}
