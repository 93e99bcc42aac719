import type { Socket } from 'node:net'
import type { Clock, Timer } from '../clock.ts'
import { emit, type ListeningApi } from '../events.ts'
import { acceptQueued } from './accept-queued.ts'
import { defer, type Deferred } from './deferred.ts'
import { HangDetector } from './hang-detector.ts'
import { explainExit } from './exit-codes.ts'
import { Handover } from './handover.ts'
import type { ServiceStatus, StuckProcess, WorkerReport } from './operations.ts'
import { killHung, killLate } from './hang-kill.ts'
import type { ChildPort, WorkerExit } from './ports.ts'
import { PartialReload, Replacer } from './replacer.ts'
import { RestartPolicy } from './restart-policy.ts'
import type { Bound, ConnectionSource, Place, ServiceBase } from './service-base.ts'
import type { StopTimes } from './stop-sequence.ts'
import type { StopOutcome } from './stop-outcome.ts'
import { DEFAULT_LIMITS, type SupervisionLimits } from './supervision-limits.ts'
import type { Announcement, Unit } from './unit.ts'
import { WorkerHandle, type WorkerObserver } from './worker-handle.ts'

/** A service to be run in worker processes. */
export interface WorkerGroupSpec {
  readonly name: string
  /** How many processes. */
  readonly workers: number
  /** Starts one process of it, which goes on to call `runWorker`. */
  readonly fork: (place?: Place) => ChildPort
  /** For a service that serves connections. */
  readonly bind?: () => Promise<Bound>
  /** How many connections may wait for a worker before further ones are closed. Default 4096. */
  readonly maxWaiting?: number
  /** When a worker is killed, or replaced. Default: {@link DEFAULT_LIMITS}. */
  readonly limits?: Partial<SupervisionLimits>
  /** The service as the launcher's own process has it; it is never started there. */
  readonly service?: Pick<ServiceBase, 'stop' | 'reset'>
}

/** What is the launcher's, and not the service's. */
export interface WorkerGroupSurroundings {
  readonly clock: Clock
  /** What a worker gets that is stopped on its own. */
  readonly times: Readonly<StopTimes>
  /** A worker got HUP: it wants the settings as they are now. */
  readonly onResetAsked: (worker: WorkerHandle) => void
}

/** After a fork the system refused. */
const FORK_RETRY = 1000
/** Milliseconds from the beginning of one recycling to that of the next. */
const RECYCLE_PAUSE = 1000

/**
 * STARTING until a worker was ready for the first time: till then a failure is the start's. QUIET while a stop is being prepared. DRAINED
 * when only this service was stopped.
 */
type Phase = 'STARTING' | 'SERVING' | 'QUIET' | 'FAILED' | 'STOPPING' | 'DRAINED'

/** One service in worker processes: keeps the wanted number of them alive and takes its connections to them. */
export class WorkerGroup implements Unit, WorkerObserver {
  readonly name: string
  readonly #clock: Clock
  readonly #surroundings: WorkerGroupSurroundings
  readonly #handles: WorkerHandle[] = []
  readonly #handover: Handover
  readonly #replacer: Replacer
  readonly #hangs: HangDetector<WorkerHandle>
  #spec: WorkerGroupSpec
  #fork: WorkerGroupSpec['fork']
  #bound: Bound | null = null
  /** Null when that is closed. */
  #boundBy: WorkerGroupSpec['bind'] | null = null
  #wanted: number
  #restarts: RestartPolicy
  #phase: Phase = 'STARTING'
  readonly #started = defer<void>()
  /** Of a reload that waits for the wanted number of workers. */
  #resumed: Deferred<void> | null = null
  #ended: Deferred<StopOutcome> = defer()
  #pendingFork: Timer | undefined
  #accepted = 0
  #recycledAt = -Infinity
  #lost = 0
  #cut = 0
  #badExits = 0

  constructor(spec: WorkerGroupSpec, surroundings: WorkerGroupSurroundings) {
    const { name, workers, fork, maxWaiting = 4096 } = spec
    this.name = name
    this.#spec = spec
    this.#surroundings = surroundings
    this.#clock = surroundings.clock
    this.#fork = fork
    this.#wanted = workers
    this.#restarts = new RestartPolicy(workers, this.#clock)
    this.#handover = new Handover({ api: name, workers: this.#handles, maxWaiting })
    this.#hangs = new HangDetector({
      clock: this.#clock,
      workers: this.#handles,
      limits: () => this.#limits,
      onHung: (worker, seconds) => void killHung(name, worker, seconds),
      onLate: (worker, seconds) => killLate(name, worker, seconds),
    })
    this.#replacer = new Replacer({ forkSuccessor: () => this.#forkOne(), retire: (worker) => this.#retire(worker) })
  }

  get #limits(): SupervisionLimits {
    return { ...DEFAULT_LIMITS, ...this.#spec.limits }
  }

  get workers(): number {
    return this.#wanted
  }

  get label(): string {
    return this.#bound?.source.label ?? ''
  }

  get listening(): ListeningApi {
    return { api: this.name, host: '', port: 0, url: '', ...this.#bound?.place, workers: this.#wanted }
  }

  /** What it listens on now. */
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
    this.#maintainWorkerCount()
    return this.#started.promise
  }

  quiesce(): void {
    if (this.#phase !== 'FAILED' && this.#phase !== 'DRAINED') this.#phase = 'QUIET'
    const reason = new Error(`${this.name} stops`)
    this.#replacer.cancel(reason)
    this.#started.reject(reason)
    this.#resumed?.reject(reason)
    for (const worker of this.#handles) worker.quiesce()
  }

  close(): void {
    this.#boundBy = null
    this.#bound?.source.close()
  }

  async stop(deadlineSeconds: number | null): Promise<StopOutcome> {
    const ended = this.#ended
    this.#phase = 'STOPPING'
    this.#pendingFork?.cancel()
    this.#pendingFork = undefined
    this.#handover.handRest()
    for (const worker of this.#handles) worker.stop(deadlineSeconds)
    this.#endWhenAlone()
    await this.#stopHere()
    return ended.promise
  }

  /** The launcher's own copy, which oslo.service stops once as well. */
  async #stopHere(): Promise<void> {
    try {
      await this.#spec.service?.stop()
    } catch (error) {
      emit('service.failed', { api: this.name, pid: process.pid, error })
    }
  }

  abort(): void {
    for (const worker of this.#handles) worker.kill()
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

  scale(workers: number): void {
    const from = this.#wanted
    if (workers === from) return
    emit('api.scaled', { api: this.name, from, to: workers })
    this.#wanted = workers
    this.#restarts = new RestartPolicy(workers, this.#clock)
    this.#retireSurplus()
    this.#maintainWorkerCount()
  }

  tell(announcement: Announcement): void {
    for (const worker of this.#handles) worker.tell(announcement)
  }

  /** What {@link reload} and {@link takeOver} go by. */
  change(spec: Partial<WorkerGroupSpec>): void {
    this.#spec = { ...this.#spec, ...spec }
  }

  /** The workers stay and take `settings` over; those that are forked from now on are made as was last said. */
  takeOver(settings: unknown): void {
    this.#fork = this.#spec.fork
    this.tell({ verb: 'mutate', settings })
    if (this.#phase !== 'DRAINED') this.scale(this.#spec.workers)
  }

  /** One worker after the other. When one of the new ones does not get ready, those that are left stay, and so does how they are forked. */
  async reload(): Promise<number> {
    this.#checkStays()
    const before = this.#fork
    this.#fork = this.#spec.fork
    let replaced = 0
    try {
      const old = this.#active()
      for (const worker of old.slice(0, this.#spec.workers)) replaced += await this.#replace(worker)
      if (this.#boundBy === null) await this.bind()
      for (const worker of old.slice(this.#spec.workers)) if (isAlive(worker)) this.#retire(worker)
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
    return {
      name: this.name,
      listening: this.label,
      state: this.#state(),
      workers: this.#wanted,
      waiting: this.#handover.waiting,
      accepted: this.#accepted,
      lost: this.#lost,
      processes: this.#handles.map((worker) => worker.status()),
    }
  }

  stuck(seconds: number): Promise<StuckProcess[]> {
    return Promise.all(this.#handles.map(async (worker) => ({ service: this.name, pid: worker.pid, ...await findStuck(worker, seconds) })))
  }

  workerReady(worker: WorkerHandle): void {
    emit('worker.ready', { api: this.name, pid: worker.pid, seconds: worker.age })
    if (this.#phase === 'STARTING') this.#phase = 'SERVING'
    this.#restarts.gotReady()
    this.#replacer.ready(worker)
    if (this.#isComplete()) this.#announceComplete()
    this.#retireSurplus()
    this.#handover.flush()
  }

  /**
   * While a stop is being prepared the worker's own turn comes anyway. TERM often goes to a whole process group, and a worker may be quicker to say so than
   * the signal is to reach us: hence the next turn.
   */
  workerWantsStop(worker: WorkerHandle): void {
    setImmediate(() => {
      if (this.#phase === 'QUIET' || this.#phase === 'STOPPING' || !isAlive(worker)) return
      this.#retire(worker)
      this.#maintainWorkerCount()
    })
  }

  workerWantsReset(worker: WorkerHandle): void {
    this.#surroundings.onResetAsked(worker)
  }

  workerBeat(worker: WorkerHandle, report: WorkerReport): void {
    const reason = worker.recycling.reason(report, worker.age, this.#limits)
    if (reason === null || this.#phase !== 'SERVING' || worker.state !== 'READY' || !this.#mayRecycle()) return
    emit('worker.recycling', { api: this.name, pid: worker.pid, reason })
    // What comes of it is told by the workers' own events; when no successor gets ready the next beat asks again.
    this.#replacer.replace(worker).catch(() => undefined)
  }

  /** One after the other, and a pause between them. */
  #mayRecycle(): boolean {
    const now = this.#clock.now()
    if (this.#replacer.busy || now < this.#recycledAt + RECYCLE_PAUSE) return false
    this.#recycledAt = now
    return true
  }

  workerFailed(worker: WorkerHandle, error: Error): void {
    this.#report(worker.pid, error)
    this.#replacer.failed(worker, error)
  }

  workerExited(worker: WorkerHandle, exit: WorkerExit, expected: boolean): void {
    this.#handles.splice(this.#handles.indexOf(worker), 1)
    const explanation = expected || worker.killed ? '' : explainExit(exit)
    emit('worker.exited', { api: this.name, pid: worker.pid, code: exit.code, signal: exit.signal, expected, explanation })
    if (!expected) this.#lost += 1
    if (!expected && !worker.wasReady && !this.#replacer.isSuccessor(worker)) this.#restarts.endedUnready()
    if (this.#phase === 'STOPPING' && expected) this.#count(worker, exit)
    this.#handover.takeBack(worker.reclaim())
    const early = describeExit(this.name, worker.pid, exit)
    if (exit.error !== undefined) this.#report(worker.pid, exit.error)
    else if (!expected && !worker.wasReady) this.#fail(early)
    this.#replacer.exited(worker, exit.error ?? early)
    this.#maintainWorkerCount()
    this.#endWhenAlone()
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

  /** One that ended meanwhile was replaced by a new one already. */
  async #replace(worker: WorkerHandle): Promise<number> {
    this.#checkStays()
    if (!isAlive(worker)) return 0
    await this.#replacer.replace(worker)
    return 1
  }

  /** Throws when a stop has begun. */
  #checkStays(): void {
    if (this.#phase === 'QUIET' || this.#phase === 'STOPPING') throw new Error(`${this.name} stops`)
  }

  /** The wanted number of workers, also of a service that was drained, or whose workers die as fast as they start. */
  async #resume(): Promise<void> {
    this.#pendingFork?.cancel()
    this.#pendingFork = undefined
    if (this.#phase === 'DRAINED' || this.#phase === 'FAILED') this.#phase = 'SERVING'
    this.#restarts = new RestartPolicy(this.#spec.workers, this.#clock)
    this.scale(this.#spec.workers)
    this.#maintainWorkerCount()
    if (this.#isComplete()) return
    this.#resumed = defer()
    await this.#resumed.promise
  }

  #retire(worker: WorkerHandle): void {
    worker.quiesce()
    worker.stop(this.#surroundings.times.gracefulTimeout || null)
  }

  /** How the stop went is told by those that end in it: what came to one before was told then. */
  #count(worker: WorkerHandle, exit: WorkerExit): void {
    this.#cut += worker.cut
    if (exit.code !== 0) this.#badExits += 1
  }

  /** The start's error is for whoever called `start`; its siblings say the same again and are not heard. */
  #report(pid: number, error: Error): void {
    if (this.#phase !== 'STARTING' && this.#phase !== 'FAILED') emit('service.failed', { api: this.name, pid, error })
    this.#fail(error)
  }

  /** A service that never once got ready ends the start; there is nothing to keep alive then. */
  #fail(error: Error): void {
    this.#resumed?.reject(error)
    if (this.#phase !== 'STARTING') return
    this.#phase = 'FAILED'
    this.#started.reject(error)
  }

  #announceComplete(): void {
    this.#started.resolve()
    this.#resumed?.resolve()
  }

  #isComplete(): boolean {
    return this.#handles.filter(({ state }) => state === 'READY').length >= this.#wanted
  }

  /** Those that are to go on: an extra one is only counted when the one it replaces has gone. */
  #active(): WorkerHandle[] {
    return this.#handles.filter((worker) => isAlive(worker) && !this.#replacer.isExtra(worker))
  }

  #maintainWorkerCount(): void {
    while (this.#pendingFork === undefined && this.#missing() > 0) {
      const delay = this.#restarts.delayBeforeFork()
      if (delay > 0) this.#forkLater(delay)
      else this.#tryFork()
    }
  }

  #missing(): number {
    if (this.#phase === 'STOPPING' || this.#phase === 'FAILED' || this.#phase === 'DRAINED') return 0
    return this.#wanted - this.#active().length
  }

  /** The youngest go first: the others have caches. */
  #retireSurplus(): void {
    for (const worker of this.#active().slice(this.#wanted)) this.#retire(worker)
  }

  #forkLater(delay: number): void {
    emit('worker.throttled', { api: this.name, seconds: delay / 1000 })
    this.#pendingFork = this.#clock.setTimer(() => {
      this.#pendingFork = undefined
      this.#tryFork()
      this.#maintainWorkerCount()
    }, delay)
  }

  #tryFork(): void {
    try {
      this.#forkOne()
    } catch (error) {
      this.#report(0, error as Error)
      if (this.#missing() > 0) this.#forkLater(FORK_RETRY)
    }
  }

  /** Throws when the system refuses. */
  #forkOne(): WorkerHandle {
    const port = this.#fork(this.#bound?.place)
    const worker = new WorkerHandle(port, this.#clock, this)
    this.#handles.push(worker)
    emit('worker.started', { api: this.name, pid: worker.pid })
    if (this.#phase === 'QUIET') worker.quiesce()
    return worker
  }

  #state(): ServiceStatus['state'] {
    if (this.#phase === 'QUIET') return 'DRAINING'
    return this.#phase === 'SERVING' && this.#replacer.busy ? 'RELOADING' : this.#phase
  }

  #endWhenAlone(): void {
    if (this.#phase !== 'STOPPING' || this.#handles.length > 0) return
    this.#hangs.close()
    this.#cut += this.#handover.drop()
    this.#ended.resolve({ cut: this.#cut, clean: this.#cut === 0 && this.#badExits === 0 })
  }
}

/** It has not been told to end. */
function isAlive({ state }: WorkerHandle): boolean {
  return state === 'STARTING' || state === 'READY'
}

/** Of one that does not answer, as its main loop is blocked, where that is. */
async function findStuck(worker: WorkerHandle, seconds: number): Promise<Pick<StuckProcess, 'work' | 'stack'>> {
  const work = await worker.listWork(seconds)
  if (work !== null) return { work }
  const seen = await worker.inspect()
  return seen === null ? { work: [] } : { work: seen.work.filter((item) => item.seconds >= seconds), stack: seen.stack }
}

function describeExit(api: string, pid: number, { code, signal }: WorkerExit): Error {
  const how = signal === null ? `exited with code ${code}` : `was killed by ${signal}`
  return new Error(`a worker of ${api} (pid ${pid}) ${how} before it was ready`)
}
