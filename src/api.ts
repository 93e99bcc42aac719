import type { Peer } from './app.ts'
import { systemClock } from './clock.ts'
import { Timing } from './compose/timing.ts'
import type { ApiConfig } from './config/api-config.ts'
import type { Config } from './config/load.ts'
import type { DefaultSettings } from './config/options.ts'
import { ConfigError } from './errors.ts'
import { loaderOf } from './loaders.ts'
import { attachAccessLog } from './log/access-log.ts'
import type { Log } from './log/logger.ts'
import { nearestName } from './nearest.ts'
import { createApiServer } from './server/api-server.ts'
import { ApiService } from './server/api-service.ts'
import type { Server } from './server/server.ts'

/** What a process serves one API by. Plain JSON. */
export interface ApiSettings {
  readonly api: ApiConfig
  readonly settings: DefaultSettings
}

/** Makes one API's server in this process, with its access log. Rejects with ConfigError when its configuration or its app is wrong. */
export async function createService({ api, settings: { idle_linger } }: ApiSettings, address: Peer, log?: Log): Promise<Server> {
  if (log !== undefined) attachAccessLog(log, api.name, api.wsgi)
  const settings = { ...api.wsgi, idle_linger }
  const timing = new Timing({ api: api.name, header: api.wsgi.debug, clock: systemClock })
  return createApiServer({ name: api.name, ssl: api.ssl, address, settings, loader: loaderOf(api, timing), clock: systemClock })
}

/**
 * One of a configuration's APIs as a service, for a program that launches it beside others: nova's WSGIService.
 *
 * ```ts
 * const config = loadConfig({ files: ['millrace.conf'] })
 * const launcher = new ProcessLauncher(config.settings)
 * launcher.launchService(apiService(config, 'compute'), 4)
 * launcher.launchService(new Reaper())
 * process.exit(await launcher.wait())
 * ```
 *
 * Requests are logged when there is a `log`. Throws ConfigError for an API that is not enabled; its start rejects with what is wrong with its app.
 */
export function apiService({ apis, settings }: Config, name: string, log?: Log): ApiService {
  const api = apis.find((one) => one.name === name)
  if (api === undefined) {
    const names = apis.map((one) => one.name)
    throw new ConfigError({ message: 'is not in enabled_apis', section: 'DEFAULT', option: 'enabled_apis', value: name, nearest: nearestName(name, names) })
  }
  const { ssl, listen: host, listen_port: port, wsgi: { backlog, socket_mode: socketMode } } = api
  const create = (address: Peer): Promise<Server> => createService({ api, settings }, address, log)
  return new ApiService({ name, ssl, listen: { host, port, backlog, socketMode }, create })
}
