import { emit } from '../events.ts'
import { Launcher, type LauncherOptions } from './launcher.ts'
import type { LauncherConf } from './launcher-conf.ts'
import { checkService, checkWorkers } from './launch-checks.ts'
import { forkProgram } from './program.ts'
import type { Reconfiguration } from './reconfiguration.ts'
import { PartialReload } from './replacer.ts'
import type { RestartMethod } from './restart-method.ts'
import { isListening, type ServiceBase } from './service-base.ts'
import { ServiceNames } from './service-names.ts'
import { serviceOrder } from './service-order.ts'
import { OwnService } from './own-service.ts'
import { limitsIn, type SupervisionLimits } from './supervision-limits.ts'
import { WorkerGroup } from './worker-group.ts'
import type { WorkerGroupSpec } from './worker-group-spec.ts'
import type { WorkerHandle } from './worker-handle.ts'

/**
 * Runs each service in its own number of worker processes and keeps them alive: oslo.service's ProcessLauncher. A worker runs the same program
 * from its beginning: there `launchService` starts nothing but the one service that the process is for, and `wait` is that service's life.
 */
export class ProcessLauncher extends Launcher {
  readonly #names = new ServiceNames()
  /** In a worker. */
  readonly #own: OwnService | null
  readonly #groups: WorkerGroup[] = []
  readonly #limits: Partial<SupervisionLimits>

  /** Throws RangeError `Invalid restart_method: …`, and ConfigError for a `backdoor_port` that is none. */
  constructor(conf: LauncherConf = {}, options: LauncherOptions = {}) {
    super(conf, options)
    this.#limits = limitsIn(conf)
    const order = serviceOrder()
    this.#own = order === null ? null : new OwnService(order, { conf, log: this.log })
  }

  /**
   * May be called several times, with services of different kinds. Resolves at once before `start`; later, when the service works.
   * Throws TypeError and RangeError with oslo.service's texts for what is no service and no number of workers.
   */
  launchService(service: ServiceBase, workers = 1): Promise<void> {
    checkService(service)
    checkWorkers(workers)
    const name = this.#names.take(service)
    if (this.#own === null) return this.launchGroup({ ...specOf(name, service, workers), limits: this.#limits })
    this.#own.offer(name, service)
    return Promise.resolve()
  }

  /** As {@link launchService}, for a service whose processes are made in a way of their own. */
  async launchGroup(spec: WorkerGroupSpec): Promise<void> {
    const group = this.#makeGroup(spec)
    this.#groups.push(group)
    await this.add(group)
  }

  /** In a worker: runs its service. */
  override start(): Promise<boolean> {
    return this.#own === null ? super.start() : this.#own.run()
  }

  override async wait(): Promise<number> {
    return this.#own === null ? super.wait() : this.#own.wait()
  }

  protected async renew(method: RestartMethod): Promise<number> {
    const read = await this.hooks[method]?.()
    let done = false
    try {
      this.checkRunning()
      if (read !== undefined) this.configure(read.conf)
      const replaced = await (method === 'reload' ? this.#reload(read) : this.#mutate(read))
      done = true
      return replaced
    } finally {
      await read?.settle(done, this.sources)
    }
  }

  /** What is new first, then worker by worker, one service after the other; what is gone last. */
  async #reload(read: Reconfiguration | undefined): Promise<number> {
    const known = [...this.#groups]
    for (const spec of read?.services ?? []) if (!known.some(({ name }) => name === spec.name)) await this.#addLater(spec)
    let replaced = 0
    for (const group of known) {
      const spec = read?.services.find(({ name }) => name === group.name)
      if (read !== undefined && spec === undefined) continue
      if (spec !== undefined) group.change(spec)
      await group.reset()
      replaced += await countFrom(replaced, group.reload())
    }
    const staying = this.#groups.filter(({ name }) => read?.services.some((spec) => spec.name === name) ?? true)
    await Promise.all(staying.map((group) => group.move()))
    if (read !== undefined) await this.#removeAllBut(read.services)
    return replaced
  }

  async #mutate(read: Reconfiguration | undefined): Promise<number> {
    for (const group of this.#groups) {
      const spec = read?.services.find(({ name }) => name === group.name)
      if (spec !== undefined) group.change(spec)
      await group.reset()
      group.takeOver(read?.settingsOf(group.name) ?? null)
    }
    return 0
  }

  /** One that cannot start leaves no trace. */
  async #addLater(spec: WorkerGroupSpec): Promise<void> {
    try {
      await this.launchGroup(spec)
    } catch (error) {
      await this.#drop(this.#groups.filter(({ name }) => name === spec.name))
      throw error
    }
  }

  async #removeAllBut(services: readonly WorkerGroupSpec[]): Promise<void> {
    const gone = this.#groups.filter((group) => !services.some(({ name }) => name === group.name))
    const places = this.#groups.filter((group) => !gone.includes(group)).map(({ source }) => source)
    for (const group of gone) if (places.includes(group.source)) group.leave()
    await this.#drop(gone)
  }

  async #drop(groups: readonly WorkerGroup[]): Promise<void> {
    for (const group of groups) this.#groups.splice(this.#groups.indexOf(group), 1)
    await Promise.all(groups.map((group) => this.remove(group)))
  }

  #makeGroup(spec: WorkerGroupSpec): WorkerGroup {
    const { clock, times } = this
    return new WorkerGroup(spec, { clock, times, onResetAsked: (worker) => void this.#resetOne(spec.name, worker) })
  }

  /** A worker that got HUP itself. What cannot be read leaves it as it is. */
  async #resetOne(name: string, worker: WorkerHandle): Promise<void> {
    try {
      const settings = (await this.hooks.settingsOf?.(name)) ?? null
      if (worker.state === 'READY') worker.tell({ verb: 'mutate', settings })
    } catch (error) {
      emit('reload.failed', { method: 'mutate', replaced: 0, error })
    }
  }
}

function specOf(name: string, service: ServiceBase, workers: number): WorkerGroupSpec {
  const bind = isListening(service) ? { bind: () => service.bind() } : {}
  return { name, workers, service, ...bind, fork: (place) => forkProgram({ service: name, ...(place !== undefined && { place }) }) }
}

/** Adds what was replaced before to what an unfinished reload tells. */
async function countFrom(before: number, reload: Promise<number>): Promise<number> {
  try {
    return await reload
  } catch (error) {
    throw error instanceof PartialReload ? new PartialReload(before + error.replaced, error.cause) : error
  }
}
