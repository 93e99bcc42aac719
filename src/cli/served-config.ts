import { fileURLToPath } from 'node:url'
import type { ApiConfig } from '../config/api-config.ts'
import { type Config, type ConfigRequest, loadConfig } from '../config/load.ts'
import { ConfigError } from '../errors.ts'
import type { Log } from '../log/logger.ts'
import { Problems } from '../problems.ts'
import { forkClusterWorker } from '../service/cluster-port.ts'
import type { LauncherHooks, Reconfiguration } from '../service/reconfiguration.ts'
import type { WorkerGroupSpec } from '../service/worker-group.ts'
import { checkInProcess } from './check-process.ts'
import type { Listeners } from './listeners.ts'
import { findServable, NO_APIS } from './servable-apis.ts'
import { toEnvironment, type WorkerSettings } from './worker-order.ts'

const WORKER = fileURLToPath(new URL('./worker-main.js', import.meta.url))

/** What `millrace serve` serves by, and how that is read again while it does. */
export class ServedConfig implements LauncherHooks {
  readonly #request: ConfigRequest
  readonly #listeners: Listeners
  readonly #log: Log
  #config: Config
  #apis: readonly ApiConfig[]

  constructor(request: ConfigRequest, config: Config, apis: readonly ApiConfig[], { listeners, log }: { listeners: Listeners; log: Log }) {
    this.#request = request
    this.#config = config
    this.#apis = apis
    this.#listeners = listeners
    this.#log = log
  }

  get services(): WorkerGroupSpec[] {
    return this.#apis.map((api) => this.#specOf(api, this.#config))
  }

  /** Rejects with ConfigError when anything is wrong with it, and with BindError when an API cannot have its place. */
  async reload(): Promise<Reconfiguration> {
    await checkInProcess(this.#request, timeToCheck(this.#apis))
    const config = loadConfig(this.#request)
    const apis = servableApis(config)
    await this.#listeners.openFor(apis)
    return this.#reconfiguration(config, apis)
  }

  #reconfiguration(config: Config, apis: readonly ApiConfig[]): Reconfiguration {
    return {
      conf: config.settings,
      services: apis.map((api) => this.#specOf(api, config)),
      settingsOf: (name) => settingsOf(name, apis, config),
      settle: async (done, used) => {
        if (done) this.#take(config, apis)
        await this.#listeners.closeAllBut(used)
      },
    }
  }

  #take(config: Config, apis: readonly ApiConfig[]): void {
    this.#config = config
    this.#apis = apis
  }

  #specOf(api: ApiConfig, { settings }: Config): WorkerGroupSpec {
    const bound = this.#listeners.boundFor(api)
    const { host: address, port } = bound.place
    const env = toEnvironment({ api, settings, address: { address, port } })
    return { name: api.name, workers: api.workers, bind: async () => bound, fork: () => forkClusterWorker({ file: WORKER, env }) }
  }
}

/** The check makes each app, which may take as long as a worker may. */
function timeToCheck(apis: readonly ApiConfig[]): number {
  const times = apis.map(({ wsgi }) => wsgi.worker_start_timeout)
  return times.includes(0) ? 0 : times.reduce((sum, time) => sum + time, 0)
}

function settingsOf(name: string, apis: readonly ApiConfig[], { settings }: Config): WorkerSettings | null {
  const api = apis.find((one) => one.name === name)
  return api === undefined ? null : { api, settings }
}

/** Throws ConfigError when a paste file cannot be read, or no API is left. */
function servableApis(config: Config): readonly ApiConfig[] {
  const problems = new Problems()
  const { apis } = findServable(config, problems)
  problems.throwAny()
  if (apis.length === 0) throw new ConfigError({ message: NO_APIS })
  return apis
}
