import type { Socket } from 'node:net'
import type { Clock } from '../clock.ts'
import { emit, type ListeningApi } from '../events.ts'
import { acceptQueued } from './accept-queued.ts'
import { Drain } from './drain.ts'
import { LoopLateness } from './loop-lateness.ts'
import type { ProcessStatus, ServiceStatus, StuckProcess } from './operations.ts'
import { type Bound, type ConnectionSource, isConnectionService, isListening, type ServiceBase } from './service-base.ts'
import { activityOf, workOf } from './service-voice.ts'
import type { StopTimes } from './stop-sequence.ts'
import type { StopOutcome } from './stop-outcome.ts'
import type { Announcement, Unit } from './unit.ts'

export interface ServiceUnitSurroundings {
  readonly clock: Clock
  readonly times: Readonly<StopTimes>
}

const STATES = { NEW: 'STARTING', SERVING: 'SERVING', QUIET: 'DRAINING', RELOADING: 'RELOADING', STOPPING: 'STOPPING', DRAINED: 'DRAINED' } as const

/** One service in the launcher's own process. */
export class ServiceUnit implements Unit {
  readonly name: string
  readonly workers = 0
  readonly scalable = false
  readonly #service: ServiceBase
  readonly #surroundings: ServiceUnitSurroundings
  readonly #began: number
  #bound: Bound | null = null
  #drain: Drain
  #state: keyof typeof STATES = 'NEW'
  #renewal: Promise<unknown> = Promise.resolve()
  #accepted = 0
  /** A stop is immediate. */
  #mustEnd = false
  #lateness: LoopLateness | null = null

  constructor(name: string, service: ServiceBase, surroundings: ServiceUnitSurroundings) {
    this.name = name
    this.#service = service
    this.#surroundings = surroundings
    this.#began = surroundings.clock.now()
    this.#drain = new Drain(service, surroundings.clock)
  }

  get label(): string {
    return this.#bound?.source.label ?? ''
  }

  /** What it listens on now. */
  get source(): ConnectionSource | undefined {
    return this.#bound?.source
  }

  get listening(): ListeningApi {
    return { api: this.name, host: '', port: 0, url: '', ...this.#bound?.place, workers: 0 }
  }

  get accepted(): number {
    return this.#accepted
  }

  async bind(): Promise<void> {
    if (!isListening(this.#service) || this.#bound !== null) return
    this.#bound = await this.#service.bind()
    this.#service.bound?.(this.#bound.place)
  }

  /** Connections that come before the service has started wait in the kernel's backlog. */
  async start(): Promise<void> {
    await this.#service.start()
    if (this.#state !== 'NEW') return
    this.#serve()
  }

  quiesce(): void {
    if (this.#state !== 'SERVING') return
    this.#state = 'QUIET'
    this.#drain.quiesce()
  }

  close(): void {
    this.#bound?.source.close()
    this.#bound = null
  }

  async stop(deadlineSeconds: number | null): Promise<StopOutcome> {
    const before = this.#state
    this.#state = 'STOPPING'
    if (before === 'NEW' || before === 'DRAINED') return { cut: 0, clean: true }
    if (before === 'RELOADING') await this.#endRenewal(deadlineSeconds)
    return this.#finish(deadlineSeconds)
  }

  abort(): void {
    this.#mustEnd = true
    this.#drain.abort()
  }

  status(): ServiceStatus {
    const { name, label: listening, workers } = this
    const state = STATES[this.#state]
    return { name, listening, state, workers, waiting: 0, accepted: this.#accepted, lost: 0, processes: [this.#process()] }
  }

  async reset(): Promise<void> {
    await this.#service.reset()
  }

  /** Connections that come meanwhile wait for the service to be back. Rejects when it cannot start again: nobody is served then until another reload. */
  async reload(): Promise<number> {
    if (this.#state !== 'SERVING' && this.#state !== 'DRAINED') return 0
    const before = this.#state
    this.#state = 'RELOADING'
    const renewal = this.#renew(before)
    this.#renewal = renewal.catch(() => undefined)
    await renewal
    return 0
  }

  async drain(): Promise<StopOutcome> {
    if (this.#state === 'DRAINED') return { cut: 0, clean: true }
    this.quiesce()
    await acceptQueued(() => this.#accepted)
    this.close()
    const outcome = await this.stop(this.#surroundings.times.gracefulTimeout || null)
    this.#state = 'DRAINED'
    emit('api.drained', { api: this.name, cut: outcome.cut })
    return outcome
  }

  scale(): void {
    throw new RangeError(`${this.name} runs in the launcher's own process: it has no workers to count`)
  }

  /** The launcher's own process is told by its hooks what is not a service's. */
  tell(announcement: Announcement): void {
    if (announcement.verb === 'mutate' && announcement.settings !== null) this.#service.mutate?.(announcement.settings)
  }

  async stuck(seconds: number): Promise<StuckProcess[]> {
    const work = workOf(this.#service)
    return [{ service: this.name, pid: process.pid, work: work.filter((item) => item.seconds >= seconds) }]
  }

  async #renew(before: 'SERVING' | 'DRAINED'): Promise<void> {
    const held: Socket[] = []
    this.#bound?.source.onConnection((socket) => held.push(socket))
    if (before === 'SERVING') await this.#finish(this.#surroundings.times.gracefulTimeout || null)
    this.#drain = new Drain(this.#service, this.#surroundings.clock)
    try {
      if (this.#state === 'RELOADING') await this.#startAgain()
      for (const socket of held) this.#accept(socket)
    } catch (error) {
      this.#lose(held)
      throw error
    }
  }

  async #startAgain(): Promise<void> {
    await this.#service.reset()
    await this.bind()
    await this.#service.start()
    if (this.#state === 'RELOADING') this.#serve()
  }

  /** Clients are better refused than left waiting. */
  #lose(held: readonly Socket[]): void {
    this.close()
    for (const socket of held) socket.destroy()
    if (this.#state === 'RELOADING') this.#state = 'DRAINED'
  }

  /** The stop that is part of it has this deadline now. */
  async #endRenewal(deadlineSeconds: number | null): Promise<void> {
    this.#drain.limit(deadlineSeconds)
    await this.#renewal
  }

  #serve(): void {
    this.#state = 'SERVING'
    this.#bound?.source.onConnection((socket) => this.#accept(socket))
  }

  #accept(socket: Socket): void {
    this.#accepted += 1
    if (isConnectionService(this.#service)) this.#service.accept(socket)
  }

  async #finish(deadlineSeconds: number | null): Promise<StopOutcome> {
    try {
      return await this.#drain.stop(this.#mustEnd ? 0 : deadlineSeconds)
    } catch (error) {
      emit('service.failed', { api: this.name, pid: process.pid, error })
      return { cut: 0, clean: false }
    }
  }

  #process(): ProcessStatus {
    // Only who asks for status pays for it.
    this.#lateness ??= new LoopLateness(this.#surroundings.clock)
    const { rss, heapUsed } = process.memoryUsage()
    const activity = activityOf(this.#service)
    return { pid: process.pid, state: 'SERVING', age: (this.#surroundings.clock.now() - this.#began) / 1000, silent: 0, report: { ...activity, loopDelay: this.#lateness.take(), rss, heapUsed } }
  }
}
