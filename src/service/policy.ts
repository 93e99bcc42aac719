import type { Clock } from '../clock.ts'

const PAUSE = 1000

/**
 * oslo.service's fork throttle: `workers` + 1 forks are free, then about one a second. A fork is too fast when more than `workers` are
 * remembered and the oldest of them is younger than `workers` seconds. oslo sleeps inside its supervisor; this only says how long.
 */
export class RespawnPolicy {
  readonly #workers: number
  readonly #clock: Clock
  readonly #forks: number[] = []

  constructor(workers: number, clock: Clock) {
    this.#workers = workers
    this.#clock = clock
  }

  /** How many milliseconds to wait before forking. The fork is counted as made then, so ask once for each. */
  delayBeforeFork(): number {
    const now = this.#clock.now()
    const oldest = this.#forks.length > this.#workers ? this.#forks.shift() : undefined
    const delay = oldest !== undefined && now - oldest < this.#workers * 1000 ? PAUSE : 0
    this.#forks.push(now + delay)
    return delay
  }
}
