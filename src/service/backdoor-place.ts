import { ConfigError } from '../errors.ts'
import { emit } from '../events.ts'

export interface BackdoorConf {
  /** A unix socket; `{pid}` stands for the process id. Wins over the port. */
  readonly backdoor_socket: string | null
  /** A port of 127.0.0.1, 0 for any, or `start:end` for the first free one. */
  readonly backdoor_port: string | null
}

/** Where a backdoor may listen. */
export type BackdoorPlace = { readonly path: string } | { readonly text: string; readonly first: number; readonly last: number }

const LAST_PORT = 65_535

/** Null when neither is set. Throws ConfigError for a port that is none. */
export function readBackdoorPlace({ backdoor_socket, backdoor_port }: BackdoorConf): BackdoorPlace | null {
  if (backdoor_socket !== null) return { path: formatPath(backdoor_socket) }
  return backdoor_port === null ? null : readPorts(backdoor_port)
}

/** Python's `str.format` with `pid`, as oslo.service has it: a text that is no format is taken as it stands. */
function formatPath(text: string): string {
  const pieces = { '{pid}': String(process.pid), '{{': '{', '}}': '}' }
  let isFormat = true
  const path = text.replace(/\{pid\}|\{\{|\}\}|[{}]/g, (piece) => {
    isFormat &&= piece.length > 1
    return pieces[piece as keyof typeof pieces] ?? piece
  })
  if (!isFormat) emit('backdoor.warning', { message: `Could not apply format string to backdoor socket path (${text}), continuing with unformatted path` })
  return isFormat ? path : text
}

function readPorts(text: string): BackdoorPlace {
  const match = /^\s*(\d+)(?:\s*:\s*(\d+))?\s*$/.exec(text)
  const first = Number(match?.[1])
  const last = Number(match?.[2] ?? match?.[1])
  if (!(first <= last && last <= LAST_PORT)) {
    const expected = 'a port, 0 for any free one, or start:end for the first free one of these'
    throw new ConfigError({ section: 'DEFAULT', option: 'backdoor_port', value: text, message: `Invalid backdoor_port configuration ${text}`, expected })
  }
  return { text, first, last }
}
