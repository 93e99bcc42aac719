import type { ProtocolError } from './protocol-errors.ts'

/** Something wrong, and where the octet stands that shows it to a reader who gets one octet after the other. */
export type Fault = readonly [at: number, error: ProtocolError]

/**
 * What a client is told must not depend on how its octets were cut into segments: of several faults the one that shows first is named, of two
 * that show at the same octet the one listed first. Faults at `end` or behind it have not come yet.
 */
export function firstFault(faults: readonly Fault[], end: number): ProtocolError | null {
  let first = end
  let found: ProtocolError | null = null
  for (const [at, error] of faults) {
    if (at >= first) continue
    first = at
    found = error
  }
  return found
}
