import { ConfigError } from './errors.ts'
import { nearestName } from './nearest.ts'

/** What `wsgi_log_format` may name: eventlet's keys, and what an operator of several APIs wants besides. Numbers take `d` and `f`. */
const LOG_KEYS = {
  client_ip: 'text',
  client_port: 'number',
  date_time: 'text',
  request_line: 'text',
  status_code: 'number',
  body_length: 'number',
  wall_seconds: 'number',
  request_id: 'text',
  api: 'text',
} as const

export type LogKey = keyof typeof LOG_KEYS

/** A piece of a format: text as it stands, or a key and how it is written. */
export type LogFormatPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 's' | 'd'; readonly key: LogKey }
  | { readonly kind: 'f'; readonly key: LogKey; readonly digits: number }

/** `%(name)s`, `%(name)d`, `%(name).7f`, `%%`, and any other `%`, which is an error. */
const DIRECTIVE = /%(?:\(([^)]*)\)(?:\.(\d+))?([sdf])|(%))|%/g

/**
 * Reads `wsgi_log_format`, Python's `%` formatting with the keys above.
 * @throws ConfigError for an unknown key or a directive that is none.
 */
export function parseLogFormat(format: string): LogFormatPart[] {
  const parts: LogFormatPart[] = []
  let end = 0
  for (const match of format.matchAll(DIRECTIVE)) {
    parts.push({ kind: 'text', text: format.slice(end, match.index) }, readDirective(format, match))
    end = match.index + match[0].length
  }
  return [...parts, { kind: 'text', text: format.slice(end) }]
}

function readDirective(format: string, [, key, digits, kind, percent]: RegExpMatchArray): LogFormatPart {
  if (percent !== undefined) return { kind: 'text', text: '%' }
  if (key === undefined || !isLogKey(key) || (kind !== 's' && LOG_KEYS[key] !== 'number')) throw badFormat(format, key)
  return kind === 'f' ? { kind, key, digits: digits === undefined ? 6 : Number(digits) } : { kind: kind === 'd' ? 'd' : 's', key }
}

function isLogKey(key: string): key is LogKey {
  return Object.hasOwn(LOG_KEYS, key)
}

function badFormat(format: string, key: string | undefined): ConfigError {
  const names = Object.keys(LOG_KEYS)
  const expected = `%(name)s with a name of ${names.join(', ')}, %(name)d or %(name).7f with one that is a number, %% for a percent sign`
  const nearest = key === undefined || isLogKey(key) ? undefined : nearestName(key, names)
  return new ConfigError({ section: 'wsgi', option: 'wsgi_log_format', message: 'not a log format', value: format, expected, nearest })
}
