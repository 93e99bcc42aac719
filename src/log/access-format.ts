import { ConfigError } from '../errors.ts'
import type { RequestRecord } from '../events.ts'
import { nearestName } from '../nearest.ts'

/** What `wsgi_log_format` may name: eventlet's keys, and what an operator of several APIs wants besides. */
const KEYS: Readonly<Record<string, (record: RequestRecord) => string | number>> = {
  client_ip: clientIp,
  client_port: (record) => record.clientPort,
  date_time: () => dateTime(new Date()),
  request_line: requestLine,
  status_code: (record) => record.status,
  body_length: (record) => record.bytes,
  wall_seconds: (record) => record.seconds,
  request_id: (record) => record.id,
  api: (record) => record.api,
}

/** Those that `d` and `f` may be used with. */
const NUMBERS: ReadonlySet<string | undefined> = new Set(['client_port', 'status_code', 'body_length', 'wall_seconds'])

/** `%(name)s`, `%(name)d`, `%(name).7f`, `%%`, and any other `%`, which is an error. */
const DIRECTIVE = /%(?:\(([^)]*)\)(?:\.(\d+))?([sdf])|(%))|%/g

type Part = (record: RequestRecord) => string

/**
 * Turns `wsgi_log_format` into a function, once. Python's `%` formatting with the keys above.
 * @throws ConfigError for an unknown key or a directive that is none.
 */
export function compileAccessFormat(format: string): (record: RequestRecord) => string {
  const parts: Part[] = []
  let end = 0
  for (const match of format.matchAll(DIRECTIVE)) {
    const before = format.slice(end, match.index)
    parts.push(() => before, directive(format, match))
    end = match.index + match[0].length
  }
  const rest = format.slice(end)
  return (record) => parts.map((part) => part(record)).join('') + rest
}

function directive(format: string, [, key, digits, type, percent]: RegExpMatchArray): Part {
  if (percent !== undefined) return () => '%'
  const read = key === undefined || !Object.hasOwn(KEYS, key) ? undefined : KEYS[key]
  if (read === undefined || (type !== 's' && !NUMBERS.has(key))) throw badFormat(format, key)
  if (type === 'f') return (record) => Number(read(record)).toFixed(digits === undefined ? 6 : Number(digits))
  if (type === 'd') return (record) => String(Math.trunc(Number(read(record))))
  return (record) => escapeText(String(read(record)))
}

function badFormat(format: string, key: string | undefined): ConfigError {
  const names = Object.keys(KEYS).join(', ')
  const expected = `%(name)s with a name of ${names}, %(name)d or %(name).7f with one that is a number, %% for a percent sign`
  const nearest = key === undefined || key in KEYS ? undefined : nearestName(key, Object.keys(KEYS))
  return new ConfigError({ section: 'wsgi', option: 'wsgi_log_format', message: 'not a log format', value: format, expected, nearest })
}

/** As eventlet has it: what X-Forwarded-For says, without blanks, and behind it who really called. Anybody can send that field. */
export function clientIp(record: RequestRecord): string {
  return record.forwardedFor === null ? record.clientAddress : `${record.forwardedFor.replaceAll(' ', '')},${record.clientAddress}`
}

export function requestLine(record: RequestRecord): string {
  return `${record.method} ${record.target} HTTP/${record.httpVersion}`
}

/** `22/Nov/2026 05:18:34`, local time. */
function dateTime(date: Date): string {
  const [, month, day, year, time] = date.toString().split(' ')
  return `${day}/${month}/${year} ${time}`
}

/** What a client sent must not forge a line or a quoted field, nor speak to a terminal. */
function escapeText(text: string): string {
  return text.replace(/["\\]|[^\x20-\x7e]/g, (character) => {
    if (character === '"' || character === '\\') return `\\${character}`
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
  })
}
