import type { Clock } from '../clock.ts'

const PAUSE = 1000
const LONGEST_PAUSE = 30_000

/**
 * When a worker that ended is followed by another. Two rules, of which the longer pause holds:
 *
 * - oslo.service's fork throttle: `workers` + 1 forks are free, then about one a second. A fork is too fast when more than `workers` are remembered and
 *   the oldest of them is younger than `workers` seconds. (oslo sleeps inside its supervisor; this only says how long.)
 * - Workers that end before they were ready: a second, twice as long each time, at most half a minute. Those that were forked before the last failure belong to
 *   it, as several end of one cause; the pause ends for all of them at once. One that gets ready ends that.
 */
export class RestartPolicy {
  readonly #workers: number
  readonly #clock: Clock
  readonly #forks: number[] = []
  #failures = 0
  #failedAt = -Infinity
  #pausedUntil = -Infinity

  constructor(workers: number, clock: Clock) {
    this.#workers = workers
    this.#clock = clock
  }

  gotReady(): void {
    this.#failures = 0
    this.#pausedUntil = -Infinity
  }

  /** `forkedAt` on the clock's scale. */
  endedUnready(forkedAt: number): void {
    if (forkedAt < this.#failedAt) return
    this.#failedAt = this.#clock.now()
    this.#pausedUntil = this.#failedAt + Math.min(LONGEST_PAUSE, PAUSE * 2 ** this.#failures)
    this.#failures += 1
  }

  /** How many milliseconds to wait before forking. The fork is counted as made then, so ask once for each. */
  delayBeforeFork(): number {
    const now = this.#clock.now()
    const oldest = this.#forks.length > this.#workers ? this.#forks.shift() : undefined
    const throttle = oldest !== undefined && now - oldest < this.#workers * 1000 ? PAUSE : 0
    const delay = Math.max(throttle, this.#pausedUntil - now)
    this.#forks.push(now + delay)
    return delay
  }
}
