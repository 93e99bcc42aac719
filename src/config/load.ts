import { resolve } from 'node:path'
import { Problems } from '../problems.ts'
import { findPasteFile, settleApi, type ApiConfig, type ApiSources, type SettledApi } from './api-config.ts'
import { parseSet, readAssignments, resolveAliases, type AssignmentGroup, type Source } from './assignment.ts'
import { checkStop, checkWorkers } from './checks.ts'
import type { ConfigWarning } from './config-warning.ts'
import { findConfigFiles } from './config-files.ts'
import { DEFAULT_OPTIONS } from './default-options.ts'
import { checkOnly, chooseApis } from './enabled-apis.ts'
import { readIni } from './ini.ts'
import type { DefaultSettings } from './options.ts'
import { checkListenPlaces } from './listen-places.ts'
import { findSetting, listSettings, readSettings, settle, type Setting, type Settled } from './settings.ts'
import { checkTls } from './tls-files.ts'
import { findUnknownNames } from './unknown-names.ts'
import { WSGI_OPTIONS } from './wsgi-options.ts'

/** What the command line said. Plain JSON: each worker loads the same request again. */
export interface ConfigRequest {
  /** `--config-file`; a later one wins. Relative to `cwd`. */
  readonly files?: readonly string[]
  /** `--config-dir`: their `*.conf` in name order, after the files. */
  readonly dirs?: readonly string[]
  /** `--set group.option=value`; win over all files. */
  readonly sets?: readonly string[]
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
  /** What it was read for, so that it can be read again. */
  readonly request: ConfigRequest
  /** The files that were read, in order. */
  readonly files: readonly string[]
  /** Every option; of `[wsgi:<api>]` those that differ from `[wsgi]`. */
  readonly options: readonly Setting[]
  /** Where the effective value of an option that there is was written. */
  sourceOf(group: string, option: string): Source
}

/** What a request comes to, and everything that is wrong with it. */
export interface ExaminedConfig {
  /** Defaults stand for what could not be read. */
  readonly config: Config
  readonly problems: Problems
}

/**
 * Reads the files, puts the command line on top and checks the whole. Without `files` and `dirs` it is `millrace.conf` of `cwd`.
 * Throws one {@link ConfigError} with everything that is wrong: files that cannot be read, values of the wrong type, settings that contradict
 * each other, APIs that would listen in one place, and files that the configuration names and that are not there or not what they should
 * be. Names nobody knows are in `warnings`.
 */
export function loadConfig(request: ConfigRequest): Config {
  const { config, problems } = examineConfig(request)
  problems.throwAny()
  return config
}

/** As {@link loadConfig}, for who goes on whatever is wrong. */
export function examineConfig(request: ConfigRequest): ExaminedConfig {
  const problems = new Problems()
  problems.try(() => checkWorkers(request.workers))
  const { written, complete, ...sources } = readSources(request, problems)

  const defaults = settle(DEFAULT_OPTIONS, { groups: ['DEFAULT'], base: sources.base }, sources.assignments, problems)
  const wsgi = settle(WSGI_OPTIONS, { groups: ['wsgi'], base: sources.base }, sources.assignments, problems)
  const { names, warnings } = chooseApis(defaults, request.apis)
  const settings = readSettings(defaults)
  const apis = names.map((name) => settleApi(name, settings.enabled_ssl_apis.includes(name), sources, problems))
  if (complete) checkTogether({ defaults, apis, only: request.apis }, problems)

  const paste = { ...wsgi.api_paste_config, value: findPasteFile(wsgi.api_paste_config, sources.places) ?? wsgi.api_paste_config.value }
  const all = [...listSettings(defaults), ...listSettings({ ...wsgi, api_paste_config: paste }), ...apis.flatMap((api) => api.settings)]
  const config = {
    settings,
    apis: apis.map(({ config }) => config),
    warnings: [...findUnknownNames(written, settings.enabled_apis), ...warnings],
    request,
    files: sources.places.files,
    options: all,
    sourceOf: (group: string, option: string) => findSetting(all, group, option).source,
  }
  return { config, problems }
}

interface ReadSources extends ApiSources {
  readonly written: readonly AssignmentGroup[]
  /** False when what is missing may be in a file that could not be read. */
  readonly complete: boolean
}

function readSources(request: ConfigRequest, problems: Problems): ReadSources {
  const base = resolve(request.cwd ?? '.')
  const dirs = (request.dirs ?? []).map((dir) => resolve(base, dir))
  const unread = new Problems()
  const files = findConfigFiles({ files: (request.files ?? []).map((file) => resolve(base, file)), dirs }, base, unread)
  const read = files.map((file) => unread.try(() => readAssignments(readIni(file))) ?? [])
  const sets = (request.sets ?? []).flatMap((text) => unread.try(() => parseSet(text, base)) ?? [])
  problems.try(() => unread.throwAny())
  const written = [...read, sets]
  return {
    assignments: written.flatMap(resolveAliases),
    written: written.flat(),
    complete: unread.count === 0,
    places: { files, dirs },
    base,
    workers: request.workers,
  }
}

interface Composition {
  readonly defaults: Settled<DefaultSettings>
  readonly apis: readonly SettledApi[]
  readonly only: readonly string[] | undefined
}

/** What no value tells by itself. */
function checkTogether({ defaults, apis, only }: Composition, problems: Problems): void {
  problems.try(() => checkOnly(defaults, only))
  problems.try(() => checkStop(defaults))
  for (const { config, wsgi } of apis) {
    if (config.ssl) checkTls(config.name, wsgi, defaults, problems)
  }
  checkListenPlaces(apis, problems)
}
