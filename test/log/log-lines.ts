import { pino } from 'pino'
import type { Log } from '../../src/log/logger.ts'

export type Line = Readonly<Record<string, unknown>>

/** A log that is kept, parsed, instead of written. */
export function keepLines(format: Log['format'], level = 'debug'): { log: Log; lines: Line[] } {
  const lines: Line[] = []
  const options = { level, base: null, timestamp: false, formatters: { level: (label: string) => ({ level: label }) } }
  const logger = pino(options, { write: (line) => void lines.push(JSON.parse(line) as Line) })
  return { log: { logger, format, record: (fields) => logger.info(fields), handOn: () => {}, flush: () => {} }, lines }
}
