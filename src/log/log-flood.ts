import type { Clock } from '../clock.ts'

/** Lines of one kind that a second may have: enough to see what goes on, and 10,000 bad requests in it cost no more to log than ten. */
const MOST = 10
/** Milliseconds. */
const SECOND = 1000

/** What strangers may cause as often as they like, as these are events before any app, or any worker, is asked. */
const BY_STRANGERS: ReadonlySet<string> = new Set(['request.refused', 'connection.timeout', 'connection.refused', 'connections.full', 'accept.failed', 'tls.failed'])

/** One kind's lines since its second began. */
interface Second {
  lines: number
  dropped: number
}

/** Keeps strangers from filling the log: of each kind of line they can cause, a second has so many, and one that tells how many more. */
export class LogFlood {
  readonly #clock: Clock
  readonly #tellMore: (kind: string, dropped: number) => void
  readonly #seconds = new Map<string, Second>()

  /** `tellMore` writes that so many lines of this kind were not written. */
  constructor(clock: Clock, tellMore: (kind: string, dropped: number) => void) {
    this.#clock = clock
    this.#tellMore = tellMore
  }

  /** False for a line too many. Ask once for each. */
  admits(kind: string): boolean {
    if (!BY_STRANGERS.has(kind)) return true
    const second = this.#seconds.get(kind) ?? this.#begin(kind)
    if (second.lines === MOST) {
      second.dropped += 1
      return false
    }
    second.lines += 1
    return true
  }

  #begin(kind: string): Second {
    const second = { lines: 0, dropped: 0 }
    this.#seconds.set(kind, second)
    this.#clock.setTimer(() => this.#end(kind, second), SECOND)
    return second
  }

  #end(kind: string, { dropped }: Second): void {
    this.#seconds.delete(kind)
    if (dropped > 0) this.#tellMore(kind, dropped)
  }
}
