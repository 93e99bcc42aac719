import { ConfigError } from '../errors.ts'

/** What the process says to whoever started it. */
export const exitCodes = {
  /** A clean stop. */
  ok: 0,
  /** A failed or forced stop, or no API could be started. */
  failed: 1,
  /** Bad usage or configuration. */
  usage: 2,
} as const

export function exitCodeOf(error: unknown): number {
  return error instanceof ConfigError ? exitCodes.usage : exitCodes.failed
}
