import { defer } from './deferred.ts'
import type { LauncherConf } from './launcher-conf.ts'
import type { LogControl } from './log-control.ts'
import { isListening, type ServiceBase } from './service-base.ts'
import type { ServiceOrder } from './service-order.ts'
import { runWorker } from './worker.ts'

/** In a worker of a program: the one of its services that the process is for, and its life. */
export class OwnService {
  readonly #order: ServiceOrder
  readonly #conf: LauncherConf
  readonly #log: LogControl | undefined
  readonly #started = defer<boolean>()
  readonly #found = defer<ServiceBase>()
  #offered = false
  #life: Promise<number> | null = null

  constructor(order: ServiceOrder, { conf, log }: { conf: LauncherConf; log: LogControl | undefined }) {
    this.#order = order
    this.#conf = conf
    this.#log = log
  }

  /** One of the program's services. */
  offer(name: string, service: ServiceBase): void {
    if (name !== this.#order.service) return
    this.#offered = true
    const { place } = this.#order
    if (isListening(service) && place !== undefined) service.bound?.(place)
    this.#found.resolve(service)
  }

  /**
   * Starts it. Resolves with true when it works, with false when it ended before; at once when none so far is this process's: the program goes on, and
   * comes to it.
   */
  run(): Promise<boolean> {
    this.#life ??= this.#live()
    return this.#offered ? this.#started.promise : Promise.resolve(true)
  }

  /** Resolves with the exit code. All services have been offered by now. */
  wait(): Promise<number> {
    const { service } = this.#order
    this.#found.reject(new Error(`the program has no service ${service} when it runs in a worker: it must launch the same services in each of its processes`))
    this.#life ??= this.#live()
    return this.#life
  }

  async #live(): Promise<number> {
    const code = await runWorker({
      name: this.#order.service,
      gracefulTimeout: this.#conf.graceful_shutdown_timeout ?? 60,
      backdoor: this.#conf,
      watched: this.#conf.worker_timeout !== 0,
      log: this.#log,
      create: () => this.#found.promise,
      onReady: () => this.#started.resolve(true),
    })
    this.#started.resolve(false)
    // Nothing of ours keeps the process now.
    process.disconnect()
    return code
  }
}
