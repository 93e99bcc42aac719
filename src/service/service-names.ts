import type { ServiceBase } from './service-base.ts'

/** Gives each service a name of its own. In every process of a program the same services come in the same order, and get the same names. */
export class ServiceNames {
  readonly #taken = new Set<string>()

  /** The service's name, or that of its class; where that is taken, with a number behind it. */
  take(service: ServiceBase): string {
    const base = service.name ?? service.constructor.name
    let name = base
    for (let number = 2; this.#taken.has(name); number++) name = `${base}-${number}`
    this.#taken.add(name)
    return name
  }
}
