import type { BackdoorConf } from './backdoor-place.ts'
import type { RestartMethod } from './restart-method.ts'
import type { SupervisionLimits } from './supervision-limits.ts'

/**
 * How a launcher behaves: options by their own names, so that a configuration's settings can be given as they are. When its workers are killed or replaced is
 * an option of `[wsgi]` there; here it holds for all services.
 */
export interface LauncherConf extends Partial<BackdoorConf>, Partial<SupervisionLimits> {
  /** Seconds from the beginning of a stop until what is left is cut; 0 for never. Default 60. */
  readonly graceful_shutdown_timeout?: number
  /** Seconds to serve on when a stop was asked for, so that a load balancer notices. Default 0. */
  readonly drain_delay?: number
  /** What HUP does. Default reload. */
  readonly restart_method?: RestartMethod
  /** A unix socket over which the launcher can be asked and told things, for its owner only. Default none. */
  readonly control_socket?: string | null
}
