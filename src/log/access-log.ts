import { type RequestRecord, subscribe } from '../events.ts'
import { clientIp, compileAccessFormat, requestLine } from './access-format.ts'
import type { Log } from './logger.ts'

export interface AccessLogSettings {
  readonly access_log: boolean
  readonly wsgi_log_format: string
}

/**
 * Writes one line per request of this API: `wsgi_log_format` on a terminal; in a JSON log an object with the same keys.
 * @throws ConfigError when the format is none.
 */
export function attachAccessLog(log: Log, api: string, settings: AccessLogSettings): void {
  const format = compileAccessFormat(settings.wsgi_log_format)
  if (!settings.access_log || !log.logger.isLevelEnabled('info')) return
  const write = log.format === 'json' ? (record: RequestRecord) => log.record(jsonLine(record)) : (record: RequestRecord) => log.logger.info(format(record))
  subscribe('request', (record) => {
    if (record.api === api) write(record)
  })
}

function jsonLine(record: RequestRecord): object {
  return {
    event: 'request',
    api: record.api,
    request_id: record.id,
    client_ip: clientIp(record),
    client_port: record.clientPort,
    request_line: requestLine(record),
    status_code: record.status,
    body_length: record.bytes,
    wall_seconds: record.seconds,
    ...(record.complete ? {} : { complete: false }),
  }
}
