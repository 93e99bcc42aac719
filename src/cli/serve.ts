import { type Config, type ConfigRequest, loadConfig } from '../config/load.ts'
import type { ApiConfig } from '../config/api-config.ts'
import type { ConfigWarning } from '../config/config-warning.ts'
import { describeSetting } from '../config/settings.ts'
import { logCrashes } from '../log/crash-log.ts'
import { attachEventLog } from '../log/event-log.ts'
import { type Log, openLog } from '../log/logger.ts'
import { Problems } from '../problems.ts'
import type { Launcher } from '../service/launcher.ts'
import { ProcessLauncher } from '../service/process-launcher.ts'
import { ServiceLauncher } from '../service/service-launcher.ts'
import { signals } from '../service/signals.ts'
import { takePassedSockets } from '../service/socket-activation.ts'
import { serviceOf } from '../api.ts'
import { exitCodes } from './exit-codes.ts'
import { keepFreedMemory } from './keep-memory.ts'
import { Listeners } from './listeners.ts'
import { ServedConfig } from './served-config.ts'
import { findServable, NO_APIS } from './servable-apis.ts'

/** `millrace serve`, nova's main(): binds every enabled API, starts its workers, and resolves with the exit code when all have ended. */
export async function serve(request: ConfigRequest): Promise<number> {
  const config = loadConfig(request)
  const log = await openLog(config.settings, 'millrace', config.sourceOf('DEFAULT', 'log_file'))
  const renamed = signals.add('SIGUSR1', () => log.reopen())
  attachEventLog(log)
  logCrashes(log)
  logConfig(log, config)
  try {
    const launcher = await launcherOf(config, request, log)
    const exitCode = launcher?.wait() ?? exitCodes.failed
    // The launcher has it from here on.
    renamed()
    return await exitCode
  } finally {
    log.flush()
  }
}

/** Null when no API can be served. */
async function launcherOf(config: Config, request: ConfigRequest, log: Log): Promise<Launcher | null> {
  const problems = new Problems()
  const { apis, absent, warnings } = findServable(config, problems)
  for (const { api, file, line, message } of absent) log.logger.warn({ event: 'config.warning', api, file, line }, message)
  for (const { api, ...warning } of warnings) logWarning(log, warning, { api })
  problems.throwAny()
  if (apis.length === 0) {
    log.logger.error({ event: 'no-apis' }, NO_APIS)
    return null
  }
  process.title = `millrace: ${apis.map((api) => api.name).join(', ')}`
  const served = new ServedConfig({ ...config, apis }, { request, log, listeners: await listenFor(apis) })
  return request.workers === 0 ? launchHere(served, log) : launchProcesses(served, log)
}

/** Everything is bound before anything is forked: a port in use is one clear error, not a storm of workers that cannot start. */
async function listenFor(apis: readonly ApiConfig[]): Promise<Listeners> {
  const listeners = new Listeners()
  await listeners.adopt(takePassedSockets(), apis)
  await listeners.openFor(apis)
  return listeners
}

async function launchProcesses(served: ServedConfig, log: Log): Promise<Launcher> {
  const launcher = new ProcessLauncher(served.conf, { hooks: served, log })
  for (const spec of served.services) await launcher.launchGroup(spec)
  return launcher
}

/** `--workers 0`: the same servers, in this process. */
async function launchHere(served: ServedConfig, log: Log): Promise<Launcher> {
  keepFreedMemory()
  const launcher = new ServiceLauncher(served.conf, { hooks: served, log })
  for (const { settings, bind } of served.local) await launcher.launchService(serviceOf(settings, { log, bind }))
  return launcher
}

function logConfig(log: Log, config: Config): void {
  for (const warning of config.warnings) logWarning(log, warning)
  if (!config.settings.log_options) return
  log.logger.debug({ event: 'config' }, 'Full set of CONF:')
  for (const { group, option, value, source } of config.options.map(describeSetting)) {
    log.logger.debug({ event: 'config', group, option, value, source }, `${group}.${option} = ${value}`)
  }
}

function logWarning({ logger }: Log, { level, file, line, message }: ConfigWarning, fields: object = {}): void {
  logger[level]({ event: 'config.warning', file, line, ...fields }, `${line === undefined ? file : `${file}:${line}`}: ${message}`)
}
