import { destination, type Logger, type LoggerOptions, pino, stdTimeFunctions } from 'pino'
import { systemClock } from '../clock.ts'
import { printable } from '../printable.ts'
import { LineBatch } from './line-batch.ts'

export interface LogSettings {
  readonly log_level: string
  /** `auto` is `pretty` on a terminal, else `json`. */
  readonly log_format: 'auto' | 'pretty' | 'json'
}

/** A log on standard output. */
export interface Log {
  readonly logger: Logger
  readonly format: 'pretty' | 'json'
  /** Writes an info line of these fields and no text. For lines there are many of: pino takes four times as long for one. */
  record(fields: object): void
  /** Writes what was gathered without waiting for more: somebody may be waiting for it. */
  handOn(): void
  /** Writes out what is buffered. Synchronous, for the process's last moment. */
  flush(): void
}

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

/** Written synchronously, as node's console does: an asynchronous write may still be under way when the process ends, and is lost then. */
function openJson(options: LoggerOptions): Log {
  const lines = new LineBatch(destination({ dest: 1, sync: true, minLength: 0 }), systemClock)
  const start = lineStart(options.base ?? {})
  return {
    logger: pino(options, lines),
    format: 'json',
    record: (fields) => lines.write(`${start()}${JSON.stringify(fields).slice(1)}\n`),
    handOn: () => lines.handOn(),
    flush: () => lines.flush(),
  }
}

/** How pino begins an info line, up to its own fields. A thousand lines of one millisecond have the same time. */
function lineStart(base: object): () => string {
  const bindings = JSON.stringify(base).slice(1, -1)
  let at = -1
  let start = ''
  return () => {
    const now = Date.now()
    if (now !== at) {
      at = now
      start = `{"level":"info","time":"${new Date(now).toISOString()}",${bindings},`
    }
    return start
  }
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
  const logger = pino(options, stream)
  return { logger, format: 'pretty', record: (fields) => logger.info(fields), handOn: () => {}, flush: () => {} }
}

interface PrettyLine {
  readonly name: string
  readonly pid: number
  readonly msg: string
  readonly err?: { readonly stack?: string }
}

/** `hideObject` hides errors too, and whoever develops an app at a terminal wants their stack, in which there may be what a client sent. */
function prettyMessage(line: Record<string, unknown>): string {
  const { name, pid, msg, err } = line as unknown as PrettyLine
  return printable(`${name}[${pid}] ${msg}${err?.stack === undefined ? '' : `\n${err.stack}`}`)
}
