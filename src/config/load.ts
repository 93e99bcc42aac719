import { resolve } from 'node:path'
import { findPasteFile, settleApi, type ApiConfig } from './api-config.ts'
import { parseSet, readAssignments, resolveAliases } from './assignment.ts'
import { checkStop, checkWorkers } from './checks.ts'
import type { ConfigWarning } from './config-warning.ts'
import { findConfigFiles } from './config-files.ts'
import { DEFAULT_OPTIONS } from './default-options.ts'
import { chooseApis } from './enabled-apis.ts'
import { readIni } from './ini.ts'
import type { DefaultSettings } from './options.ts'
import { describeSetting, listSettings, readSettings, settle, type EffectiveOption } from './settings.ts'
import { findUnknownNames } from './unknown-names.ts'
import { WSGI_OPTIONS } from './wsgi-options.ts'

/** What the command line said. Plain JSON: each worker loads the same request again. */
export interface ConfigRequest {
  /** `--config-file`; a later one wins. Relative to `cwd`. */
  readonly files: readonly string[]
  /** `--config-dir`: their `*.conf` in name order, after the files. */
  readonly dirs: readonly string[]
  /** `--set group.option=value`; win over all files. */
  readonly sets: readonly string[]
  /** `--api`: only these of the enabled APIs. */
  readonly apis?: readonly string[]
  /** `--workers`: instead of every `<api>_workers`; 0 runs all in one process. */
  readonly workers?: number
  /** Default: the process's directory. */
  readonly cwd?: string
}

/** The configuration as it takes effect. Times in seconds, sizes in bytes, paths absolute. */
export interface Config {
  readonly settings: DefaultSettings
  /** In the order of `enabled_apis`. */
  readonly apis: readonly ApiConfig[]
  readonly warnings: readonly ConfigWarning[]
  /** The files that were read, in order. */
  readonly files: readonly string[]
  /** Every option; of `[wsgi:<api>]` those that differ from `[wsgi]`. */
  describe(): readonly EffectiveOption[]
}

/**
 * Reads the files, puts the command line on top and checks the whole. Without `files` and `dirs` it is `millrace.conf` of `cwd`.
 * Throws {@link ConfigError} for a file that cannot be read, a value of the wrong type, settings that contradict each other, and files that
 * the configuration names and that are not there. Names nobody knows are in `warnings`.
 */
export function loadConfig(request: ConfigRequest): Config {
  checkWorkers(request.workers)
  const cwd = resolve(request.cwd ?? '.')
  const dirs = request.dirs.map((dir) => resolve(cwd, dir))
  const files = findConfigFiles({ files: request.files.map((file) => resolve(cwd, file)), dirs }, cwd)
  const written = [...files.map((file) => readAssignments(readIni(file))), request.sets.map((text) => parseSet(text, cwd))]
  const sources = { assignments: written.flatMap(resolveAliases), places: { files, dirs }, base: cwd, workers: request.workers }

  const defaults = settle(DEFAULT_OPTIONS, { groups: ['DEFAULT'], base: cwd }, sources.assignments)
  const wsgi = settle(WSGI_OPTIONS, { groups: ['wsgi'], base: cwd }, sources.assignments)
  checkStop(defaults)
  const { names, warnings } = chooseApis(defaults, request.apis)
  const settings = readSettings(defaults)
  const apis = names.map((name) => settleApi(name, settings.enabled_ssl_apis.includes(name), sources))
  const paste = { ...wsgi.api_paste_config, value: findPasteFile(wsgi.api_paste_config, sources.places) ?? wsgi.api_paste_config.value }
  const all = [...listSettings(defaults), ...listSettings({ ...wsgi, api_paste_config: paste }), ...apis.flatMap((api) => api.settings)]
  return {
    settings,
    apis: apis.map(({ config }) => config),
    warnings: [...findUnknownNames(written.flat(), settings.enabled_apis), ...warnings],
    files,
    describe: () => all.map(describeSetting),
  }
}
