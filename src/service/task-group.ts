import { type Clock, systemClock } from '../clock.ts'
import { checkNumber } from './check-number.ts'
import { DynamicLoopingCall, type DynamicStart, type Suggestion } from './dynamic-looping-call.ts'
import { FixedIntervalLoopingCall } from './fixed-interval-looping-call.ts'
import { GroupTask, type TaskOwner } from './group-task.ts'
import type { LoopFunction, LoopStart } from './looping-call.ts'
import type { Activity, WorkItem } from './service-base.ts'
import { sleep } from './sleep.ts'
import type { Task, TaskFunction, TaskOptions } from './task.ts'

export interface TaskGroupOptions {
  /** Tasks that may run at a time. Default: 10. */
  size?: number
  /** Default: the system's. */
  clock?: Clock
}

export interface TimerOptions extends LoopStart {
  /** For the log and for status. Default: the function's own name. */
  name?: string
}

export interface DynamicTimerOptions extends DynamicStart {
  /** For the log and for status. Default: the function's own name. */
  name?: string
}

/** A looping call of a group. */
export type GroupTimer = FixedIntervalLoopingCall | DynamicLoopingCall

/**
 * The tasks and timers of one service: oslo.service's ThreadGroup. What a task throws is reported as `task.failed` and otherwise told
 * only to who waits for that task.
 *
 * A task that stops its group, or waits for it, says so with `current`, for it would wait for itself. (To find that out unasked takes an
 * AsyncLocalStorage, which makes every promise of the process, and so every request, dearer: on Node 20 an async call 0.44 µs, not 0.1.)
 */
export class TaskGroup {
  readonly #size: number
  readonly #clock: Clock
  readonly #owner: TaskOwner
  readonly #waiting = new Set<GroupTask>()
  readonly #running = new Set<GroupTask>()
  readonly #timers = new Set<GroupTimer>()
  #life = new AbortController()
  #done = 0

  /** Throws TypeError or RangeError for a size that is none. */
  constructor({ size = 10, clock = systemClock }: TaskGroupOptions = {}) {
    checkNumber('size', size, 1)
    this.#size = size
    this.#clock = clock
    this.#owner = { clock, life: () => this.signal, ended: (task) => this.#ended(task) }
  }

  /** Aborts when a stop of the group begins. After that stop, when `wait` has resolved, there is a new one. */
  get signal(): AbortSignal {
    return this.#life.signal
  }

  /** Those that have not ended, in the order in which they began, then in the order in which they will. */
  get tasks(): Task[] {
    return [...this.#running, ...this.#waiting]
  }

  get timers(): GroupTimer[] {
    return [...this.#timers]
  }

  /** Runs `run` when there is room: after this call has returned, and after the tasks that were added before. */
  add<Result>(run: TaskFunction<Result>, options: TaskOptions = {}): Task<Result> {
    const task = new GroupTask(run, options, this.#owner)
    this.#waiting.add(task as GroupTask)
    queueMicrotask(() => this.#fill())
    return task
  }

  /** A started FixedIntervalLoopingCall, which the group keeps until it ends. `interval` in seconds. */
  addTimer(interval: number, run: LoopFunction<unknown>, options: TimerOptions = {}): FixedIntervalLoopingCall {
    const timer = new FixedIntervalLoopingCall(run, { clock: this.#clock, ...options })
    return this.#keep(timer, timer.start({ ...options, interval }))
  }

  /** A started DynamicLoopingCall, which the group keeps until it ends: `run` returns the seconds until it runs again. */
  addDynamicTimer(run: LoopFunction<Suggestion>, options: DynamicTimerOptions = {}): DynamicLoopingCall {
    const timer = new DynamicLoopingCall(run, { clock: this.#clock, ...options })
    return this.#keep(timer, timer.start(options))
  }

  /** The group forgets the timer, and will not stop it any more. */
  timerDone(timer: GroupTimer): void {
    if (this.#timers.delete(timer)) this.#done += timer.runs
  }

  /** Stops the timers; a run that there is may finish, and `wait` waits for it. */
  stopTimers(): void {
    for (const timer of this.#timers) timer.stop()
  }

  /**
   * Stops the timers. `immediate`, the default: and the tasks, all but `current`, and resolves at once. `graceful`: resolves when all
   * tasks, those that wait included, and all runs of timers have ended, all but `current`.
   */
  async stop(pace: 'graceful' | 'immediate' = 'immediate', current?: Task | GroupTimer): Promise<void> {
    this.stopTimers()
    this.#life.abort()
    if (pace === 'graceful') return this.#others(current)
    for (const task of this.tasks) if (task !== current) task.stop()
  }

  /** Resolves when all tasks and all timers have ended, all but `current`; a timer ends when it is stopped. Never rejects. */
  async wait(current?: Task | GroupTimer): Promise<void> {
    await this.#others(current)
    if (this.signal.aborted) this.#life = new AbortController()
  }

  /** Drops the tasks that have not begun. With a `timeout` in seconds: waits so long for the others to end, then stops the group as `immediate` does. */
  async cancel(timeout?: number, current?: Task): Promise<void> {
    for (const task of this.#waiting) task.cancel()
    if (timeout === undefined) return
    const others = (): Task[] => this.tasks.filter((task) => task !== current)
    const over = new AbortController()
    await Promise.race([ended(others), sleep(this.#clock, timeout * 1000, over.signal)])
    over.abort()
    if (others().length > 0) await this.stop('immediate', current)
  }

  /** Stops everything, and returns how many tasks, and runs of timers, that cost. */
  abort(): number {
    const cost = this.inProgress().length
    void this.stop('immediate')
    return cost
  }

  /** A run of a timer counts as a task. */
  activity(): Activity {
    const timers = this.timers
    return {
      done: timers.reduce((sum, timer) => sum + timer.runs, this.#done),
      inFlight: this.#running.size + timers.filter(isInRun).length,
      queued: this.#waiting.size,
      connections: { IDLE: 0, REQUEST: 0, CLOSE: 0 },
    }
  }

  /** Tasks, and runs of timers, the oldest first. */
  inProgress(): WorkItem[] {
    const tasks = [...this.#running, ...this.#waiting].map((task) => task.describe())
    const runs = this.timers.filter(isInRun).map(({ name, kind, runSeconds = 0 }) => ({ id: name, what: kind, seconds: runSeconds, phase: 'running' }))
    return [...tasks, ...runs].toSorted((one, other) => other.seconds - one.seconds)
  }

  #keep<T extends GroupTimer>(timer: T, ended: Promise<unknown>): T {
    this.#timers.add(timer)
    const forget = (): void => this.timerDone(timer)
    ended.then(forget, forget)
    return timer
  }

  #fill(): void {
    for (const task of this.#waiting) {
      if (this.#running.size >= this.#size) return
      this.#waiting.delete(task)
      this.#running.add(task)
      task.begin()
    }
  }

  #ended(task: GroupTask): void {
    this.#waiting.delete(task)
    if (!this.#running.delete(task)) return
    this.#done += 1
    this.#fill()
  }

  #others(current: Task | GroupTimer | undefined): Promise<void> {
    return ended(() => [...this.#timers, ...this.tasks].filter((one) => one !== current))
  }
}

/** Those that come meanwhile are waited for as well. */
async function ended(listOnes: () => readonly { wait(): Promise<unknown> }[]): Promise<void> {
  for (let ones = listOnes(); ones.length > 0; ones = listOnes()) await Promise.allSettled(ones.map((one) => one.wait()))
}

function isInRun(timer: GroupTimer): boolean {
  return timer.runSeconds !== undefined
}
