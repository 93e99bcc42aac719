import type { WorkerReport } from './operations.ts'

/** When a worker is replaced although nothing is wrong with it: options of `[wsgi]`, by their own names. 0 is never. */
export interface RecycleLimits {
  readonly max_requests: number
  /** Each worker may answer up to so many more, at random. */
  readonly max_requests_jitter: number
  /** Seconds. */
  readonly max_worker_age: number
  /** Octets of resident memory. */
  readonly max_worker_memory: number
}

/** Seconds that a worker must have had too much memory in every report: a peak passes. */
const MEMORY_PATIENCE = 30
/** Workers that were forked together get up to a tenth older than they may, so that they do not all go together. */
const AGE_SPREAD = 0.1

/** One worker's own limits. */
export class Recycling {
  readonly #share: number
  /** Its age when it first had too much memory, and has had since. */
  #overAt: number | null = null

  constructor(random: () => number = Math.random) {
    this.#share = random()
  }

  /** Why it is to be replaced now; null while it is not. `age` in seconds. To be asked with every report. */
  reason({ done, rss }: Pick<WorkerReport, 'done' | 'rss'>, age: number, limits: RecycleLimits): string | null {
    const { max_requests, max_requests_jitter, max_worker_age, max_worker_memory } = limits
    const most = max_requests + Math.floor(this.#share * (max_requests_jitter + 1))
    if (max_requests > 0 && done >= most) return `it has answered ${done} requests (max_requests)`
    if (max_worker_age > 0 && age >= max_worker_age * (1 + AGE_SPREAD * this.#share)) return `it is ${Math.round(age)} s old (max_worker_age)`
    return this.#hasHadTooMuch(rss, age, max_worker_memory) ? `it has had more than ${max_worker_memory} bytes of memory for ${MEMORY_PATIENCE} s (max_worker_memory)` : null
  }

  #hasHadTooMuch(rss: number, age: number, most: number): boolean {
    if (most === 0 || rss <= most) this.#overAt = null
    else this.#overAt ??= age
    return this.#overAt !== null && age - this.#overAt >= MEMORY_PATIENCE
  }
}
