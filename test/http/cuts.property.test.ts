import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cut, places, singly } from '../support/arbitraries/cuts.ts'
import { anyOctets, longChunkLines } from '../support/arbitraries/octets.ts'
import { validRequest } from '../support/arbitraries/requests.ts'
import { defaultLimits, readPieces } from '../support/http-cases.ts'

/** Small enough for what is generated to reach each of them. */
const TIGHT = { max_url_len: 48, max_header_line: 40, max_header_size: 120, max_headers: 4, max_body_size: 64 }

const limits = fc.constantFrom(defaultLimits, TIGHT)

describe('what is read of a connection, and why it is refused, does not depend on how its octets were cut into segments', () => {
  it('for valid requests', () => {
    const requests = fc.array(validRequest(), { maxLength: 3 }).map((all) => Buffer.concat(all.map(({ input }) => input)))
    fc.assert(
      fc.property(requests, places, limits, (input, where, limit) => {
        expect(readPieces(cut(input, where), limit)).toEqual(readPieces([input], limit))
      }),
      { numRuns: 300 },
    )
  })

  it('for requests that are nearly valid, and for noise', () => {
    fc.assert(
      fc.property(anyOctets, places, limits, (input, where, limit) => {
        expect(readPieces(cut(input, where), limit)).toEqual(readPieces([input], limit))
      }),
      { numRuns: 1000 },
    )
  })

  it('for chunk lines and trailers about as long as they may be', () => {
    fc.assert(
      fc.property(longChunkLines, places, (input, where) => {
        expect(readPieces(cut(input, where))).toEqual(readPieces([input]))
      }),
      { numRuns: 1000 },
    )
  })

  it('nor when each comes alone', () => {
    fc.assert(
      fc.property(anyOctets, limits, (input, limit) => {
        expect(readPieces(singly(input), limit)).toEqual(readPieces([input], limit))
      }),
      { numRuns: 500 },
    )
  })
})
