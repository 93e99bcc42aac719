import * as fc from 'fast-check'

/**
 * A place in octets, as a fraction of their number: shrinking an input keeps it where it was. Of all doubles below 1 nearly all are nearly
 * 0, so it is made of an integer.
 */
export const place: fc.Arbitrary<number> = fc.noBias(fc.nat({ max: 9999 })).map((parts) => parts / 10_000)

/** Where octets are cut into segments. */
export const places: fc.Arbitrary<number[]> = fc.array(place, { maxLength: 12 })

/** `bytes` in the segments that these places make of them; empty ones are left out, as no socket gives them. */
export function cut(bytes: Buffer, where: readonly number[]): Buffer[] {
  const at = [0, ...where.map((place) => Math.floor(place * bytes.length)).toSorted((a, b) => a - b), bytes.length]
  return at
    .slice(1)
    .map((end, index) => bytes.subarray(at[index], end))
    .filter((segment) => segment.length > 0)
}

/** `bytes` one by one. */
export function singly(bytes: Buffer): Buffer[] {
  return Array.from(bytes, (octet) => Buffer.of(octet))
}
