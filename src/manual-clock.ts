import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock, Timer } from './clock.ts'

interface Entry {
  due: number
  readonly run: () => void
  /** Milliseconds between two calls; undefined for a timer that fires once. */
  readonly interval: number | undefined
}

/**
 * Time that stands still until a test moves it. Given to a service, a looping call or a task group in place of the system's clock, it
 * makes hours of sleep take no time, and tells how long each was. oslo.service's SleepFixture.
 */
export class ManualClock implements Clock {
  readonly #entries = new Set<Entry>()
  readonly #wallStart: number
  #now = 0

  /** `wallStart` is what `wallTime()` says at first: milliseconds since 1970. */
  constructor(wallStart: number = Date.UTC(2026, 0, 1)) {
    this.#wallStart = wallStart
  }

  now(): number {
    return this.#now
  }

  wallTime(): number {
    return this.#wallStart + this.#now
  }

  setTimer(run: () => void, delay: number): Timer {
    return this.#add({ due: this.#now + Math.max(0, delay), run, interval: undefined })
  }

  setTicker(run: () => void, interval: number): Timer {
    return this.#add({ due: this.#now + Math.max(1, interval), run, interval: Math.max(1, interval) })
  }

  /** Timers and tickers still to fire: a test's proof that nothing was left behind. */
  get pending(): number {
    return this.#entries.size
  }

  /** Moves time on by `milliseconds` and fires what falls due on the way, in order of time and, at one time, in order of setting. */
  advance(milliseconds: number): void {
    const end = this.#now + milliseconds
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) this.#fire(next)
    this.#moveTo(end)
  }

  /** As {@link advance}, for asynchronous code: after each timer, what it woke runs until it waits again, and may set the next one. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds
    await nextTurn()
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#fire(next)
      await nextTurn()
    }
    this.#moveTo(end)
  }

  /** Passes the time until the next timer. Resolves with how many milliseconds that was: the sleep it ended; undefined when nothing waits. */
  async skip(): Promise<number | undefined> {
    await nextTurn()
    const next = this.#next(Infinity)
    if (next === undefined) return undefined
    const passed = Math.max(0, next.due - this.#now)
    this.#fire(next)
    await nextTurn()
    return passed
  }

  #add(entry: Entry): Timer {
    this.#entries.add(entry)
    return { cancel: () => void this.#entries.delete(entry) }
  }

  #next(end: number): Entry | undefined {
    let first: Entry | undefined
    for (const entry of this.#entries) {
      if (entry.due <= end && (first === undefined || entry.due < first.due)) first = entry
    }
    return first
  }

  #fire(entry: Entry): void {
    this.#moveTo(entry.due)
    if (entry.interval === undefined) this.#entries.delete(entry)
    else entry.due += entry.interval
    entry.run()
  }

  /** What runs may itself have moved the time on, to say how long it took. */
  #moveTo(time: number): void {
    this.#now = Math.max(this.#now, time)
  }
}
