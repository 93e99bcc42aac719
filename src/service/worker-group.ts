import type { Socket } from 'node:net'
import type { Clock } from '../clock.ts'
import { emit, type ListeningApi } from '../events.ts'
import { acceptQueued } from './accept-queued.ts'
import { Crew, type CrewObserver } from './crew.ts'
import { defer, type Deferred } from './deferred.ts'
import { Handover } from './handover.ts'
import type { ServiceStatus, StuckProcess } from './operations.ts'
import type { WorkerExit } from './ports.ts'
import { PartialReload } from './replacer.ts'
import type { Bound, ConnectionSource } from './service-base.ts'
import type { StopTimes } from './stop-sequence.ts'
import type { StopOutcome } from './stop-outcome.ts'
import { findStuck } from './stuck.ts'
import { DEFAULT_LIMITS, type SupervisionLimits } from './supervision-limits.ts'
import type { Announcement, Unit } from './unit.ts'
import type { WorkerGroupSpec } from './worker-group-spec.ts'
import type { WorkerHandle } from './worker-handle.ts'

/** What is the launcher's, and not the service's. */
export interface WorkerGroupSurroundings {
  readonly clock: Clock
  /** What a worker gets that is stopped on its own. */
  readonly times: Readonly<StopTimes>
  /** A worker got HUP: it wants the settings as they are now. */
  readonly onResetAsked: (worker: WorkerHandle) => void
}

/**
 * STARTING until a worker was ready for the first time: till then a failure is the start's. QUIET while a stop is being prepared. DRAINED
 * when only this service was stopped.
 */
type Phase = 'STARTING' | 'SERVING' | 'QUIET' | 'FAILED' | 'STOPPING' | 'DRAINED'

/** One service in worker processes: takes its connections to them, and starts, reloads and stops them together. */
export class WorkerGroup implements Unit, CrewObserver {
  readonly name: string
  readonly #surroundings: WorkerGroupSurroundings
  readonly #crew: Crew
  readonly #handover: Handover
  readonly #started = defer<void>()
  #spec: WorkerGroupSpec
  #fork: WorkerGroupSpec['fork']
  #bound: Bound | null = null
  /** Null when that is closed. */
  #boundBy: WorkerGroupSpec['bind'] | null = null
  #phase: Phase = 'STARTING'
  /** Of a reload that waits for the wanted number of workers. */
  #resumed: Deferred<void> | null = null
  #ended: Deferred<StopOutcome> = defer()
  /** The launcher's own copy of the service may take no longer to stop. */
  #givenUp: Deferred<void> = defer()
  #accepted = 0
  #cut = 0
  #badExits = 0

  constructor(spec: WorkerGroupSpec, surroundings: WorkerGroupSurroundings) {
    const { name, workers: wanted, fork, maxWaiting = 4096 } = spec
    const { clock, times } = surroundings
    this.name = name
    this.#spec = spec
    this.#surroundings = surroundings
    this.#fork = fork
    const limits = (): SupervisionLimits => ({ ...DEFAULT_LIMITS, ...this.#spec.limits })
    this.#crew = new Crew({ name, wanted, clock, times, limits, fork: () => this.#fork(this.#bound?.place), observer: this })
    this.#handover = new Handover({ api: name, workers: this.#crew.workers, maxWaiting })
    // It is told to whoever starts this; nobody does when another service's place cannot be had.
    this.#started.promise.catch(() => undefined)
  }

  get workers(): number {
    return this.#crew.wanted
  }

  get label(): string {
    return this.#bound?.source.label ?? ''
  }

  get listening(): ListeningApi {
    return { api: this.name, host: '', port: 0, url: '', ...this.#bound?.place, workers: this.workers }
  }

  get source(): ConnectionSource | undefined {
    return this.#boundBy === null ? undefined : this.#bound?.source
  }

  get accepted(): number {
    return this.#accepted
  }

  async bind(): Promise<void> {
    const { bind } = this.#spec
    if (bind === undefined || bind === this.#boundBy) return
    this.#bound = await bind()
    this.#boundBy = bind
  }

  start(): Promise<void> {
    this.#listen()
    this.#crew.keep()
    return this.#started.promise
  }

  quiesce(): void {
    const reason = new Error(`${this.name} stops`)
    if (this.#phase !== 'FAILED' && this.#phase !== 'DRAINED') this.#phase = 'QUIET'
    if (this.#phase === 'QUIET') this.#crew.quiesce(reason)
    this.#started.reject(reason)
    this.#resumed?.reject(reason)
  }

  close(): void {
    this.#boundBy = null
    this.#bound?.source.close()
  }

  async stop(deadlineSeconds: number | null): Promise<StopOutcome> {
    const ended = this.#ended
    this.#phase = 'STOPPING'
    this.#handover.handRest()
    this.#crew.stop(deadlineSeconds)
    this.#endWhenAlone()
    await this.#stopHere(deadlineSeconds)
    return ended.promise
  }

  abort(): void {
    for (const worker of this.#crew.workers) worker.kill()
    this.#givenUp.resolve()
  }

  async drain(): Promise<StopOutcome> {
    if (this.#phase === 'DRAINED') return { cut: 0, clean: true }
    this.quiesce()
    await acceptQueued(() => this.#accepted)
    this.close()
    const outcome = await this.stop(this.#surroundings.times.gracefulTimeout || null)
    this.#phase = 'DRAINED'
    this.#ended = defer()
    this.#cut = 0
    this.#badExits = 0
    emit('api.drained', { api: this.name, cut: outcome.cut })
    return outcome
  }

  async reset(): Promise<void> {
    await this.#spec.service?.reset()
  }

  get scalable(): boolean {
    return this.#phase === 'STARTING' || this.#phase === 'SERVING'
  }

  scale(workers: number): void {
    if (!this.scalable) throw new RangeError(`${this.name} is ${this.#state()}: it takes a reload to have workers again`)
    const from = this.workers
    if (workers === from) return
    emit('api.scaled', { api: this.name, from, to: workers })
    this.#crew.keep(workers)
  }

  tell(announcement: Announcement): void {
    for (const worker of this.#crew.workers) worker.tell(announcement)
  }

  /** What {@link reload} and {@link takeOver} go by. */
  change(spec: Partial<WorkerGroupSpec>): void {
    this.#spec = { ...this.#spec, ...spec }
  }

  /** The workers stay and take `settings` over; those that are forked from now on are made as was last said. */
  takeOver(settings: unknown): void {
    this.#fork = this.#spec.fork
    this.tell({ verb: 'mutate', settings })
    if (this.scalable) this.scale(this.#spec.workers)
  }

  /** One worker after the other. When one of the new ones does not get ready, those that are left stay, and so does how they are forked. */
  async reload(): Promise<number> {
    const before = this.#fork
    let replaced = 0
    this.#checkStays()
    this.#fork = this.#spec.fork
    try {
      const old = this.#crew.active
      for (const worker of old.slice(0, this.#spec.workers)) replaced += await this.#replace(worker)
      if (this.#boundBy === null) await this.bind()
      for (const worker of old.slice(this.#spec.workers)) this.#crew.retire(worker)
      await this.#resume()
      return replaced
    } catch (error) {
      if (replaced === 0) this.#fork = before
      throw new PartialReload(replaced, error)
    }
  }

  /** To where it was last said to be, which the launcher does when every service was reloaded: none is elsewhere after half a reload. */
  async move(): Promise<void> {
    await this.bind()
    this.#listen()
  }

  /** What it listens on is another's now, and stays open when this service ends. */
  leave(): void {
    this.#bound = null
    this.#boundBy = null
  }

  status(): ServiceStatus {
    const { workers, wanted, lost } = this.#crew
    return {
      name: this.name,
      listening: this.label,
      state: this.#state(),
      workers: wanted,
      waiting: this.#handover.waiting,
      accepted: this.#accepted,
      lost,
      processes: workers.map((worker) => worker.status()),
    }
  }

  stuck(seconds: number): Promise<StuckProcess[]> {
    return Promise.all(this.#crew.workers.map(async (worker) => ({ service: this.name, pid: worker.pid, ...await findStuck(worker, seconds) })))
  }

  workerReady(): void {
    if (this.#phase === 'STARTING') this.#phase = 'SERVING'
    if (this.#crew.complete) this.#announceComplete()
    this.#handover.flush()
  }

  /** A service that never once got ready ends the start; there is nothing to keep alive then. Its siblings say the same again and are not heard. */
  workerFailed(pid: number, error: Error, told: boolean): void {
    if (told && this.#phase !== 'STARTING' && this.#phase !== 'FAILED') emit('service.failed', { api: this.name, pid, error })
    this.#resumed?.reject(error)
    if (this.#phase !== 'STARTING') return
    this.#phase = 'FAILED'
    this.#crew.end()
    this.#started.reject(error)
  }

  workerExited(worker: WorkerHandle, exit: WorkerExit, expected: boolean): void {
    if (this.#phase === 'STOPPING' && expected) this.#count(worker, exit)
    this.#handover.takeBack(worker.reclaim())
    this.#endWhenAlone()
  }

  workerWantsReset(worker: WorkerHandle): void {
    this.#surroundings.onResetAsked(worker)
  }

  workerHasRoom(): void {
    this.#handover.flush()
  }

  workerRefused(worker: WorkerHandle, socket: Socket): void {
    const error = new Error(`worker ${worker.pid} of ${this.name} could not take a connection: it has no file descriptor left`)
    emit('accept.failed', { listener: this.label, error })
    this.#handover.takeBack([socket])
  }

  #listen(): void {
    this.#bound?.source.onConnection((socket) => {
      this.#accepted += 1
      this.#handover.offer(socket)
    })
  }

  /** The launcher's own copy, which oslo.service stops once as well. */
  async #stopHere(deadlineSeconds: number | null): Promise<void> {
    this.#givenUp = defer()
    const timer = deadlineSeconds === null ? null : this.#surroundings.clock.setTimer(() => this.#givenUp.resolve(), deadlineSeconds * 1000)
    try {
      await Promise.race([this.#spec.service?.stop(), this.#givenUp.promise])
    } catch (error) {
      emit('service.failed', { api: this.name, pid: process.pid, error })
    } finally {
      timer?.cancel()
    }
  }

  #replace(worker: WorkerHandle): Promise<number> {
    this.#checkStays()
    return this.#crew.replace(worker)
  }

  /** Throws when a stop has begun. */
  #checkStays(): void {
    if (this.#phase === 'QUIET' || this.#phase === 'STOPPING') throw new Error(`${this.name} stops`)
  }

  /** The wanted number of workers, also of a service that was drained, or whose workers die as fast as they start. */
  async #resume(): Promise<void> {
    const { workers } = this.#spec
    this.#phase = 'SERVING'
    if (workers !== this.workers) emit('api.scaled', { api: this.name, from: this.workers, to: workers })
    this.#crew.keep(workers)
    if (this.#crew.complete) return
    this.#resumed = defer()
    await this.#resumed.promise
  }

  #announceComplete(): void {
    this.#started.resolve()
    this.#resumed?.resolve()
  }

  /** How the stop went is told by those that end in it: what came to one before was told then. */
  #count(worker: WorkerHandle, exit: WorkerExit): void {
    this.#cut += worker.cut
    if (exit.code !== 0) this.#badExits += 1
  }

  #state(): ServiceStatus['state'] {
    if (this.#phase === 'QUIET') return 'DRAINING'
    return this.#phase === 'SERVING' && this.#crew.changing ? 'RELOADING' : this.#phase
  }

  #endWhenAlone(): void {
    if (this.#phase !== 'STOPPING' || this.#crew.workers.length > 0) return
    this.#crew.close()
    this.#cut += this.#handover.drop()
    this.#ended.resolve({ cut: this.#cut, clean: this.#cut === 0 && this.#badExits === 0 })
  }
}
