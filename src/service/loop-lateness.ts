import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks'

/** Milliseconds between two looks at how late the loop is. */
const RESOLUTION = 100

/** How late this process's main loop is. */
export class LoopLateness {
  readonly #histogram: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION })

  constructor() {
    this.#histogram.enable()
  }

  /** Milliseconds, at worst since this was last asked. */
  take(): number {
    const { max, count } = this.#histogram
    this.#histogram.reset()
    // It holds the times between two looks.
    return count === 0 ? 0 : Math.max(0, max / 1e6 - RESOLUTION)
  }

  stop(): void {
    this.#histogram.disable()
  }
}
