import { systemClock } from './clock.ts'
import { Timing } from './compose/timing.ts'
import type { ApiConfig } from './config/api-config.ts'
import { merge } from './config/changes.ts'
import { type Config, loadConfig } from './config/load.ts'
import type { DefaultSettings } from './config/options.ts'
import { ConfigError } from './errors.ts'
import { emit } from './events.ts'
import { loaderOf } from './loaders.ts'
import { attachAccessLog } from './log/access-log.ts'
import type { Log } from './log/logger.ts'
import { nearestName } from './nearest.ts'
import { createApiServer } from './server/api-server.ts'
import { ApiService } from './server/api-service.ts'
import { bindTo } from './server/listener.ts'
import type { Bound } from './service/service-base.ts'

/** What a process serves one API by. Plain JSON. */
export interface ApiSettings {
  readonly api: ApiConfig
  readonly settings: DefaultSettings
}

export interface ApiSurroundings {
  /** Default: nothing is logged. */
  readonly log?: Log | undefined
  /** Default: it binds what its options say. */
  readonly bind?: () => Promise<Bound>
  /** Of TLS sessions, for several processes. Default: its own. */
  readonly ticketKeys?: Buffer
  /** What a reset takes over; null for nothing. Default: nothing. */
  readonly read?: () => ApiSettings | null
}

/**
 * One API as a service of this process, with its access log when there is a log. Its start rejects with ConfigError when its configuration or its app is
 * wrong. What it takes over in place are {@link ApiSettings}.
 */
export function serviceOf({ api, settings: { idle_linger } }: ApiSettings, { log, bind, ticketKeys, read }: ApiSurroundings = {}): ApiService {
  const { name, ssl, wsgi, listen: host, listen_port: port } = api
  const accessLog = log === undefined ? undefined : attachAccessLog(log, name, wsgi)
  const timing = new Timing({ api: name, header: wsgi.debug, clock: systemClock })
  return new ApiService({
    name,
    ...(read !== undefined && { read }),
    bind: bind ?? (() => bindTo({ host, port, backlog: wsgi.backlog, socketMode: wsgi.socket_mode }, ssl)),
    create: (address) => createApiServer({ name, ssl, address, settings: { ...wsgi, idle_linger }, loader: loaderOf(api, timing), clock: systemClock, ticketKeys }),
    mutate: (server, given) => {
      const { api, settings } = given as ApiSettings
      server.mutate({ ...api.wsgi, idle_linger: settings.idle_linger })
      accessLog?.update(api.wsgi)
    },
  })
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
 * A reset reads the configuration again and takes over what is mutable; when that cannot be read all stays as it is, and `reload.failed` tells
 * why. Requests are logged when there is a `log`. Throws ConfigError for an API that is not enabled; its start rejects with what is wrong with its app.
 */
export function apiService(config: Config, name: string, log?: Log): ApiService {
  const { apis, settings } = config
  const api = apis.find((one) => one.name === name)
  if (api === undefined) {
    const names = apis.map((one) => one.name)
    throw new ConfigError({ message: 'is not in enabled_apis', section: 'DEFAULT', option: 'enabled_apis', value: name, nearest: nearestName(name, names) })
  }
  return serviceOf({ api, settings }, { log, read: () => readAgain(config, name) })
}

/** Null when the files are wrong. */
function readAgain(config: Config, name: string): ApiSettings | null {
  try {
    const { apis, settings } = merge(config, loadConfig(config.request), ({ mutable }) => mutable)
    const api = apis.find((one) => one.name === name)
    return api === undefined ? null : { api, settings }
  } catch (error) {
    emit('reload.failed', { method: 'mutate', replaced: 0, error })
    return null
  }
}
