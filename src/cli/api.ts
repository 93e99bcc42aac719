import type { Peer } from '../app.ts'
import { systemClock } from '../clock.ts'
import { Timing } from '../compose/timing.ts'
import type { ApiConfig } from '../config/api-config.ts'
import type { Config } from '../config/load.ts'
import { attachAccessLog } from '../log/access-log.ts'
import type { Log } from '../log/logger.ts'
import { createApiService } from '../server/api-service.ts'
import type { Server } from '../server/server.ts'
import { loaderOf } from './loaders.ts'

/** Makes one API's server in this process, with its access log. Rejects with ConfigError when its configuration or its app is wrong. */
export async function createService(api: ApiConfig, config: Config, log: Log, address: Peer): Promise<Server> {
  attachAccessLog(log, api.name, api.wsgi)
  const settings = { ...api.wsgi, idle_linger: config.settings.idle_linger }
  const timing = new Timing({ api: api.name, header: api.wsgi.debug, clock: systemClock })
  return createApiService({ name: api.name, ssl: api.ssl, address, settings, loader: loaderOf(api, timing), clock: systemClock })
}
