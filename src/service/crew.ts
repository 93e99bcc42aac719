import type { Socket } from 'node:net'
import type { Clock, Timer } from '../clock.ts'
import { emit } from '../events.ts'
import { explainExit } from './exit-codes.ts'
import { HangDetector } from './hang-detector.ts'
import { killHung, killLate } from './hang-kill.ts'
import type { WorkerReport } from './operations.ts'
import type { ChildPort, WorkerExit } from './ports.ts'
import { Replacer } from './replacer.ts'
import { RestartPolicy } from './restart-policy.ts'
import type { StopTimes } from './stop-sequence.ts'
import type { SupervisionLimits } from './supervision-limits.ts'
import { WorkerHandle, type WorkerObserver } from './worker-handle.ts'

export interface CrewOptions {
  readonly name: string
  /** How many processes there should be at first. */
  readonly wanted: number
  readonly clock: Clock
  /** What a worker gets that is stopped on its own. */
  readonly times: Readonly<StopTimes>
  /** Asked whenever it matters. */
  readonly limits: () => SupervisionLimits
  /** Throws when the system refuses. */
  readonly fork: () => ChildPort
  readonly observer: CrewObserver
}

/** Who goes on with what becomes of the workers. */
export interface CrewObserver {
  workerReady(): void
  /** A worker that was never ready has ended, or will, or could not be forked: for nothing that anybody asked for. `told` when the worker itself said why. */
  workerFailed(pid: number, error: Error, told: boolean): void
  /** It is no longer among the workers. */
  workerExited(worker: WorkerHandle, exit: WorkerExit, expected: boolean): void
  workerWantsReset(worker: WorkerHandle): void
  workerHasRoom(): void
  workerRefused(worker: WorkerHandle, socket: Socket): void
}

/** After a fork the system refused. */
const FORK_RETRY = 1000
/** Milliseconds from the beginning of one recycling to that of the next. */
const RECYCLE_PAUSE = 1000

/**
 * KEPT: those that end are replaced, and so are those that are due. QUIET, while a stop is being prepared: those that end are, and know of it. ENDING:
 * nobody is.
 */
type Mode = 'KEPT' | 'QUIET' | 'ENDING'

/** The worker processes of one service: as many as are wanted, each watched, replaced when it ends, hangs, or is due. */
export class Crew implements WorkerObserver {
  readonly workers: WorkerHandle[] = []
  readonly #options: CrewOptions
  readonly #replacer: Replacer
  #hangs: HangDetector<WorkerHandle> | null = null
  #restarts: RestartPolicy
  #wanted: number
  #mode: Mode = 'KEPT'
  #pendingFork: Timer | undefined
  #recycledAt = -Infinity
  #lost = 0

  constructor(options: CrewOptions) {
    this.#options = options
    this.#wanted = options.wanted
    this.#restarts = new RestartPolicy(options.wanted, options.clock)
    this.#replacer = new Replacer({ forkSuccessor: () => this.#forkOne(), retire: (worker) => this.retire(worker) })
  }

  get wanted(): number {
    return this.#wanted
  }

  /** Processes that ended although nobody asked them to. */
  get lost(): number {
    return this.#lost
  }

  /** One is being replaced. */
  get changing(): boolean {
    return this.#replacer.busy
  }

  get complete(): boolean {
    return this.workers.filter(({ state }) => state === 'READY').length >= this.#wanted
  }

  /** Those that are to go on: an extra one is only counted when the one it replaces has gone. */
  get active(): WorkerHandle[] {
    return this.workers.filter((worker) => isAlive(worker) && !this.#replacer.isExtra(worker))
  }

  /** Keeps `wanted` workers from now on, without a thought for how the last ones fared. */
  keep(wanted: number = this.#wanted): void {
    this.#mode = 'KEPT'
    this.#cancelFork()
    this.#restarts = new RestartPolicy(wanted, this.#options.clock)
    this.#hangs ??= this.#watch()
    this.#wanted = wanted
    this.#retireSurplus()
    this.#fill()
  }

  /** Tells all that a stop is coming. */
  quiesce(reason: Error): void {
    this.#mode = 'QUIET'
    this.#replacer.cancel(reason)
    for (const worker of this.workers) worker.quiesce()
  }

  stop(deadlineSeconds: number | null): void {
    this.end()
    for (const worker of this.workers) worker.stop(deadlineSeconds)
  }

  /** Forks nobody any more. */
  end(): void {
    this.#mode = 'ENDING'
    this.#cancelFork()
  }

  /** When the last one has ended: one that is to end may hang as well. */
  close(): void {
    this.#hangs?.close()
    this.#hangs = null
  }

  /** Another takes its place before it may finish. Resolves with how many were replaced: none when it ended by itself meanwhile. */
  async replace(worker: WorkerHandle): Promise<number> {
    if (!isAlive(worker)) return 0
    await this.#replacer.replace(worker)
    return 1
  }

  /** Lets it finish and end; whether it has a successor is seen to then. */
  retire(worker: WorkerHandle): void {
    if (!isAlive(worker)) return
    worker.quiesce()
    worker.stop(this.#options.times.gracefulTimeout || null)
  }

  workerReady(worker: WorkerHandle): void {
    emit('worker.ready', { api: this.#options.name, pid: worker.pid, seconds: worker.age })
    this.#restarts.gotReady()
    this.#replacer.ready(worker)
    this.#options.observer.workerReady()
    this.#retireSurplus()
  }

  /**
   * While a stop is being prepared the worker's own turn comes anyway. TERM often goes to a whole process group, and a worker may be quicker to say so than
   * the signal is to reach us: hence the next turn.
   */
  workerWantsStop(worker: WorkerHandle): void {
    setImmediate(() => {
      if (this.#mode !== 'KEPT') return
      this.retire(worker)
      this.#fill()
    })
  }

  workerWantsReset(worker: WorkerHandle): void {
    this.#options.observer.workerWantsReset(worker)
  }

  workerBeat(worker: WorkerHandle, report: WorkerReport): void {
    const reason = worker.recycling.reason(report, worker.age, this.#options.limits())
    if (reason === null || this.#mode !== 'KEPT' || worker.state !== 'READY' || !this.#mayRecycle()) return
    emit('worker.recycling', { api: this.#options.name, pid: worker.pid, reason })
    // What comes of it is told by the workers' own events; when no successor gets ready the next beat asks again.
    this.#replacer.replace(worker).catch(() => undefined)
  }

  workerFailed(worker: WorkerHandle, error: Error): void {
    this.#options.observer.workerFailed(worker.pid, error, true)
    this.#replacer.failed(worker, error)
  }

  workerExited(worker: WorkerHandle, exit: WorkerExit, expected: boolean): void {
    const { name, observer } = this.#options
    const early = exit.error ?? describeEarlyExit(name, worker.pid, exit)
    this.workers.splice(this.workers.indexOf(worker), 1)
    const explanation = expected || worker.killed ? '' : explainExit(exit)
    emit('worker.exited', { api: name, pid: worker.pid, code: exit.code, signal: exit.signal, expected, explanation })
    if (!expected) this.#countLoss(worker, exit, early)
    observer.workerExited(worker, exit, expected)
    this.#replacer.exited(worker, early)
    this.#fill()
  }

  workerHasRoom(): void {
    this.#options.observer.workerHasRoom()
  }

  workerRefused(worker: WorkerHandle, socket: Socket): void {
    this.#options.observer.workerRefused(worker, socket)
  }

  #countLoss(worker: WorkerHandle, exit: WorkerExit, early: Error): void {
    this.#lost += 1
    if (worker.wasReady) return
    if (!this.#replacer.isSuccessor(worker)) this.#restarts.endedUnready(worker.forkedAt)
    this.#options.observer.workerFailed(worker.pid, early, exit.error !== undefined)
  }

  /** One after the other, and a pause between them. */
  #mayRecycle(): boolean {
    const now = this.#options.clock.now()
    if (this.#replacer.busy || now < this.#recycledAt + RECYCLE_PAUSE) return false
    this.#recycledAt = now
    return true
  }

  #watch(): HangDetector<WorkerHandle> {
    const { clock, limits, name } = this.#options
    return new HangDetector({
      clock,
      limits,
      workers: this.workers,
      onHung: (worker, seconds) => void killHung(name, worker, seconds),
      onLate: (worker, seconds) => void killLate(name, worker, seconds),
    })
  }

  /** The youngest go first: the others have caches. */
  #retireSurplus(): void {
    for (const worker of this.active.slice(this.#wanted)) this.retire(worker)
  }

  #fill(): void {
    while (this.#pendingFork === undefined && this.#missing() > 0) {
      const delay = this.#restarts.delayBeforeFork()
      if (delay > 0) this.#forkLater(delay)
      else this.#tryFork()
    }
  }

  #missing(): number {
    return this.#mode === 'ENDING' ? 0 : this.#wanted - this.active.length
  }

  #forkLater(delay: number): void {
    emit('worker.throttled', { api: this.#options.name, seconds: delay / 1000 })
    this.#pendingFork = this.#options.clock.setTimer(() => {
      this.#pendingFork = undefined
      this.#tryFork()
      this.#fill()
    }, delay)
  }

  #cancelFork(): void {
    this.#pendingFork?.cancel()
    this.#pendingFork = undefined
  }

  #tryFork(): void {
    try {
      this.#forkOne()
    } catch (error) {
      this.#options.observer.workerFailed(0, error as Error, true)
      if (this.#missing() > 0) this.#forkLater(FORK_RETRY)
    }
  }

  #forkOne(): WorkerHandle {
    const { clock, fork, name } = this.#options
    const worker = new WorkerHandle(fork(), clock, this)
    this.workers.push(worker)
    emit('worker.started', { api: name, pid: worker.pid })
    if (this.#mode === 'QUIET') worker.quiesce()
    return worker
  }
}

/** It has not been told to end. */
function isAlive({ state }: WorkerHandle): boolean {
  return state === 'STARTING' || state === 'READY'
}

function describeEarlyExit(api: string, pid: number, { code, signal }: WorkerExit): Error {
  const how = signal === null ? `exited with code ${code}` : `was killed by ${signal}`
  return new Error(`a worker of ${api} (pid ${pid}) ${how} before it was ready`)
}
