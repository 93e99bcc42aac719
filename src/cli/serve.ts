import { fileURLToPath } from 'node:url'
import type { Peer } from '../app.ts'
import { type Config, type ConfigRequest, loadConfig } from '../config/load.ts'
import type { ApiConfig } from '../config/api-config.ts'
import type { ConfigWarning } from '../config/config-warning.ts'
import { emit, type ListeningApi } from '../events.ts'
import { attachEventLog } from '../log/event-log.ts'
import { type Log, openLog } from '../log/logger.ts'
import { Problems } from '../problems.ts'
import { Listener } from '../server/listener.ts'
import { forkClusterWorker } from '../service/cluster-port.ts'
import type { Launcher } from '../service/launcher.ts'
import { ProcessLauncher } from '../service/process-launcher.ts'
import { ServiceLauncher } from '../service/service-launcher.ts'
import { createService } from './api.ts'
import { exitCodes } from './exit-codes.ts'
import { logCrashes } from './exit.ts'
import { keepFreedMemory } from './keep-memory.ts'
import { findServable, NO_APIS } from './servable-apis.ts'
import { toEnvironment } from './worker-order.ts'

interface BoundApi {
  readonly api: ApiConfig
  readonly listener: Listener
}

/** `millrace serve`, nova's main(): binds every enabled API, starts its workers, and resolves with the exit code when all have ended. */
export async function serve(request: ConfigRequest): Promise<number> {
  const config = loadConfig(request)
  const log = await openLog(config.settings, 'millrace')
  attachEventLog(log)
  logCrashes(log)
  logConfig(log, config)
  try {
    return await serveApis(config, request, log)
  } finally {
    log.flush()
  }
}

async function serveApis(config: Config, request: ConfigRequest, log: Log): Promise<number> {
  const problems = new Problems()
  const { apis, absent, warnings } = findServable(config, problems)
  for (const { api, file, line, message } of absent) log.logger.warn({ event: 'config.warning', api, file, line }, message)
  for (const { api, ...warning } of warnings) logWarning(log, warning, { api })
  problems.throwAny()
  if (apis.length === 0) {
    log.logger.error({ event: 'no-apis' }, NO_APIS)
    return exitCodes.failed
  }
  process.title = `millrace: ${apis.map((api) => api.name).join(', ')}`
  const bound = await bindAll(apis)
  const launcher = request.workers === 0 ? await launchHere(bound, config, log) : launchProcesses(bound, config, request)
  if (await launcher.start()) emit('ready', { apis: bound.map(listening), workers: apis.reduce((sum, api) => sum + api.workers, 0) })
  return launcher.wait()
}

/** Everything is bound before anything is forked: a port in use is one clear error, not a storm of workers that cannot start. */
async function bindAll(apis: readonly ApiConfig[]): Promise<BoundApi[]> {
  const bound: BoundApi[] = []
  try {
    for (const api of apis) bound.push({ api, listener: await bind(api) })
  } catch (error) {
    for (const { listener } of bound) listener.close()
    throw error
  }
  return bound
}

function bind({ listen, listen_port, wsgi }: ApiConfig): Promise<Listener> {
  return Listener.bind({ host: listen, port: listen_port, backlog: wsgi.backlog, socketMode: wsgi.socket_mode })
}

function launchProcesses(bound: readonly BoundApi[], config: Config, request: ConfigRequest): Launcher {
  const addresses = new Map(bound.map(({ api, listener }) => [api.name, addressOf(listener)]))
  const file = fileURLToPath(new URL('./worker-main.js', import.meta.url))
  const launcher = new ProcessLauncher({
    ...stopTimes(config),
    fork: (api) => forkClusterWorker({ file, env: toEnvironment({ api, address: addresses.get(api) as Peer, request }) }),
  })
  for (const { api, listener } of bound) launcher.launchService({ name: api.name, workers: api.workers, source: listener })
  return launcher
}

/** `--workers 0`: the same servers, in this process. */
async function launchHere(bound: readonly BoundApi[], config: Config, log: Log): Promise<Launcher> {
  keepFreedMemory()
  const launcher = new ServiceLauncher(stopTimes(config))
  for (const { api, listener } of bound) {
    launcher.launchService({ service: await createService(api, config, log, addressOf(listener)), source: listener })
  }
  return launcher
}

function stopTimes({ settings }: Config): { gracefulTimeout: number; drainDelay: number } {
  return { gracefulTimeout: settings.graceful_shutdown_timeout, drainDelay: settings.drain_delay }
}

function addressOf({ host, port }: Listener): Peer {
  return { address: host, port }
}

function listening({ api, listener }: BoundApi): ListeningApi {
  return { api: api.name, host: listener.host, port: listener.port, url: urlOf(api, listener), workers: api.workers }
}

/** What to paste into a browser: an address one can connect to, also when every address is listened on. */
function urlOf({ ssl }: ApiConfig, { host, port, label }: Listener): string {
  if (host.startsWith('unix:')) return `curl --unix-socket ${host.slice('unix:'.length)} http${ssl ? 's' : ''}://localhost/`
  const reachable = label.replace(/^0\.0\.0\.0:/, '127.0.0.1:').replace(/^\[::\]:/, '[::1]:')
  return `http${ssl ? 's' : ''}://${port === 0 ? host : reachable}/`
}

function logConfig(log: Log, config: Config): void {
  for (const warning of config.warnings) logWarning(log, warning)
  if (!config.settings.log_options) return
  log.logger.debug({ event: 'config' }, 'Full set of CONF:')
  for (const { group, option, value, source } of config.describe()) {
    log.logger.debug({ event: 'config', group, option, value, source }, `${group}.${option} = ${value}`)
  }
}

function logWarning({ logger }: Log, { level, file, line, message }: ConfigWarning, fields: object = {}): void {
  logger[level]({ event: 'config.warning', file, line, ...fields }, `${line === undefined ? file : `${file}:${line}`}: ${message}`)
}
