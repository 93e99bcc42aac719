import type { Peer } from '../app.ts'
import { systemClock } from '../clock.ts'
import { Timing } from '../compose/timing.ts'
import { attachAccessLog } from '../log/access-log.ts'
import type { Log } from '../log/logger.ts'
import { createApiServer } from '../server/api-server.ts'
import type { Server } from '../server/server.ts'
import { loaderOf } from './loaders.ts'
import type { WorkerSettings } from './worker-order.ts'

/** Makes one API's server in this process, with its access log. Rejects with ConfigError when its configuration or its app is wrong. */
export async function createService({ api, settings: { idle_linger } }: WorkerSettings, log: Log, address: Peer): Promise<Server> {
  attachAccessLog(log, api.name, api.wsgi)
  const settings = { ...api.wsgi, idle_linger }
  const timing = new Timing({ api: api.name, header: api.wsgi.debug, clock: systemClock })
  return createApiServer({ name: api.name, ssl: api.ssl, address, settings, loader: loaderOf(api, timing), clock: systemClock })
}
