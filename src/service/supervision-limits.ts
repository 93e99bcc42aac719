import type { HangLimits } from './hang-detector.ts'
import type { RecycleLimits } from './recycling.ts'

/** When a worker is killed, or replaced: options of `[wsgi]`, by their own names. Times in seconds, sizes in octets; 0 is never. */
export interface SupervisionLimits extends HangLimits, RecycleLimits {}

export const DEFAULT_LIMITS: SupervisionLimits = {
  worker_start_timeout: 60,
  worker_timeout: 30,
  max_requests: 0,
  max_requests_jitter: 0,
  max_worker_age: 0,
  max_worker_memory: 0,
}

/** Those of them that `from` has. */
export function limitsIn(from: Partial<SupervisionLimits>): Partial<SupervisionLimits> {
  const names = Object.keys(DEFAULT_LIMITS) as (keyof SupervisionLimits)[]
  return Object.fromEntries(names.flatMap((name) => (from[name] === undefined ? [] : [[name, from[name]]])))
}
