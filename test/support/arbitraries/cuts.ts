import * as fc from 'fast-check'

/** Where octets are cut into segments: fractions of their length, so that shrinking an input keeps its cuts. */
export const places: fc.Arbitrary<number[]> = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 })

/** `bytes` in the segments that these places make of them; empty ones are left out, as no socket gives them. */
export function cut(bytes: Buffer, where: readonly number[]): Buffer[] {
  const at = [0, ...where.map((place) => Math.floor(place * bytes.length)).toSorted((a, b) => a - b), bytes.length]
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end)).filter((segment) => segment.length > 0)
}

/** `bytes` one by one. */
export function singly(bytes: Buffer): Buffer[] {
  return Array.from(bytes, (octet) => Buffer.of(octet))
}
