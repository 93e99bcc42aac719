import type { ChildPort } from './ports.ts'
import type { Bound, Place, ServiceBase } from './service-base.ts'
import type { SupervisionLimits } from './supervision-limits.ts'

/** A service to be run in worker processes. */
export interface WorkerGroupSpec {
  readonly name: string
  /** How many processes. */
  readonly workers: number
  /** Starts one process of it, which goes on to call `runWorker`. */
  readonly fork: (place?: Place) => ChildPort
  /** For a service that serves connections. */
  readonly bind?: () => Promise<Bound>
  /** How many connections may wait for a worker before further ones are closed. Default 4096. */
  readonly maxWaiting?: number
  /** When a worker is killed, or replaced. Default: {@link DEFAULT_LIMITS}. */
  readonly limits?: Partial<SupervisionLimits>
  /** The service as the launcher's own process has it; it is never started there. */
  readonly service?: Pick<ServiceBase, 'stop' | 'reset'>
}
