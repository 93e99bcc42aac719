import { describe, expect, it } from 'vitest'
import { newRequestId } from '../../src/http/request-id.ts'

/** More than random octets are asked for at once. */
const MANY = 5000

/** How many characters can stand at a place: dashes, the version and the variant. */
const POSSIBLE: Readonly<Record<number, number>> = { 12: 1, 17: 1, 18: 1, 22: 1, 23: 4, 27: 1 }

describe('the id of a request', () => {
  const ids = Array.from({ length: MANY }, newRequestId)

  it('is a UUID of version 4 and variant 10 (RFC 9562 §5.4)', () => {
    for (const id of ids) expect(id).toMatch(/^req-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })

  it('is never the same again', () => {
    expect(new Set(ids).size).toBe(MANY)
  })

  it('is random in every other digit: each place has had all sixteen', () => {
    for (let place = 4; place < 40; place += 1) {
      const digits = new Set(ids.map((id) => id[place]))
      expect([place, digits.size]).toEqual([place, POSSIBLE[place] ?? 16])
    }
  })
})
