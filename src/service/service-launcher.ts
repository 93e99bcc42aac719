import { Launcher } from './launcher.ts'
import { checkService } from './launch-checks.ts'
import type { RestartMethod } from './restart-method.ts'
import type { ServiceBase } from './service-base.ts'
import { ServiceNames } from './service-names.ts'
import { serviceOrder } from './service-order.ts'
import { ServiceUnit } from './service-unit.ts'

/** Runs services in this one process: oslo.service's ServiceLauncher. In a worker of another launcher it runs nothing. */
export class ServiceLauncher extends Launcher {
  readonly #names = new ServiceNames()

  /**
   * May be called several times. Resolves at once before `start`; later, when the service works. Throws TypeError for what is no service, RangeError
   * for more than one worker.
   */
  launchService(service: ServiceBase, workers = 1): Promise<void> {
    checkService(service)
    if (workers !== 1) throw new RangeError('Launcher asked to start multiple workers')
    const name = this.#names.take(service)
    const { clock, times } = this
    return serviceOrder() === null ? this.add(new ServiceUnit(name, service, { clock, times })) : Promise.resolve()
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
    await read?.settle(true, [])
    return 0
  }
}
