import type { Clock, Timer } from '../clock.ts'

/** Milliseconds between two looks: a loop that is held up for so long and `x` more is late by `x` at least. */
const INTERVAL = 100

/** How late this process's main loop is. (Node's histogram of that costs the same, but forgets, whenever it is read, what goes on just then.) */
export class LoopLateness {
  readonly #clock: Clock
  readonly #ticker: Timer
  #lookedAt: number
  #worst = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.#lookedAt = clock.now()
    this.#ticker = clock.setTicker(() => this.#look(), INTERVAL)
  }

  /** Milliseconds, at worst since this was last asked. */
  take(): number {
    this.#look()
    const worst = this.#worst
    this.#worst = 0
    return worst
  }

  stop(): void {
    this.#ticker.cancel()
  }

  #look(): void {
    const now = this.#clock.now()
    this.#worst = Math.max(this.#worst, now - this.#lookedAt - INTERVAL)
    this.#lookedAt = now
  }
}
