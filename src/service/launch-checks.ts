import type { ServiceBase } from './service-base.ts'

const METHODS = ['start', 'stop', 'wait', 'reset'] as const

/** Throws TypeError with oslo.service's text for what is no service. */
export function checkService(service: unknown): asserts service is ServiceBase {
  const given = (typeof service === 'object' && service !== null ? service : {}) as Readonly<Record<string, unknown>>
  const missing = METHODS.filter((name) => typeof given[name] !== 'function')
  if (missing.length > 0) throw new TypeError(`Service ${String(service)} must be an instance of ServiceBase: it has no ${missing.join(', ')}`)
}

/** Throws TypeError and RangeError with oslo.service's texts for what is no number of workers. */
export function checkWorkers(workers: unknown): asserts workers is number {
  if (typeof workers !== 'number' || !Number.isInteger(workers)) throw new TypeError(`Type of workers should be int!, not ${typeof workers} ${String(workers)}`)
  if (workers < 1) throw new RangeError(`Number of workers should be positive!, not ${workers}`)
}
