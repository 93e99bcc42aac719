import type { RequestRecord } from '../events.ts'
import { type LogFormatPart, type LogKey, parseLogFormat } from '../log-format.ts'

const READ: { readonly [K in LogKey]: (record: RequestRecord) => string | number } = {
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

type Part = (record: RequestRecord) => string

/**
 * Turns `wsgi_log_format` into a function, once.
 * @throws ConfigError for an unknown key or a directive that is none.
 */
export function compileAccessFormat(format: string): Part {
  const parts = parseLogFormat(format).map(compilePart)
  return (record) => parts.map((part) => part(record)).join('')
}

function compilePart(part: LogFormatPart): Part {
  if (part.kind === 'text') return () => part.text
  const read = READ[part.key]
  if (part.kind === 'f') return (record) => Number(read(record)).toFixed(part.digits)
  if (part.kind === 'd') return (record) => String(Math.trunc(Number(read(record))))
  return (record) => escapeText(String(read(record)))
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
