import type { Clock } from '../clock.ts'

/** Milliseconds a reply may wait for others; one that is computing for longer must not hold back those before it. */
const LONGEST_WAIT = 1

/** Somebody with something to write. */
export interface Flushable {
  flush(): void
}

/**
 * Has all that one turn of the event loop answers written together, at its end, so that replies to pipelined requests go out in one write. Who
 * asks for one thing at a time loses nothing: reading and answering first, then writing, cost between as much CPU time and a tenth less.
 */
export class WriteBatch {
  readonly #clock: Clock
  #waiting: Flushable[] = []
  #since = 0
  #scheduled = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** `out` will be told to flush: at the end of this turn, or now when the first of the batch has waited long enough. */
  add(out: Flushable): void {
    this.#waiting.push(out)
    const now = this.#clock.now()
    if (this.#waiting.length === 1) this.#begin(now)
    else if (now - this.#since > LONGEST_WAIT) this.#flush()
  }

  #begin(now: number): void {
    this.#since = now
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#flush()
    })
  }

  #flush(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const out of waiting) out.flush()
  }
}
