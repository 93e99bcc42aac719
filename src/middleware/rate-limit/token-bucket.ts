/** How fast a client may go: `count` requests in `seconds` seconds, and `burst` at once. */
export interface Rate {
  readonly count: number
  readonly seconds: number
  readonly burst: number
}

/**
 * What one client may still do. It fills evenly, up to its rate's burst; each request takes one. A millisecond brings `count` and a request
 * costs as much as the whole time has milliseconds, so that nothing is rounded on the way.
 */
export class TokenBucket {
  #credit: number
  #at: number

  /** @param now milliseconds on the clock that {@link take} is given */
  constructor(rate: Rate, now: number) {
    this.#credit = rate.burst * costOf(rate)
    this.#at = now
  }

  /** False when there is none to take. */
  take(rate: Rate, now: number): boolean {
    const cost = costOf(rate)
    this.#credit = Math.min(rate.burst * cost, this.#credit + (now - this.#at) * rate.count)
    this.#at = now
    if (this.#credit < cost) return false
    this.#credit -= cost
    return true
  }

  /** How many are left. */
  left(rate: Rate): number {
    return Math.floor(this.#credit / costOf(rate))
  }

  /** Whole seconds from the last {@link take} until there is one more; at least 1. */
  wait(rate: Rate): number {
    const missing = (this.left(rate) + 1) * costOf(rate) - this.#credit
    return Math.ceil(missing / rate.count / 1000)
  }
}

function costOf({ seconds }: Rate): number {
  return seconds * 1000
}
