import type { Log } from './logger.ts'

/** Writes what ends the process by accident into the log as well; node then ends it with its own message and code 1. */
export function logCrashes(log: Log): void {
  process.on('uncaughtExceptionMonitor', (error) => {
    log.logger.fatal({ event: 'crash', err: error }, `Unhandled exception: ${error.message}`)
    log.flush()
  })
}
