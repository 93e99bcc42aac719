import type { RunningServer, ServerFactory } from './app.ts'
import { systemClock } from './clock.ts'
import { DEFAULT_OPTIONS } from './config/default-options.ts'
import { describeExpected, readValue } from './config/option-types.ts'
import type { OptionRow } from './config/options.ts'
import { WSGI_OPTIONS } from './config/wsgi-options.ts'
import { ConfigError } from './errors.ts'
import { type OptionTable, readOptions } from './middleware/converters.ts'
import { ApiService } from './server/api-service.ts'
import { bindTo } from './server/listener.ts'
import { Server } from './server/server.ts'
import type { ServerSettings } from './server/settings.ts'
import { createTlsServer, type TlsSettings } from './server/tls.ts'
import { ServiceUnit } from './service/service-unit.ts'

interface HttpServerSettings extends ServerSettings, TlsSettings {
  readonly host: string
  readonly port: number
  readonly backlog: number
  readonly socket_mode: number
  /** Seconds. */
  readonly graceful_shutdown_timeout: number
}

/** These belong to a command that serves several APIs by worker processes, and logs. */
const LEFT_OUT: readonly string[] = [
  'api_paste_config', 'access_log', 'wsgi_log_format', 'worker_start_timeout', 'worker_timeout', 'max_requests', 'max_requests_jitter', 'max_worker_age',
  'max_worker_memory',
]
const OF_STOP: readonly string[] = ['graceful_shutdown_timeout', 'idle_linger']

const ROWS: readonly OptionRow[] = [
  { name: 'host', type: 'address', default: '127.0.0.1', mutable: false, help: 'an IPv4 or IPv6 address, a host name, or `unix:/path`' },
  { name: 'port', type: 'port', default: '8080', mutable: false, help: 'the TCP port; 0 takes any free one' },
  ...WSGI_OPTIONS.filter(({ name }) => !LEFT_OUT.includes(name)),
  ...DEFAULT_OPTIONS.filter(({ name }) => OF_STOP.includes(name)),
]

/**
 * `egg:millrace#http`, also Paste's `egg:Paste#http`: serves an app by Millrace's own HTTP/1.1 engine, in this process and without a log:
 * `(await loader.loadServer())(await loader.loadApp())` is a whole program. Options:
 *
 * - `host`: an address, a host name, or `unix:/path`; default `127.0.0.1`. `port`: default `8080`; 0 takes any free one.
 * - each option of `[wsgi]` but `api_paste_config`, `access_log`, `wsgi_log_format` and those of workers, with the default that it has there. A certificate,
 *   `ssl_cert_file` with `ssl_key_file`, makes it HTTPS. Relative paths are relative to the INI file.
 * - `graceful_shutdown_timeout` (60 seconds) and `idle_linger` (5 seconds): what `close()` waits for.
 *
 * ```ini
 * [server:main]
 * use = egg:millrace#http
 * host = 0.0.0.0
 * port = 8774
 * default_pool_size = 50
 * ```
 *
 * Throws ConfigError for an option it does not have and a value that is none; to serve rejects with BindError when the address cannot be had.
 */
export const httpServer: ServerFactory = (globalConf, localConf) => {
  const settings = readOptions(localConf, tableFrom(globalConf['here'] ?? '.'))
  const tls = settings.ssl_cert_file === null ? undefined : createTlsServer(settings)
  return async (app): Promise<RunningServer> => {
    const { host, port, backlog, socket_mode: socketMode } = settings
    const service = new ApiService({
      name: 'main',
      bind: () => bindTo({ host, port, backlog, socketMode }, tls !== undefined),
      create: async (address) => new Server({ name: 'main', app, address, settings, clock: systemClock, tls }),
    })
    const times = { gracefulTimeout: settings.graceful_shutdown_timeout, drainDelay: 0 }
    const unit = new ServiceUnit('main', service, { clock: systemClock, times })
    await unit.bind()
    await unit.start()
    const { host: address, port: actual } = unit.listening
    return { address: { address, port: actual }, close: () => stop(unit, times.gracefulTimeout) }
  }
}

async function stop(unit: ServiceUnit, timeout: number): Promise<void> {
  unit.quiesce()
  unit.close()
  await unit.stop(timeout === 0 ? null : timeout)
}

/** The configuration's own rows, so that an option means the same in both files. */
function tableFrom(base: string): OptionTable<HttpServerSettings> {
  return Object.fromEntries(
    ROWS.map((row) => [row.name, [(text: string) => convert(row, text, base), row.default === null ? null : readValue(row, row.default, base)]]),
  ) as unknown as OptionTable<HttpServerSettings>
}

function convert(row: OptionRow, text: string, base: string): unknown {
  if (text === '' && row.default === null) return null
  const value = readValue(row, text, base)
  if (value === undefined) throw new ConfigError({ message: 'is not valid', option: row.name, value: text, expected: describeExpected(row) })
  return value
}
