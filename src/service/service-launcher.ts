import { once } from 'node:events'
import type { Backdoor } from './backdoor.ts'
import { Launcher, type LauncherOptions } from './launcher.ts'
import type { LauncherConf } from './launcher-conf.ts'
import { checkService } from './launch-checks.ts'
import { openBackdoor } from './own-backdoor.ts'
import type { RestartMethod } from './restart-method.ts'
import type { ServiceBase } from './service-base.ts'
import { ServiceNames } from './service-names.ts'
import { serviceOrder } from './service-order.ts'
import { ServiceUnit } from './service-unit.ts'

/** Runs services in this one process: oslo.service's ServiceLauncher. In a worker of another launcher it runs nothing. */
export class ServiceLauncher extends Launcher {
  readonly #names = new ServiceNames()
  readonly #services = new Map<string, ServiceBase>()
  readonly #conf: LauncherConf
  #backdoor: Backdoor | null = null

  /** Throws RangeError `Invalid restart_method: …`, and ConfigError for a `backdoor_port` that is none. */
  constructor(conf: LauncherConf = {}, options: LauncherOptions = {}) {
    super(conf, options)
    this.#conf = conf
  }

  /**
   * May be called several times. Resolves at once before `start`; later, when the service works. Throws TypeError for what is no service, RangeError
   * for more than one worker.
   */
  launchService(service: ServiceBase, workers = 1): Promise<void> {
    checkService(service)
    if (workers !== 1) throw new RangeError('Launcher asked to start multiple workers')
    const name = this.#names.take(service)
    this.#services.set(name, service)
    const { clock, times } = this
    return serviceOrder() === null ? this.add(new ServiceUnit(name, service, { clock, times })) : Promise.resolve()
  }

  /** In a worker of another launcher: resolves at once. */
  override start(): Promise<boolean> {
    return serviceOrder() === null ? super.start() : Promise.resolve(true)
  }

  /** In a worker of another launcher: 0 when that one's work is done, so that a program which waits for both ends. */
  override wait(): Promise<number> {
    return serviceOrder() === null ? super.wait() : disconnected()
  }

  /** There is one backdoor for all services. */
  protected override async opened(): Promise<void> {
    const services = Object.fromEntries(this.#services)
    const [service] = this.#services.values()
    this.#backdoor = await openBackdoor(this.#conf, { ...services, services, ...(service !== undefined && { service }) })
  }

  protected override async closed(): Promise<void> {
    await this.#backdoor?.close()
  }

  /** Reload stops each service and starts it again, in the same process, on the same listening socket. */
  protected async renew(method: RestartMethod): Promise<number> {
    const read = await this.hooks.mutate?.()
    this.checkRunning()
    if (read !== undefined) this.configure(read.conf)
    for (const unit of this.units) {
      unit.tell({ verb: 'mutate', settings: read?.settingsOf(unit.name) ?? null })
      await (method === 'reload' ? unit.reload() : unit.reset())
    }
    await read?.settle(true, this.sources)
    return 0
  }
}

async function disconnected(): Promise<number> {
  if (process.connected) await once(process, 'disconnect')
  return 0
}
