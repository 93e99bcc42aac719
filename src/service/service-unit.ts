import type { Clock } from '../clock.ts'
import { emit } from '../events.ts'
import { Drain } from './drain.ts'
import type { ConnectionService, ConnectionSource } from './service-base.ts'
import type { StopOutcome, Unit } from './unit.ts'

/** One API in the launcher's own process. */
export class ServiceUnit implements Unit {
  readonly name: string
  readonly workers = 0
  readonly label: string
  readonly #service: ConnectionService
  readonly #source: ConnectionSource
  readonly #drain: Drain
  #state: 'NEW' | 'SERVING' | 'STOPPING' = 'NEW'
  #accepted = 0

  constructor(service: ConnectionService, source: ConnectionSource, clock: Clock) {
    this.name = service.name
    this.label = source.label
    this.#service = service
    this.#source = source
    this.#drain = new Drain(service, clock)
  }

  get accepted(): number {
    return this.#accepted
  }

  /** Connections that come before the service has started wait in the kernel's backlog. */
  async start(): Promise<void> {
    await this.#service.start()
    if (this.#state !== 'NEW') return
    this.#state = 'SERVING'
    this.#source.onConnection((socket) => {
      this.#accepted += 1
      this.#service.accept(socket)
    })
  }

  quiesce(): void {
    if (this.#state === 'SERVING') this.#drain.quiesce()
  }

  close(): void {
    this.#source.close()
  }

  async stop(deadlineSeconds: number | null): Promise<StopOutcome> {
    const served = this.#state === 'SERVING'
    this.#state = 'STOPPING'
    if (!served) return { cut: 0, clean: true }
    try {
      return await this.#drain.stop(deadlineSeconds)
    } catch (error) {
      emit('service.failed', { api: this.name, pid: process.pid, error })
      return { cut: 0, clean: false }
    }
  }

  abort(): void {
    this.#drain.abort()
  }
}
