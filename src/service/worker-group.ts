import type { Socket } from 'node:net'
import type { Clock, Timer } from '../clock.ts'
import { emit } from '../events.ts'
import { defer } from './deferred.ts'
import { Handover } from './handover.ts'
import { RespawnPolicy } from './policy.ts'
import type { ChildPort, WorkerExit } from './ports.ts'
import type { ConnectionSource } from './service-base.ts'
import type { StopOutcome, Unit } from './unit.ts'
import { WorkerHandle, type WorkerObserver } from './worker-handle.ts'

export interface WorkerGroupOptions {
  readonly name: string
  readonly workers: number
  readonly source: ConnectionSource
  readonly fork: () => ChildPort
  readonly clock: Clock
  /** Seconds a worker gets that is stopped on its own; 0 for as long as it takes. */
  readonly gracefulTimeout: number
  readonly maxWaiting: number
}

/** After a fork the system refused. */
const FORK_RETRY = 1000

/** One API in worker processes: keeps the wanted number of them alive and takes the API's connections to them. */
export class WorkerGroup implements Unit, WorkerObserver {
  readonly name: string
  readonly workers: number
  readonly label: string
  readonly #options: WorkerGroupOptions
  readonly #throttle: RespawnPolicy
  readonly #handles: WorkerHandle[] = []
  readonly #handover: Handover
  readonly #started = defer<void>()
  readonly #ended = defer<StopOutcome>()
  /** STARTING until a worker was ready for the first time: till then a failure is the start's. QUIET while a stop is being prepared. */
  #phase: 'STARTING' | 'SERVING' | 'QUIET' | 'FAILED' | 'STOPPING' = 'STARTING'
  #pendingFork: Timer | undefined
  #accepted = 0
  #cut = 0
  #badExits = 0

  constructor(options: WorkerGroupOptions) {
    const { name, workers, source, maxWaiting } = options
    this.name = name
    this.workers = workers
    this.label = source.label
    this.#options = options
    this.#throttle = new RespawnPolicy(workers, options.clock)
    this.#handover = new Handover({ api: name, workers: this.#handles, maxWaiting })
  }

  get accepted(): number {
    return this.#accepted
  }

  start(): Promise<void> {
    this.#options.source.onConnection((socket) => {
      this.#accepted += 1
      this.#handover.offer(socket)
    })
    this.#maintainWorkerCount()
    return this.#started.promise
  }

  quiesce(): void {
    if (this.#phase !== 'FAILED') this.#phase = 'QUIET'
    for (const worker of this.#handles) worker.quiesce()
  }

  close(): void {
    this.#options.source.close()
  }

  stop(deadlineSeconds: number | null): Promise<StopOutcome> {
    this.#phase = 'STOPPING'
    this.#pendingFork?.cancel()
    this.#handover.handRest()
    for (const worker of this.#handles) worker.stop(deadlineSeconds)
    this.#endWhenAlone()
    return this.#ended.promise
  }

  abort(): void {
    for (const worker of this.#handles) worker.kill()
  }

  workerReady(worker: WorkerHandle): void {
    emit('worker.ready', { api: this.name, pid: worker.pid, seconds: worker.age })
    if (this.#phase === 'STARTING') this.#phase = 'SERVING'
    if (this.#handles.filter((handle) => handle.state === 'READY').length >= this.workers) this.#started.resolve()
    this.#handover.flush()
  }

  /** While a stop is being prepared the worker's own turn comes anyway; TERM often goes to a whole process group. */
  workerWantsStop(worker: WorkerHandle): void {
    if (this.#phase === 'QUIET') return
    worker.quiesce()
    worker.stop(this.#options.gracefulTimeout || null)
    this.#maintainWorkerCount()
  }

  workerFailed(worker: WorkerHandle, error: Error): void {
    this.#report(worker.pid, error)
  }

  workerExited(worker: WorkerHandle, exit: WorkerExit, expected: boolean): void {
    this.#handles.splice(this.#handles.indexOf(worker), 1)
    emit('worker.exited', { api: this.name, pid: worker.pid, code: exit.code, signal: exit.signal, expected })
    if (this.#phase === 'STOPPING' && expected) this.#count(worker, exit)
    this.#handover.takeBack(worker.reclaim())
    if (exit.error !== undefined) this.#report(worker.pid, exit.error)
    else if (this.#phase === 'STARTING' && !expected) this.#failStart(describeExit(this.name, worker.pid, exit))
    this.#maintainWorkerCount()
    this.#endWhenAlone()
  }

  /** How the stop went is told by those that end in it: what came to one before was told then. */
  #count(worker: WorkerHandle, exit: WorkerExit): void {
    this.#cut += worker.cut
    if (exit.code !== 0) this.#badExits += 1
  }

  workerHasRoom(): void {
    this.#handover.flush()
  }

  workerRefused(worker: WorkerHandle, socket: Socket): void {
    const error = new Error(`worker ${worker.pid} of ${this.name} could not take a connection: it has no file descriptor left`)
    emit('accept.failed', { listener: this.label, error })
    this.#handover.takeBack([socket])
  }

  /** The start's error is for whoever called `start`; its siblings say the same again and are not heard. */
  #report(pid: number, error: Error): void {
    if (this.#phase === 'STARTING') this.#failStart(error)
    else if (this.#phase !== 'FAILED') emit('service.failed', { api: this.name, pid, error })
  }

  /** An API that never once got ready ends the start; there is nothing to keep alive then. */
  #failStart(error: Error): void {
    this.#phase = 'FAILED'
    this.#started.reject(error)
  }

  #maintainWorkerCount(): void {
    while (this.#pendingFork === undefined && this.#missing() > 0) {
      const delay = this.#throttle.delayBeforeFork()
      if (delay > 0) this.#forkLater(delay)
      else this.#fork()
    }
  }

  #missing(): number {
    if (this.#phase === 'STOPPING' || this.#phase === 'FAILED') return 0
    return this.workers - this.#handles.filter((worker) => worker.state === 'STARTING' || worker.state === 'READY').length
  }

  #forkLater(delay: number): void {
    emit('worker.throttled', { api: this.name, seconds: delay / 1000 })
    this.#pendingFork = this.#options.clock.setTimer(() => {
      this.#pendingFork = undefined
      this.#fork()
      this.#maintainWorkerCount()
    }, delay)
  }

  #fork(): void {
    try {
      this.#adopt(this.#options.fork())
    } catch (error) {
      this.#report(0, error as Error)
      if (this.#phase !== 'FAILED') this.#forkLater(FORK_RETRY)
    }
  }

  #adopt(port: ChildPort): void {
    const worker = new WorkerHandle(port, this.#options.clock, this)
    this.#handles.push(worker)
    emit('worker.started', { api: this.name, pid: worker.pid })
    if (this.#phase === 'QUIET') worker.quiesce()
  }

  #endWhenAlone(): void {
    if (this.#phase !== 'STOPPING' || this.#handles.length > 0) return
    this.#cut += this.#handover.drop()
    this.#ended.resolve({ cut: this.#cut, clean: this.#cut === 0 && this.#badExits === 0 })
  }
}

function describeExit(api: string, pid: number, { code, signal }: WorkerExit): Error {
  const how = signal === null ? `exited with code ${code}` : `was killed by ${signal}`
  return new Error(`a worker of ${api} (pid ${pid}) ${how} before it was ready`)
}
