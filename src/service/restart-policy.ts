import type { Clock } from '../clock.ts'

const PAUSE = 1000
const LONGEST_PAUSE = 30_000

/**
 * When a worker that ended is followed by another. Two rules, of which the longer pause holds:
 *
 * - oslo.service's fork throttle: `workers` + 1 forks are free, then about one a second. A fork is too fast when more than `workers` are remembered and
 *   the oldest of them is younger than `workers` seconds. (oslo sleeps inside its supervisor; this only says how long.)
 * - Workers that end before they were ready: a second, twice as long with each of them, at most half a minute. One that gets ready ends that.
 */
export class RestartPolicy {
  readonly #workers: number
  readonly #clock: Clock
  readonly #forks: number[] = []
  #failures = 0

  constructor(workers: number, clock: Clock) {
    this.#workers = workers
    this.#clock = clock
  }

  gotReady(): void {
    this.#failures = 0
  }

  endedUnready(): void {
    this.#failures += 1
  }

  /** How many milliseconds to wait before forking. The fork is counted as made then, so ask once for each. */
  delayBeforeFork(): number {
    const now = this.#clock.now()
    const oldest = this.#forks.length > this.#workers ? this.#forks.shift() : undefined
    const throttle = oldest !== undefined && now - oldest < this.#workers * 1000 ? PAUSE : 0
    const delay = Math.max(throttle, this.#backOff())
    this.#forks.push(now + delay)
    return delay
  }

  #backOff(): number {
    return this.#failures === 0 ? 0 : Math.min(LONGEST_PAUSE, PAUSE * 2 ** (this.#failures - 1))
  }
}
