import { checkWorkers } from './launch-checks.ts'
import type { LauncherOptions } from './launcher.ts'
import type { LauncherConf } from './launcher-conf.ts'
import { ProcessLauncher } from './process-launcher.ts'
import type { RestartMethod } from './restart-method.ts'
import type { ServiceBase } from './service-base.ts'
import { ServiceLauncher } from './service-launcher.ts'

export interface LaunchOptions extends LauncherOptions {
  /** Processes. 1, the default, and null are this one. */
  readonly workers?: number | null
  /** What HUP does. Default: `restart_method` of the configuration, else reload. */
  readonly restartMethod?: RestartMethod
}

/**
 * Starts one service and returns its launcher, whose `wait()` resolves with the exit code: oslo.service's `launch`. More services can be launched with it.
 * The program runs again in each worker, as far as `wait()`.
 *
 * ```ts
 * const launcher = launch({ graceful_shutdown_timeout: 30 }, new Reaper(), { workers: 2 })
 * process.exit(await launcher.wait())
 * ```
 *
 * Throws TypeError `Type of workers should be int!` and RangeError `Number of workers should be positive!`, RangeError `Invalid restart_method: …`, and
 * TypeError for what is no service. What its start rejects with is what `wait()` does.
 */
export function launch(conf: LauncherConf, service: ServiceBase, options: LaunchOptions = {}): ServiceLauncher | ProcessLauncher {
  const { workers = 1, restartMethod, ...others } = options
  if (workers !== null) checkWorkers(workers)
  const all = restartMethod === undefined ? conf : { ...conf, restart_method: restartMethod }
  const launcher = workers === null || workers === 1 ? new ServiceLauncher(all, others) : new ProcessLauncher(all, others)
  launcher.launchService(service, workers ?? 1).catch(ignore)
  // Services that are launched with it in the same breath are started, and get ready, together.
  setImmediate(() => void launcher.start().catch(ignore))
  return launcher
}

/** `wait()` tells it. */
function ignore(): void {}
