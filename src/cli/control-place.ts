import { type ConfigRequest, examineConfig } from '../config/load.ts'
import { ConfigError } from '../errors.ts'

/** Where a launcher is asked, as the command line says it. */
export interface ControlPlace extends ConfigRequest {
  /** Wins over the configuration. */
  readonly socket?: string | undefined
}

/** The control socket's path. Throws ConfigError when there is none. What else is wrong with the files is no reason not to ask a launcher that runs. */
export function findControlSocket(place: ControlPlace): string {
  if (place.socket !== undefined) return place.socket
  const { config, problems } = examineConfig(place)
  const { control_socket } = config.settings
  if (control_socket !== null) return control_socket
  problems.throwAny()
  const message = 'is not set, and without it no launcher can be asked: set it to a path, and start the launcher anew; or say --socket'
  throw new ConfigError({ section: 'DEFAULT', option: 'control_socket', message, expected: 'for instance /run/millrace/control.sock' })
}
