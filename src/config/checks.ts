import { ConfigError } from '../errors.ts'
import type { DefaultSettings } from './options.ts'
import { placeOf, type Settled } from './settings.ts'

/** Throws {@link ConfigError} when what was asked of a stop does not fit into the time it was given. Defaults never contradict. */
export function checkStop(settings: Settled<DefaultSettings>): void {
  const { graceful_shutdown_timeout: limit, drain_delay, idle_linger } = settings
  const parts = [drain_delay, idle_linger].filter(({ assigned }) => assigned)
  const needed = parts.reduce((sum, { value }) => sum + value, 0)
  if (limit.value === 0 || needed <= limit.value) return
  const [culprit = limit] = limit.assigned ? [limit] : parts
  const sum = parts.map(({ option, value }) => `${option} (${value})`).join(' + ')
  const expected = culprit === limit ? `at least ${needed}, or 0 for no limit` : `together at most ${limit.value}, or a longer graceful_shutdown_timeout`
  throw new ConfigError({ ...placeOf(culprit), message: `${sum} is longer than graceful_shutdown_timeout (${limit.value})`, expected })
}

/** Throws {@link ConfigError} for a `--workers` that is no number of processes. */
export function checkWorkers(workers: number | undefined): void {
  if (workers === undefined || (Number.isSafeInteger(workers) && workers >= 0)) return
  const expected = 'a whole number; 0 runs everything in one process'
  throw new ConfigError({ file: '--workers', message: 'is not valid', value: String(workers), expected })
}
