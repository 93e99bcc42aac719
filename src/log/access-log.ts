import { type RequestRecord, subscribe } from '../events.ts'
import { clientIp, compileAccessFormat, requestLine } from './access-format.ts'
import type { Log } from './logger.ts'

export interface AccessLogSettings {
  readonly access_log: boolean
  readonly wsgi_log_format: string
}

/** One API's access log. It follows the log's level and format: nobody makes records for a log that would not write them. */
export interface AccessLog {
  /** From the next request on. Throws ConfigError when the format is none; what was stays then. */
  update(settings: AccessLogSettings): void
  /** Nothing is written any more. */
  detach(): void
}

/**
 * Writes one line per request of this API: `wsgi_log_format` on a terminal; in a JSON log an object with the same keys.
 * @throws ConfigError when the format is none.
 */
export function attachAccessLog(log: Log, api: string, settings: AccessLogSettings): AccessLog {
  return new ApiAccessLog(log, api, settings)
}

type Write = (record: RequestRecord) => void

class ApiAccessLog implements AccessLog {
  readonly #log: Log
  readonly #api: string
  readonly #unfollow: () => void
  /** Null when there is to be no access log. */
  #format: ((record: RequestRecord) => string) | null
  #unsubscribe: () => void = () => {}

  constructor(log: Log, api: string, settings: AccessLogSettings) {
    this.#log = log
    this.#api = api
    this.#format = formatOf(settings)
    this.#subscribe()
    this.#unfollow = log.onChange(() => this.#subscribe())
  }

  update(settings: AccessLogSettings): void {
    this.#format = formatOf(settings)
    this.#subscribe()
  }

  detach(): void {
    this.#unfollow()
    this.#unsubscribe()
  }

  /** Everything is decided here, so that a request finds no question but whose it is. */
  #subscribe(): void {
    const api = this.#api
    const write = this.#writer()
    this.#unsubscribe()
    this.#unsubscribe = write === null ? () => {} : subscribe('request', (record) => {
      if (record.api === api) write(record)
    })
  }

  #writer(): Write | null {
    const log = this.#log
    const format = this.#format
    if (format === null || !log.logger.isLevelEnabled('info')) return null
    return log.format === 'json' ? (record) => log.record(jsonLine(record)) : (record) => log.logger.info(format(record))
  }
}

/** Compiled also when nobody wants it: it is to be right. */
function formatOf({ access_log, wsgi_log_format }: AccessLogSettings): ((record: RequestRecord) => string) | null {
  const format = compileAccessFormat(wsgi_log_format)
  return access_log ? format : null
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
