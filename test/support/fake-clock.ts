import type { Clock, Timer } from '../../src/clock.ts'

interface Entry {
  due: number
  readonly run: () => void
  /** Milliseconds between two calls; undefined for a timer that fires once. */
  readonly interval: number | undefined
}

/** Time that stands still until a test moves it. */
export class FakeClock implements Clock {
  readonly #entries = new Set<Entry>()
  readonly #wallStart: number
  #now = 0

  /** `wallStart` is what `wallTime()` says before the first `advance`: milliseconds since 1970. */
  constructor(wallStart = Date.UTC(2026, 0, 1)) {
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
    this.#now = end
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
    this.#now = entry.due
    if (entry.interval === undefined) this.#entries.delete(entry)
    else entry.due += entry.interval
    entry.run()
  }
}
