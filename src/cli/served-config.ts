import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import type { ApiSettings } from '../api.ts'
import type { ApiConfig } from '../config/api-config.ts'
import { changesBetween, merge } from '../config/changes.ts'
import { type Config, type ConfigRequest, loadConfig } from '../config/load.ts'
import { describeSetting, type EffectiveOption } from '../config/settings.ts'
import { ConfigError } from '../errors.ts'
import { emit } from '../events.ts'
import type { Log } from '../log/logger.ts'
import { Problems } from '../problems.ts'
import { forkClusterWorker } from '../service/cluster-port.ts'
import type { LauncherConf } from '../service/launcher-conf.ts'
import type { LauncherHooks, Reconfiguration } from '../service/reconfiguration.ts'
import type { Bound } from '../service/service-base.ts'
import { limitsIn } from '../service/supervision-limits.ts'
import type { WorkerGroupSpec } from '../service/worker-group-spec.ts'
import { checkInProcess } from './check-process.ts'
import type { Listeners } from './listeners.ts'
import { findServable, NO_APIS } from './servable-apis.ts'
import { toEnvironment } from './worker-order.ts'

const WORKER = fileURLToPath(new URL('./worker-main.js', import.meta.url))

interface ServedOptions {
  readonly request: ConfigRequest
  readonly log: Log
  readonly listeners: Listeners
}

export interface LocalApi {
  readonly settings: ApiSettings
  readonly bind: () => Promise<Bound>
}

/** What `millrace serve` serves by, and how that is read again while it does. */
export class ServedConfig implements LauncherHooks {
  readonly #options: ServedOptions
  #config: Config
  #ticketKeys = makeTicketKeys()

  /** The APIs of `config` are those that can be served. */
  constructor(config: Config, options: ServedOptions) {
    this.#config = config
    this.#options = options
  }

  get services(): WorkerGroupSpec[] {
    return this.#specsOf(this.#config)
  }

  /** For who serves them in this process. */
  get local(): LocalApi[] {
    const { apis, settings } = this.#config
    return apis.map((api) => ({ settings: { api, settings }, bind: async () => this.#options.listeners.boundFor(api) }))
  }

  get conf(): LauncherConf {
    return this.#confOf(this.#config)
  }

  /** Rejects with ConfigError when anything is wrong with it, and with BindError when an API cannot have its place. */
  async reload(): Promise<Reconfiguration> {
    const { request, listeners } = this.#options
    await checkInProcess(request, timeToCheck(this.#config.apis))
    const read = servable(loadConfig(request))
    const config = merge(this.#config, read, ({ fixed }) => fixed !== true)
    await listeners.openFor(config.apis)
    this.#ticketKeys = makeTicketKeys()
    return this.#reconfiguration(config, read)
  }

  /** Rejects with ConfigError when the files are wrong; what they say of apps is not looked at. */
  async mutate(): Promise<Reconfiguration> {
    const read = loadConfig(this.#options.request)
    return this.#reconfiguration(merge(this.#config, read, ({ mutable }) => mutable), read)
  }

  async settingsOf(name: string): Promise<ApiSettings | null> {
    const config = merge(this.#config, loadConfig(this.#options.request), ({ mutable }) => mutable)
    return settingsIn(config, name)
  }

  options(): readonly Omit<EffectiveOption, 'help'>[] {
    return this.#config.options.map((setting) => {
      const { group, option, value, source } = describeSetting(setting)
      return { group, option, value, source }
    })
  }

  #reconfiguration(config: Config, read: Config): Reconfiguration {
    return {
      conf: this.#confOf(config),
      services: this.#specsOf(config),
      settingsOf: (name) => settingsIn(config, name),
      settle: async (done, used) => {
        await (done ? this.#take(config, read) : this.#options.listeners.undo())
        await this.#options.listeners.closeAllBut(used)
      },
    }
  }

  /** Tells what has changed, and takes over what is this process's own. */
  async #take(config: Config, read: Config): Promise<void> {
    const taken = new Set(changesBetween(this.#config, config).map(({ option }) => option))
    for (const { option, from, to, api, row } of changesBetween(this.#config, read)) {
      const change = { option, from, to, ...(api !== undefined && { api }) }
      if (taken.has(option)) emit('option.changed', change)
      else emit('option.ignored', { ...change, takes: row.fixed === true ? 'a new start' : 'a reload' })
    }
    this.#config = config
    const { log } = this.#options
    log.setLevel(config.settings.log_level)
    await log.setFormat(config.settings.log_format)
  }

  /** One process cannot import an app's code again: there all is changed in place. */
  #confOf({ settings }: Config): LauncherConf {
    return this.#options.request.workers === 0 ? { ...settings, restart_method: 'mutate' } : settings
  }

  #specsOf({ apis, settings }: Config): WorkerGroupSpec[] {
    const { listeners } = this.#options
    return apis.map((api) => specOf({ api, settings }, listeners.boundFor(api), this.#ticketKeys))
  }
}

function specOf(given: ApiSettings, bound: Bound, ticketKeys: string): WorkerGroupSpec {
  const { name, workers, wsgi } = given.api
  const { host: address, port } = bound.place
  const env = toEnvironment({ ...given, address: { address, port }, ticketKeys })
  return { name, workers, limits: limitsIn(wsgi), bind: async () => bound, fork: () => forkClusterWorker({ file: WORKER, env }) }
}

/** The check makes each app, which may take as long as a worker may. */
function timeToCheck(apis: readonly ApiConfig[]): number {
  const times = apis.map(({ wsgi }) => wsgi.worker_start_timeout)
  return times.includes(0) ? 0 : times.reduce((sum, time) => sum + time, 0)
}

/** New with each reload: who learns them can read what was sent under them. */
function makeTicketKeys(): string {
  return randomBytes(48).toString('base64')
}

function settingsIn({ apis, settings }: Config, name: string): ApiSettings | null {
  const api = apis.find((one) => one.name === name)
  return api === undefined ? null : { api, settings }
}

/** Without what enabled_apis names and no section has. Throws ConfigError when a paste file cannot be read, or no API is left. */
function servable(config: Config): Config {
  const problems = new Problems()
  const { apis } = findServable(config, problems)
  problems.throwAny()
  if (apis.length === 0) throw new ConfigError({ message: NO_APIS })
  return { ...config, apis }
}
