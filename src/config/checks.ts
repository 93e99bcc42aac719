import { existsSync } from 'node:fs'
import { ConfigError } from '../errors.ts'
import type { DefaultSettings, WsgiSettings } from './options.ts'
import { placeOf, type Settled } from './settings.ts'

/** Throws {@link ConfigError} when what was asked of a stop does not fit into the time it was given. Defaults never contradict. */
export function checkStop(settings: Settled<DefaultSettings>): void {
  const { graceful_shutdown_timeout: limit, drain_delay, idle_linger } = settings
  const parts = [drain_delay, idle_linger].filter(({ assigned }) => assigned)
  const needed = parts.reduce((sum, { value }) => sum + value, 0)
  if (limit.value === 0 || needed <= limit.value) return
  const [culprit = limit] = limit.assigned ? [limit] : parts
  const sum = parts.map(({ option, value }) => `${option} (${value})`).join(' + ')
  throw new ConfigError({ ...placeOf(culprit), message: `${sum} is longer than graceful_shutdown_timeout (${limit.value})` })
}

/** In the order in which nova looks at them. */
const TLS_FILES = ['cert_file', 'ca_file', 'key_file'] as const

/** Throws {@link ConfigError} when an API that speaks TLS lacks its certificate or key, or a file is not there. The texts are nova's. */
export function checkTls(api: string, settings: Settled<WsgiSettings>): void {
  for (const name of TLS_FILES) {
    const setting = settings[`ssl_${name}`]
    if (setting.value === null || existsSync(setting.value)) continue
    throw new ConfigError({ ...placeOf(setting), message: `Unable to find ${name} : ${setting.value}` })
  }
  if (settings.ssl_cert_file.value !== null && settings.ssl_key_file.value !== null) return
  throw new ConfigError({
    section: `wsgi:${api}`,
    message: 'When running server in SSL mode, you must specify both a cert_file and key_file option value in your configuration file',
  })
}

/** Throws {@link ConfigError} for a `--workers` that is no number of processes. */
export function checkWorkers(workers: number | undefined): void {
  if (workers === undefined || (Number.isSafeInteger(workers) && workers >= 0)) return
  const expected = 'a whole number; 0 runs everything in one process'
  throw new ConfigError({ file: '--workers', message: 'is not valid', value: String(workers), expected })
}
