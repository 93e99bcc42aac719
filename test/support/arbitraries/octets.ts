import * as fc from 'fast-check'
import { chunkedRequest, octets } from '../http-cases.ts'
import { place } from './cuts.ts'
import { validRequest } from './requests.ts'

/** Pieces of requests, good and bad, from which random ones get deep into the parser. */
const FRAGMENTS = [
  'GET / HTTP/1.1\r\nHost: a\r\n\r\n', 'POST / HTTP/1.1\r\nHost: a\r\n', 'GET http://a/ HTTP/1.0\r\n', 'Transfer-Encoding: chunked\r\n\r\n',
  'Content-Length: 7\r\n\r\n', 'Content-Length: 7\r\n', 'Expect: 100-continue\r\n', 'Connection: close\r\n', 'X: y\r\n', '\r\n',
  '5\r\nhello\r\n', '5;a="b"\r\nhello\r\n',
  '0\r\n', '0\r\n\r\n', ';a="b"', 'a'.repeat(60), '0'.repeat(60), ' HTTP/2.0\r\n', ' ', '\t', ':', '\r', '\n', '\0', '\x80', 'GET ', '/',
]

const fragment = fc.oneof(
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)) },
  { weight: 3, arbitrary: fc.constantFrom(...FRAGMENTS).map(octets) },
)

/** What is wrong with a valid request: octets taken out, put in, or repeated at some place. */
const spoilt = fc
  .record({
    whole: validRequest(),
    place,
    removed: fc.nat({ max: 2 }),
    put: fc.oneof(
      fc.uint8Array({ maxLength: 2 }).map((bytes) => Buffer.from(bytes)),
      fc.constantFrom('\r', '\n', '\r\n', ' ', '\t', '\0', ':', ',', '0', '\r\n ').map(octets),
    ),
  })
  .map(({ whole: { input }, place, removed, put }) => {
    const at = Math.floor(place * input.length)
    return Buffer.concat([input.subarray(0, at), put, input.subarray(at + removed)])
  })

/** Anything a peer may send: valid requests, nearly valid ones, and noise, one behind the other. */
export const anyOctets: fc.Arbitrary<Buffer> = fc
  .array(
    fc.oneof(
      { weight: 2, arbitrary: fragment },
      { weight: 2, arbitrary: spoilt },
      { weight: 1, arbitrary: validRequest().map(({ input }) => input) },
    ),
    { maxLength: 8 },
  )
  .map((pieces) => Buffer.concat(pieces))

const LONG = [
  '5', '0', ';a', ';a="', 'a'.repeat(4080), 'b'.repeat(8), '\0', '\r', '\n', '\r\n', 'hello\r\n', '0\r\n', 'X: ', 'y'.repeat(8150), ' ',
]

/** Chunked bodies whose lines are about as long as they may be, with something wrong in them here and there. */
export const longChunkLines: fc.Arbitrary<Buffer> = fc
  .array(fc.constantFrom(...LONG), { maxLength: 10 })
  .map((pieces) => octets(chunkedRequest(pieces.join(''))))
