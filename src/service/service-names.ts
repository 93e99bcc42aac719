import type { ServiceBase } from './service-base.ts'

/** Gives each service a name of its own. In every process of a program the same services come in the same order, and get the same names. */
export class ServiceNames {
  readonly #taken = new Set<string>()

  /** The service's name, or that of its class; a second one of a class has a number behind it. Throws RangeError when its own name is taken. */
  take(service: ServiceBase): string {
    const own = service.name
    if (own !== undefined && this.#taken.has(own)) throw new RangeError(`there is a service ${own} already: services of one launcher need names of their own`)
    const name = own ?? this.#free(service.constructor.name)
    this.#taken.add(name)
    return name
  }

  #free(base: string): string {
    let name = base
    for (let number = 2; this.#taken.has(name); number++) name = `${base}-${number}`
    return name
  }
}
