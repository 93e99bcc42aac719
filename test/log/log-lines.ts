import { pino } from 'pino'
import type { Log } from '../../src/log/logger.ts'

export type Line = Readonly<Record<string, unknown>>

/** A log that is kept, parsed, instead of written. */
export function keepLines(format: Log['format'], level = 'debug'): { log: Log; lines: Line[] } {
  const lines: Line[] = []
  const options = { level, base: null, timestamp: false, formatters: { level: (label: string) => ({ level: label }) } }
  const logger = pino(options, { write: (line) => void lines.push(JSON.parse(line) as Line) })
  return { log: new KeptLog(logger, format), lines }
}

class KeptLog implements Log {
  readonly logger: Log['logger']
  format: Log['format']
  readonly listeners: Set<() => void> = new Set()

  constructor(logger: Log['logger'], format: Log['format']) {
    this.logger = logger
    this.format = format
  }

  record(fields: object): void {
    this.logger.info(fields)
  }

  handOn(): void {}
  flush(): void {}
  reopen(): void {}

  setLevel(level: string): void {
    this.logger.level = level
    for (const listener of this.listeners) listener()
  }

  async setFormat(format: 'auto' | 'pretty' | 'json'): Promise<void> {
    this.format = format === 'auto' ? 'json' : format
    for (const listener of this.listeners) listener()
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }
}
