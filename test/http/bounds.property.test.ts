import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Limits } from '../../src/http/limits.ts'
import { RequestParser } from '../../src/http/request-parser.ts'
import { brokenBy } from '../fuzz/lib/invariants.js'
import { read } from '../fuzz/lib/reader.js'
import { anyOctets, longChunkLines } from '../support/arbitraries/octets.ts'
import { chunkedRequest, defaultLimits, octets, requestWith } from '../support/http-cases.ts'

const TIGHT: Limits = { max_url_len: 48, max_header_line: 40, max_header_size: 120, max_headers: 4, max_body_size: 64 }

/** Limits of any size that leaves room for an empty line: what they are must not matter. */
const limits: fc.Arbitrary<Limits> = fc.record({
  max_url_len: fc.integer({ min: 3, max: 64 }),
  max_header_line: fc.integer({ min: 3, max: 64 }),
  max_header_size: fc.integer({ min: 2, max: 200 }),
  max_headers: fc.integer({ min: 1, max: 6 }),
  max_body_size: fc.nat({ max: 100 }),
})

/** The invariants of the fuzzer: nothing thrown, no end missing, no more held than the limits say, the same as a slow reading. */
describe('no octets at all make a parser throw, go on without an end, or hold more than its limits', () => {
  it('under the default limits, and under tight ones', () => {
    fc.assert(
      fc.property(anyOctets, fc.constantFrom(defaultLimits, TIGHT), (input, limit) => {
        expect(brokenBy(RequestParser, limit, input)).toBeNull()
      }),
      { numRuns: 500 },
    )
  })

  it('under any limits', () => {
    fc.assert(
      fc.property(anyOctets, limits, (input, limit) => {
        expect(brokenBy(RequestParser, limit, input)).toBeNull()
      }),
      { numRuns: 500 },
    )
  })

  it('in chunk lines and trailers about as long as they may be', () => {
    fc.assert(
      fc.property(longChunkLines, (input) => {
        expect(brokenBy(RequestParser, defaultLimits, input)).toBeNull()
      }),
      { numRuns: 100 },
    )
  })
})

/** Starts of messages, and what could follow for ever; octets after which it is refused. */
const FLOODS: [what: string, start: string, flood: string, most: number][] = [
  ['a method', '', 'G', 48],
  ['a request line', 'GET /', 'a', 48],
  ['empty lines', '', '\r\n', 4],
  ['fields', 'GET / HTTP/1.1\r\n', 'X: y\r\n', 16 + 30],
  ['fields that are large', 'GET / HTTP/1.1\r\n', `X: ${'y'.repeat(34)}\r\n`, 16 + 160],
  ['a field', 'GET / HTTP/1.1\r\nX: ', 'y', 16 + 40],
  ['the digits of a length', 'POST / HTTP/1.1\r\nContent-Length: ', '0', 17 + 40],
  ['the digits of a chunk size', chunkedRequest(''), '0', 4200],
  ['a chunk extension', chunkedRequest('5;a="'), ' ', 4200],
  ['chunk extensions', chunkedRequest(''), `1;${'a'.repeat(2000)}\r\nx\r\n`, 68_000],
  ['chunks, beyond the body limit', chunkedRequest(''), '1\r\nx\r\n', 65 * 6 + 80],
  ['trailers', chunkedRequest('0\r\n'), 'X: y\r\n', 120],
  ['a trailer', chunkedRequest('0\r\nX: '), 'y', 8300],
]

describe('what has no end is refused', () => {
  it.each(FLOODS)('%s, from %j on', (_what, start, flood, most) => {
    const times = Math.ceil((most - start.length) / flood.length)
    expect(read(RequestParser, TIGHT, [octets(start + flood.repeat(times))]).at(-1)).toMatchObject({ kind: 'refused' })
  })
})

describe('what was read is let go', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void

  it('200 uploads of 64 KiB on one connection leave no buffer behind', async () => {
    const parser = new RequestParser(defaultLimits)
    const fed = Array.from({ length: 200 }, () => feed(parser, Buffer.from(requestWith(['Content-Length: 65000'], 'b'.repeat(65_000)))))
    await new Promise((resolve) => setImmediate(resolve))
    collect()
    expect(fed.filter((one) => one.deref() !== undefined)).toEqual([])
    expect(parser.headBegun).toBe(false)
  })

  it('100,000 pipelined requests leave less than 1 MB behind', () => {
    const parser = new RequestParser(defaultLimits)
    const input = Buffer.from(requestWith([`Cookie: ${'c'.repeat(60)}`], '', 'GET / HTTP/1.1').repeat(1000))
    feed(parser, input)
    collect()
    const before = process.memoryUsage()
    for (let round = 0; round < 100; round += 1) feed(parser, input)
    collect()
    const after = process.memoryUsage()
    expect(after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers).toBeLessThan(1e6)
    expect(parser.headBegun).toBe(false)
  })
})

/** Reads all requests in `bytes`; tells whether somebody still holds them. */
function feed(parser: RequestParser, bytes: Buffer): WeakRef<Buffer> {
  parser.feed(bytes)
  for (let head = parser.nextHead(); head !== 'more'; head = parser.nextHead()) {
    if (!('method' in head)) throw new Error(head.reason)
    if (head.hasBody) while (parser.nextBody() !== 'end');
  }
  return new WeakRef(bytes)
}
