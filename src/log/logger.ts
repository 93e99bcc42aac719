import { destination, type Logger, pino, stdTimeFunctions } from 'pino'
import { systemClock } from '../clock.ts'
import { ConfigError, type ConfigProblem } from '../errors.ts'
import { emit } from '../events.ts'
import { LineBatch } from './line-batch.ts'
import { LogFile } from './log-file.ts'
import { loadPretty, type Pretty } from './pretty.ts'

export interface LogSettings {
  readonly log_level: string
  /** `auto` is `pretty` on a terminal, else `json`. */
  readonly log_format: 'auto' | 'pretty' | 'json'
  /** Instead of standard output. */
  readonly log_file?: string | null
}

/** The process's log. */
export interface Log {
  readonly logger: Logger
  /** The one in use. */
  readonly format: 'pretty' | 'json'
  /** Writes an info line of these fields and no text, whatever the level is. For lines there are many of: pino takes four times as long for one. */
  record(fields: object): void
  /** Writes what was gathered without waiting for more: somebody may be waiting for it. */
  handOn(): void
  /** Writes out what is buffered. Synchronous, for the process's last moment. */
  flush(): void
  /**
   * Opens the log's file anew, when it was renamed; what was written before is in the old one. Without a file it does nothing. When the file
   * cannot be opened the old one stays, and the event `logs.failed` tells it; else it is `logs.reopened`.
   */
  reopen(): void
  /** Throws RangeError for a level there is not. */
  setLevel(level: string): void
  /** Resolves when lines have the format. */
  setFormat(format: LogSettings['log_format']): Promise<void>
  /** Calls `listener` whenever level or format have changed, until the function it returns is called. */
  onChange(listener: () => void): () => void
}

/**
 * Opens the process's log. `name` tells the primary from an API's workers; `place` is where `log_file` is set. Rejects with ConfigError when
 * that file cannot be opened.
 */
export async function openLog(settings: LogSettings, name: string, place: Pick<ConfigProblem, 'file' | 'line'> = {}): Promise<Log> {
  const { log_file = null, log_level, log_format } = settings
  const log = new ProcessLog(log_level, name, log_file === null ? null : openFile(log_file, place))
  await log.setFormat(log_format)
  return log
}

function openFile(path: string, place: Pick<ConfigProblem, 'file' | 'line'>): LogFile {
  try {
    return new LogFile(path)
  } catch (error) {
    const message = `the log cannot be written there: ${(error as Error).message}`
    throw new ConfigError({ ...place, section: 'DEFAULT', option: 'log_file', value: path, message, expected: 'a file in a directory that exists' }, { cause: error })
  }
}

class ProcessLog implements Log {
  readonly logger: Logger
  readonly #file: LogFile | null
  readonly #lines: LineBatch
  readonly #start: () => string
  readonly #listeners = new Set<() => void>()
  #pretty: Pretty | null = null
  #wanted: 'pretty' | 'json' = 'json'

  constructor(level: string, name: string, file: LogFile | null) {
    const base = { pid: process.pid, name }
    this.#file = file
    // Written synchronously, as node's console does: an asynchronous write may still be under way when the process ends, and is lost then.
    this.#lines = new LineBatch(file ?? destination({ dest: 1, sync: true, minLength: 0 }), systemClock)
    this.#start = lineStart(base)
    const formatters = { level: (label: string) => ({ level: label }) }
    this.logger = pino({ level, base, timestamp: stdTimeFunctions.isoTime, formatters }, { write: (line) => this.#write(line) })
  }

  get format(): 'pretty' | 'json' {
    return this.#pretty === null ? 'json' : 'pretty'
  }

  record(fields: object): void {
    this.#write(`${this.#start()}${JSON.stringify(fields).slice(1)}\n`)
  }

  handOn(): void {
    this.#lines.handOn()
  }

  flush(): void {
    this.#lines.flush()
  }

  reopen(): void {
    if (this.#file === null) return
    this.flush()
    const file = this.#file.path
    try {
      this.#file.reopen()
    } catch (error) {
      emit('logs.failed', { file, error })
      return
    }
    emit('logs.reopened', { file })
  }

  setLevel(level: string): void {
    if (level !== 'silent' && !Object.hasOwn(this.logger.levels.values, level)) throw new RangeError(`there is no log level ${level}`)
    this.logger.level = level
    this.#changed()
  }

  async setFormat(format: LogSettings['log_format']): Promise<void> {
    const isTerminal = this.#file === null && process.stdout.isTTY
    this.#wanted = format === 'auto' ? (isTerminal ? 'pretty' : 'json') : format
    const pretty = this.#wanted === 'pretty' ? await loadPretty(isTerminal) : null
    // It may have been set again meanwhile.
    this.#pretty = this.#wanted === 'pretty' ? pretty : null
    this.#changed()
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** A line for people does not wait for others. */
  #write(line: string): void {
    this.#lines.write(this.#pretty === null ? line : this.#pretty(line))
    if (this.#pretty !== null) this.#lines.handOn()
  }

  #changed(): void {
    for (const listener of this.#listeners) listener()
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
