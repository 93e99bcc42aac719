import { fstatSync } from 'node:fs'
import { destination, type Logger, type LoggerOptions, pino, stdTimeFunctions } from 'pino'

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
 * gathered up to it, or further where no pipe is in the way, which is what makes an access log cheap.
 */
const PIPE_WRITE = 4096
const FILE_WRITE = 65_536
/** Milliseconds a line may wait for others. */
const FLUSH_INTERVAL = 250

/** Opens the process's log. `name` tells the primary from an API's workers. */
export async function openLog(settings: LogSettings, name: string): Promise<Log> {
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
  const maxWrite = isPipe() ? PIPE_WRITE : FILE_WRITE
  const output = destination({ dest: 1, sync: false, minLength: maxWrite - 1, maxWrite, periodicFlush: FLUSH_INTERVAL })
  return { logger: pino(options, output), format: 'json', flush: () => output.flushSync() }
}

function isPipe(): boolean {
  const output = fstatSync(1)
  return output.isFIFO() || output.isSocket()
}

/** Loaded only here: a server without a terminal starts the faster for it. */
async function openPretty(options: LoggerOptions): Promise<Log> {
  const { default: pretty } = await import('pino-pretty')
  const stream = pretty({
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
