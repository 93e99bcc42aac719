import type { Log } from '../log/logger.ts'

/** Ends the process at once, with its log written. What an app left running does not keep it. */
export function exitWith(code: number, log?: Log): never {
  log?.flush()
  process.exit(code)
}
