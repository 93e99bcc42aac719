import type { Log } from '../log/logger.ts'

/** Ends the process at once, with its log written. What an app left running does not keep it. */
export function exitWith(code: number, log?: Log): never {
  log?.flush()
  process.exit(code)
}

/** Writes what ends the process by accident into the log as well; node then ends it with its own message and code 1. */
export function logCrashes(log: Log): void {
  process.on('uncaughtExceptionMonitor', (error) => {
    log.logger.fatal({ event: 'crash', err: error }, `Unhandled exception: ${error.message}`)
    log.flush()
  })
}
