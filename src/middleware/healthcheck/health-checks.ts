import { existsSync } from 'node:fs'
import type { HttpRequest } from '../../app.ts'
import { ConfigError } from '../../errors.ts'
import { asList, asListOf, asOneOf, asText, type OptionTable } from '../converters.ts'

/** What one check found: `reason` is `OK` or why the service is not available. */
export interface Finding {
  class: string
  reason: string
  details: string
}

/** Takes no longer than the `stat` of each file it has. */
export type Check = (request: HttpRequest) => Finding

/** A file that disables what listens on this port, or has this name. */
interface FileFor {
  readonly who: string
  readonly path: string
}

export interface CheckOptions {
  backends: readonly string[]
  disable_by_file_path: string
  disable_by_file_paths: readonly FileFor[]
  enable_by_file_paths: readonly string[]
}

interface Backend {
  /** True when the section says what it looks at. */
  isTold(options: CheckOptions): boolean
  make(options: CheckOptions): Check
}

const BACKENDS: ReadonlyMap<string, Backend> = new Map([
  ['disable_by_file', { isTold: ({ disable_by_file_path: path }) => path !== '', make: makeDisableByFile }],
  ['disable_by_files_ports', { isTold: ({ disable_by_file_paths: files }) => files.length > 0, make: makeDisableByFilesPorts }],
  ['enable_by_files', { isTold: ({ enable_by_file_paths: paths }) => paths.length > 0, make: makeEnableByFiles }],
])

export const CHECK_OPTIONS: OptionTable<CheckOptions> = {
  backends: [asListOf(asOneOf([...BACKENDS.keys()])), []],
  disable_by_file_path: [asText, ''],
  disable_by_file_paths: [asListOf(asFileFor), []],
  enable_by_file_paths: [asList, []],
}

/**
 * The server's own check, and those of `backends`, in that order; when it names none, those that are told what to look at. Throws ConfigError for two
 * that contradict one another.
 */
export function makeChecks(options: CheckOptions): Check[] {
  const told = [...BACKENDS].filter(([, backend]) => backend.isTold(options)).map(([name]) => name)
  const names = options.backends.length > 0 ? options.backends : told
  if (names.includes('disable_by_file') && names.includes('enable_by_files')) {
    throw new ConfigError({ message: 'disable_by_file and enable_by_files exclude one another', option: 'backends' })
  }
  return [checkStopping, ...names.flatMap((name) => BACKENDS.get(name)?.make(options) ?? [])]
}

function checkStopping({ server }: HttpRequest): Finding {
  return server.stopping
    ? { class: 'Stopping', reason: 'STOPPING', details: 'The server stops' }
    : { class: 'Stopping', reason: 'OK', details: 'The server runs' }
}

function makeDisableByFile({ disable_by_file_path: path }: CheckOptions): Check {
  return () => disabledBy('DisableByFile', path === '' ? [] : [path])
}

function makeDisableByFilesPorts({ disable_by_file_paths: files }: CheckOptions): Check {
  return ({ server: { name, port } }) => {
    const mine = files.filter(({ who }) => who === name || who === String(port))
    return disabledBy('DisableByFilesPorts', mine.map(({ path }) => path))
  }
}

function disabledBy(check: string, paths: readonly string[]): Finding {
  const found = paths.find((path) => existsSync(path))
  return found === undefined
    ? { class: check, reason: 'OK', details: 'No such file' }
    : { class: check, reason: 'DISABLED BY FILE', details: `${found} exists` }
}

function makeEnableByFiles({ enable_by_file_paths: paths }: CheckOptions): Check {
  return () => {
    const missing = paths.find((path) => !existsSync(path))
    return missing === undefined
      ? { class: 'EnableByFiles', reason: 'OK', details: 'All files are there' }
      : { class: 'EnableByFiles', reason: 'FILE PATH MISSING', details: `${missing} does not exist` }
  }
}

function asFileFor(value: string, option: string): FileFor {
  const [, who, path] = /^([^:/]+):(.+)$/.exec(value) ?? []
  if (who !== undefined && path !== undefined) return { who, path }
  throw new ConfigError({ message: 'names no port and no API', option, value, expected: 'port:/path or api:/path, for instance 8774:/run/compute.off' })
}
