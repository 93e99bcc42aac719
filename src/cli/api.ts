import type { Peer } from '../app.ts'
import { builtins } from '../builtins.ts'
import { systemClock } from '../clock.ts'
import type { CompositionObserver } from '../compose/observer.ts'
import { Timing } from '../compose/timing.ts'
import type { ApiConfig } from '../config/api-config.ts'
import type { Config } from '../config/load.ts'
import { attachAccessLog } from '../log/access-log.ts'
import type { Log } from '../log/logger.ts'
import { Loader } from '../paste/loader.ts'
import { createApiService } from '../server/api-service.ts'
import type { Server } from '../server/server.ts'

export function loaderOf(api: ApiConfig, observer?: CompositionObserver): Loader {
  return openLoader(api.wsgi.api_paste_config, observer)
}

export function openLoader(configPath: string, observer?: CompositionObserver): Loader {
  return new Loader({ configPath, builtins, ...(observer !== undefined && { observer }) })
}

/** Makes one API's server in this process, with its access log. Rejects with ConfigError when its configuration or its app is wrong. */
export async function createService(api: ApiConfig, config: Config, log: Log, address: Peer): Promise<Server> {
  attachAccessLog(log, api.name, api.wsgi)
  const settings = { ...api.wsgi, idle_linger: config.settings.idle_linger }
  const timing = new Timing({ api: api.name, header: api.wsgi.debug, clock: systemClock })
  return createApiService({ name: api.name, ssl: api.ssl, address, settings, loader: loaderOf(api, timing), clock: systemClock })
}
