import type { Activity, ServiceBase, WorkItem } from './service-base.ts'

/**
 * Several services that run as one, in one process or in each worker: oslo.service's Services. They start in the order in which they were
 * added, each when the one before has; they stop together.
 */
export class Services implements ServiceBase {
  readonly name: string
  readonly #services: ServiceBase[] = []
  #state: 'NEW' | 'STARTED' | 'STOPPED' = 'NEW'

  constructor(name: string, services: Iterable<ServiceBase> = []) {
    this.name = name
    for (const service of services) this.add(service)
  }

  /** Before the start, or after the stop. Throws Error in between. */
  add(service: ServiceBase): void {
    if (this.#state === 'STARTED') throw new Error(`${this.name} has started: no service can be added`)
    this.#services.push(service)
  }

  /** When one cannot start, all are stopped, and it rejects with why. A stop that comes meanwhile ends the start. */
  async start(): Promise<void> {
    this.#state = 'STARTED'
    try {
      for (const service of this.#services) if (this.#hasStarted()) await service.start()
    } catch (error) {
      await Promise.allSettled([this.stop()])
      await Promise.allSettled([this.wait()])
      throw error
    }
    // The service that was starting was stopped before it could be.
    if (!this.#hasStarted()) await this.stop()
  }

  /** May be called again. What one of them throws comes after all were told; so it is with {@link wait} and {@link reset}. */
  async stop(): Promise<void> {
    this.#state = 'STOPPED'
    await this.#each((service) => service.stop())
  }

  async wait(): Promise<void> {
    await this.#each((service) => service.wait())
  }

  async reset(): Promise<void> {
    await this.#each((service) => service.reset())
  }

  quiesce(): void {
    for (const service of this.#services) service.quiesce?.()
  }

  abort(): number {
    return this.#services.reduce((sum, service) => sum + (service.abort?.() ?? 0), 0)
  }

  mutate(settings: unknown): void {
    for (const service of this.#services) service.mutate?.(settings)
  }

  activity(): Activity {
    return this.#services.reduce((sum, service) => add(sum, service.activity?.() ?? NOTHING), NOTHING)
  }

  inProgress(): WorkItem[] {
    return this.#services.flatMap((service) => service.inProgress?.() ?? []).toSorted((one, other) => other.seconds - one.seconds)
  }

  #hasStarted(): boolean {
    return this.#state === 'STARTED'
  }

  async #each(call: (service: ServiceBase) => void | Promise<void>): Promise<void> {
    const outcomes = await Promise.allSettled(this.#services.map(async (service) => call(service)))
    const errors = outcomes.filter((outcome) => outcome.status === 'rejected').map((outcome) => outcome.reason as unknown)
    if (errors.length > 1) throw new AggregateError(errors, `${errors.length} services of ${this.name} failed`)
    if (errors.length === 1) throw errors[0]
  }
}

const NOTHING: Activity = { done: 0, inFlight: 0, queued: 0, connections: { IDLE: 0, REQUEST: 0, CLOSE: 0 } }

function add(one: Activity, other: Activity): Activity {
  const { IDLE, REQUEST, CLOSE } = one.connections
  return {
    done: one.done + other.done,
    inFlight: one.inFlight + other.inFlight,
    queued: one.queued + other.queued,
    connections: { IDLE: IDLE + other.connections.IDLE, REQUEST: REQUEST + other.connections.REQUEST, CLOSE: CLOSE + other.connections.CLOSE },
  }
}
