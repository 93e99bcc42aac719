import type { Clock, Timer } from '../clock.ts'
import type { WorkerState } from './worker-state.ts'

/** How long a worker's main loop may be silent: options of `[wsgi]`, by their own names, in seconds; 0 is for ever. */
export interface HangLimits {
  /** Once it is ready, until it has ended. */
  readonly worker_timeout: number
  /** Until it is. */
  readonly worker_start_timeout: number
}

/** A worker as the detector sees it. */
export interface Watched {
  readonly state: WorkerState
  /** On the clock's scale: when it was forked, and when it last said something. */
  readonly forkedAt: number
  readonly heardAt: number
}

export interface HangDetectorOptions<W extends Watched> {
  readonly clock: Clock
  /** Asked at each look. */
  readonly limits: () => HangLimits
  readonly workers: readonly W[]
  /** A ready worker has been silent for so many seconds. Called once for each silence. */
  readonly onHung: (worker: W, seconds: number) => void
  /** A worker has not become ready in so many seconds. Called once. */
  readonly onLate: (worker: W, seconds: number) => void
}

const LOOK = 1000
/** Milliseconds by which a look is late when this process itself did not run, or the machine slept. What workers said meanwhile is still to be read. */
const OWN_STALL = 1000

/** Finds the workers whose main loop does not run. */
export class HangDetector<W extends Watched> {
  readonly #options: HangDetectorOptions<W>
  readonly #ticker: Timer
  readonly #told = new WeakMap<W, number>()
  #lookedAt: number
  /** Nobody is blamed for what was before. */
  #since: number

  constructor(options: HangDetectorOptions<W>) {
    this.#options = options
    this.#since = this.#lookedAt = options.clock.now()
    this.#ticker = options.clock.setTicker(() => this.#look(), LOOK)
  }

  close(): void {
    this.#ticker.cancel()
  }

  #look(): void {
    const now = this.#options.clock.now()
    if (now - this.#lookedAt > LOOK + OWN_STALL) this.#since = now
    this.#lookedAt = now
    for (const worker of this.#options.workers) this.#judge(worker, now)
  }

  #judge(worker: W, now: number): void {
    const { limits, onHung, onLate } = this.#options
    const { worker_timeout, worker_start_timeout } = limits()
    if (worker.state === 'STARTING') this.#measure(worker, { from: worker.forkedAt, now, limit: worker_start_timeout, tell: onLate })
    if (worker.state === 'READY' || worker.state === 'STOPPING') this.#measure(worker, { from: worker.heardAt, now, limit: worker_timeout, tell: onHung })
  }

  #measure(worker: W, { from, now, limit, tell }: { from: number; now: number; limit: number; tell: (worker: W, seconds: number) => void }): void {
    const seconds = (now - Math.max(from, this.#since)) / 1000
    if (limit === 0 || seconds < limit || this.#told.get(worker) === from) return
    this.#told.set(worker, from)
    tell(worker, seconds)
  }
}
