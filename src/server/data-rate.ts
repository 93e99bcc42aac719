/** Waiting this long, in milliseconds, before a rate means anything. */
const GRACE = 10_000

/** Holds a peer to a minimum rate, counting only the time it was waited for: an app that does not read is not the client's fault. */
export class DataRate {
  #least: number
  #octets = 0
  #waited = 0
  #since = -1

  /** @param least octets per second; 0 for none */
  constructor(least: number) {
    this.#least = least
  }

  /** Each message is judged by itself, by the rate that holds when it begins. */
  reset(least: number): void {
    this.#least = least
    this.#octets = 0
    this.#waited = 0
    this.#since = -1
  }

  /** From `now`, in milliseconds, the peer is waited for. */
  wait(now: number): void {
    if (this.#since === -1) this.#since = now
  }

  /** So many octets have moved. True when that was too few for the time it took. */
  tooSlow(octets: number, now: number): boolean {
    if (this.#since === -1) return false
    this.#octets += octets
    this.#waited += now - this.#since
    this.#since = -1
    return this.#waited > GRACE && (this.#octets * 1000) / this.#waited < this.#least
  }
}
