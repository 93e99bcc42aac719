import { type Clock, systemClock } from '../clock.ts'
import { emit } from '../events.ts'
import { checkNumber } from './check-number.ts'
import type { DynamicLoopingCall } from './dynamic-looping-call.ts'
import { isAbort } from './is-abort.ts'
import { nearestBoundary } from './nearest-boundary.ts'
import { type PeriodicFunction, type PeriodicTask, periodicTaskOf } from './periodic-task.ts'
import type { TaskGroup } from './task-group.ts'

export interface PeriodicTasksOptions {
  /** Whose properties and methods the tasks are. Default: the instance itself. */
  owner?: object
  /** Whether to run tasks that another process may run: oslo.service's run_external_periodic_tasks. Default: true. */
  runExternal?: boolean
  /** Default: the system's. */
  clock?: Clock
  /** Where the jitter comes from: at least 0, below 1. Default: Math.random. */
  random?: () => number
}

export interface RunOptions {
  /** True: the first task that throws ends the run, which then rejects. False: `periodic.failed` is reported, and the others run. Default: false. */
  raiseOnError?: boolean
  /** Once it has aborted, no further task begins. It is given to the tasks. */
  signal?: AbortSignal
}

export interface PeriodicStart<Context> {
  /** Makes what the tasks of one round are given. Default: nothing. */
  context?: () => Context
  raiseOnError?: boolean
  /** nova's periodic_fuzzy_delay: the first round begins after 0 to so many whole seconds, by chance. Default: 0. */
  fuzzyDelay?: number
  /** nova's periodic_interval_max: the most seconds between two rounds. Default: none, and no round is further away than 60 s. */
  intervalMax?: number
}

/** Seconds until the next round when no task is due before. */
const DEFAULT_IDLE = 60

/** A function that runs periodically. */
interface Found {
  readonly task: PeriodicTask
  readonly name: string
  readonly run: PeriodicFunction<unknown>
}

interface Entry extends Found {
  /** Seconds; undefined when it is due at once. */
  lastRun: number | undefined
}

/**
 * Runs the periodic tasks of an object, one after the other: oslo.service's PeriodicTasks. They are the functions that `periodicTask` has
 * marked, those of a base class first; one that a subclass defines again takes its place. They are gathered at the first round or at the
 * start, and their spacings count from the creation or from the start.
 */
export class PeriodicTasks<Context = void> {
  readonly #owner: object
  readonly #runExternal: boolean
  readonly #clock: Clock
  readonly #random: () => number
  readonly #added: Found[] = []
  #since: number
  #entries: Entry[] | undefined

  constructor({ owner, runExternal = true, clock = systemClock, random = Math.random }: PeriodicTasksOptions = {}) {
    this.#owner = owner ?? this
    this.#runExternal = runExternal
    this.#clock = clock
    this.#random = random
    this.#since = this.#now()
  }

  /** Adds a task to this instance. Throws TypeError for a function that `periodicTask` has not marked. */
  addPeriodicTask(run: PeriodicFunction<Context>): void {
    const task = periodicTaskOf(run)
    if (task === undefined) throw new TypeError('a periodic task should be marked by periodicTask')
    const found = { task, name: task.name ?? run.name, run: run as PeriodicFunction<unknown> }
    this.#added.push(found)
    this.#entries?.push(...this.#entriesOf([found], this.#now()))
  }

  /**
   * A round: runs those that are due, one after the other. Resolves with the seconds until the next one is, 60 at most. Rejects only
   * where `raiseOnError` says so.
   */
  async runPeriodicTasks(context: Context, { raiseOnError = false, signal = new AbortController().signal }: RunOptions = {}): Promise<number> {
    let idle = DEFAULT_IDLE
    for (const entry of this.#gather()) {
      if (signal.aborted) break
      const { lastRun, task } = entry
      const left = lastRun === undefined ? 0 : lastRun + task.spacing - this.#now()
      idle = Math.min(idle, task.spacing, left > 0 ? left : DEFAULT_IDLE)
      if (left <= 0) await this.#run(entry, context, { raiseOnError, signal })
    }
    return idle
  }

  /** Runs rounds in a timer of the group until it stops. Spacings count from now; what runs immediately does so in the first round. */
  start(group: TaskGroup, { context, raiseOnError = false, fuzzyDelay = 0, intervalMax }: PeriodicStart<Context> = {}): DynamicLoopingCall {
    checkNumber('fuzzyDelay', fuzzyDelay)
    this.#since = this.#now()
    this.#entries = undefined
    const round = (signal: AbortSignal): Promise<number> => this.runPeriodicTasks(context?.() as Context, { raiseOnError, signal })
    return group.addDynamicTimer(round, {
      name: this.#fullName('runPeriodicTasks'),
      initialDelay: Math.floor(this.#random() * (fuzzyDelay + 1)),
      ...(intervalMax !== undefined && { periodicIntervalMax: intervalMax }),
    })
  }

  async #run(entry: Entry, context: Context, { raiseOnError, signal }: Required<RunOptions>): Promise<void> {
    const name = this.#fullName(entry.name)
    emit('periodic.running', { task: name })
    entry.lastRun = nearestBoundary({ ...entry.task, lastRun: entry.lastRun, now: this.#now() }, this.#random)
    try {
      await entry.run.call(this.#owner, context, signal)
    } catch (error) {
      if (raiseOnError) throw error
      if (!isAbort(error, signal)) emit('periodic.failed', { task: name, error })
    }
  }

  #gather(): Entry[] {
    return (this.#entries ??= this.#entriesOf([...findTasks(this.#owner), ...this.#added], this.#since))
  }

  #entriesOf(found: readonly Found[], since: number): Entry[] {
    return found.filter((one) => this.#isOn(one)).map((one) => ({ ...one, lastRun: one.task.runImmediately ? undefined : since }))
  }

  #isOn({ task, name }: Found): boolean {
    const reason = task.spacing < 0 ? 'its interval is negative' : 'it is disabled'
    const isOn = task.spacing >= 0 && task.enabled
    if (!isOn) emit('periodic.skipped', { task: name, reason })
    return isOn && (this.#runExternal || !task.external)
  }

  #fullName(name: string): string {
    return `${this.#owner.constructor.name}.${name}`
  }

  /** Seconds. */
  #now(): number {
    return this.#clock.now() / 1000
  }
}

/** A property that is defined again keeps its place. One that is not marked again keeps the options of the method it overrides. */
function findTasks(owner: object): Found[] {
  const tasks = new Map<string, PeriodicTask>()
  for (const level of levelsOf(owner)) {
    for (const [key, { value }] of Object.entries(Object.getOwnPropertyDescriptors(level))) {
      const task = periodicTaskOf(value)
      if (task !== undefined) tasks.set(key, task)
    }
  }
  return [...tasks].map(([key, task]) => ({ task, name: task.name ?? key, run: (owner as Record<string, PeriodicFunction<unknown>>)[key] as PeriodicFunction<unknown> }))
}

/** The object and what it inherits from, the furthest first. */
function levelsOf(owner: object): object[] {
  const levels: object[] = []
  for (let level: object | null = owner; level !== null; level = Object.getPrototypeOf(level) as object | null) levels.unshift(level)
  return levels
}
