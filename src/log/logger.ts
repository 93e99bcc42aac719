import { destination, type DestinationStream, type Logger, type LoggerOptions, pino, stdTimeFunctions } from 'pino'
import pretty from 'pino-pretty'

export interface LogSettings {
  readonly log_level: string
  /** `auto` is `pretty` on a terminal, else `json`. */
  readonly log_format: 'auto' | 'pretty' | 'json'
}

/** A log on standard output. */
export interface Log {
  readonly logger: Logger
  readonly format: 'pretty' | 'json'
  /** Writes out what is buffered. Synchronous, for the process's last moment. */
  flush(): void
}

/**
 * PIPE_BUF on Linux: workers share one pipe, and no line is torn when each write is at most this long (POSIX write(2)). Lines are
 * gathered up to it, which is what makes an access log cheap.
 */
const ATOMIC_WRITE = 4096
/** Milliseconds a line may wait for others. */
const FLUSH_INTERVAL = 250

/** Opens the process's log. `name` tells the primary from an API's workers. */
export function openLog(settings: LogSettings, name: string): Log {
  const format = settings.log_format === 'auto' ? (process.stdout.isTTY ? 'pretty' : 'json') : settings.log_format
  const options: LoggerOptions = {
    level: settings.log_level,
    base: { pid: process.pid, name },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  }
  return format === 'pretty' ? openPretty(options) : openJson(options)
}

function openJson(options: LoggerOptions): Log {
  const output = destination({ dest: 1, sync: false, minLength: ATOMIC_WRITE - 1, maxWrite: ATOMIC_WRITE, periodicFlush: FLUSH_INTERVAL })
  return { logger: pino(options, output), format: 'json', flush: () => output.flushSync() }
}

function openPretty(options: LoggerOptions): Log {
  const stream: DestinationStream = pretty({
    sync: true,
    colorize: process.stdout.isTTY,
    ignore: 'pid,name,event',
    hideObject: true,
    translateTime: 'SYS:HH:MM:ss.l',
    messageFormat: prettyMessage,
  })
  return { logger: pino(options, stream), format: 'pretty', flush: () => {} }
}

interface PrettyLine {
  readonly name: string
  readonly pid: number
  readonly msg: string
  readonly err?: { readonly stack?: string }
}

/** `hideObject` hides errors too, and whoever develops an app at a terminal wants their stack. */
function prettyMessage(line: Record<string, unknown>): string {
  const { name, pid, msg, err } = line as unknown as PrettyLine
  return `${name}[${pid}] ${msg}${err?.stack === undefined ? '' : `\n${err.stack}`}`
}
