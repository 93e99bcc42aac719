import { availableParallelism } from 'node:os'
import { ConfigError } from '../errors.ts'
import type { Problems } from '../problems.ts'
import type { Assignment } from './assignment.ts'
import { searchFile, type ConfigPlaces } from './config-files.ts'
import { API_OPTIONS } from './default-options.ts'
import type { SettingsOf, WsgiSettings } from './options.ts'
import { listSettings, placeOf, readSettings, settle, type Setting, type Settled } from './settings.ts'
import { WSGI_OPTIONS } from './wsgi-options.ts'

/** One API: where it listens, and how it serves. */
export interface ApiConfig {
  readonly name: string
  /** It speaks TLS: it is one of `enabled_ssl_apis`. */
  readonly ssl: boolean
  /** An IP address without brackets, a host name, or `unix:` and an absolute path. */
  readonly listen: string
  /** 0 takes any free port. */
  readonly listen_port: number
  /** 0 when everything runs in one process. */
  readonly workers: number
  readonly wsgi: WsgiSettings
}

/** What an API's settings are taken from. */
export interface ApiSources {
  readonly assignments: readonly Assignment[]
  readonly places: ConfigPlaces
  /** The directory that relative defaults are taken from. */
  readonly base: string
  /** `--workers` */
  readonly workers: number | undefined
}

export interface SettledApi {
  readonly config: ApiConfig
  /** What is this API's alone: its own options, and what its `[wsgi:<api>]` assigns. */
  readonly settings: readonly Setting[]
  readonly own: Settled<SettingsOf<typeof API_OPTIONS>>
  readonly wsgi: Settled<WsgiSettings>
}

/** Values of the wrong type and a paste file that is nowhere are problems; a default, or the name as it is, stands for them. */
export function settleApi(name: string, ssl: boolean, sources: ApiSources, problems: Problems): SettledApi {
  const { assignments, base } = sources
  const own = settle(API_OPTIONS, { groups: ['DEFAULT'], prefix: `${name}_`, api: name, base }, assignments, problems)
  const { listen, listen_port } = own
  const workers = settleWorkers(own.workers, sources)
  const written = settle(WSGI_OPTIONS, { groups: [`wsgi:${name}`, 'wsgi'], base }, assignments, problems)
  const wsgi = problems.try(() => settlePasteFile(written, sources)) ?? written
  const config = { name, ssl, listen: listen.value, listen_port: listen_port.value, workers: workers.value, wsgi: readSettings(wsgi) }
  const settings = [listen, listen_port, workers, ...listSettings(wsgi).filter(({ group }) => group !== 'wsgi')]
  return { config, settings, own, wsgi }
}

function settleWorkers(setting: Setting<number | null>, { workers, base }: ApiSources): Setting<number> {
  if (workers !== undefined) return { ...setting, value: workers, source: { file: '--workers', base } }
  return { ...setting, value: setting.value ?? availableParallelism() }
}

/** Throws {@link ConfigError} when the file is nowhere. */
function settlePasteFile(wsgi: Settled<WsgiSettings>, { places }: ApiSources): Settled<WsgiSettings> {
  const setting = wsgi.api_paste_config
  const value = findPasteFile(setting, places)
  if (value !== undefined) return { ...wsgi, api_paste_config: { ...setting, value } }
  const expected = 'a file beside the configuration, in ~/.millrace, ~, /etc/millrace or /etc, or an absolute path'
  throw new ConfigError({ ...placeOf(setting), message: `Could not find config at ${setting.value}`, expected })
}

/** The file that `api_paste_config` stands for; one typed with `--set` is searched for in the working directory first. */
export function findPasteFile({ value, source }: Setting<string>, { files, dirs }: ConfigPlaces): string | undefined {
  return searchFile(value, { files, dirs: source.file === '--set' ? [source.base, ...dirs] : dirs })
}
