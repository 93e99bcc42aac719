import { attachEventLog } from './event-log.ts'
import { logCrashes } from './crash-log.ts'
import { type Log, type LogSettings, openLog } from './logger.ts'

/**
 * The log of a program that launches services, as that of `millrace serve` is: each event of the runtime is a line, and so is what ends the process by
 * accident. `logger` is pino's, for the program's own lines. Settings are options of `[DEFAULT]`: `log_level` info, `log_format` auto, `log_file` none.
 * Give it to the launcher as `log`: then USR1 opens its file anew. Rejects with ConfigError when that cannot be opened.
 */
export async function openServiceLog(name: string, settings: Partial<LogSettings> = {}): Promise<Log> {
  const log = await openLog({ log_level: 'info', log_format: 'auto', ...settings }, name)
  attachEventLog(log)
  logCrashes(log)
  process.once('exit', () => log.flush())
  return log
}
