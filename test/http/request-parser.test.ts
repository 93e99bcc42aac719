import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_CHUNK_LINE, MAX_TRAILERS } from '../../src/http/limits.ts'
import { RequestParser } from '../../src/http/request-parser.ts'
import {
  chunkedRequest,
  defaultLimits,
  encodeChunks,
  EventReader,
  type HttpEvent,
  octets,
  readPieces,
  readThreeWays,
  refusalOf,
  requestWith,
} from '../support/http-cases.ts'

function get(target: string): string {
  return `GET ${target} HTTP/1.1\r\nHost: a.example\r\n\r\n`
}

/** Cuts `bytes` at these places, which are fractions of its length. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [0, ...places.map((place) => Math.floor(place * bytes.length)).toSorted((a, b) => a - b), bytes.length]
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end))
}

describe('pipelined requests (RFC 9112 §9.3.2)', () => {
  it('are read in order', () => {
    const targets = Array.from({ length: 50 }, (_, index) => `/${index}`)
    expect(readThreeWays(targets.map(get).join(''))).toMatchObject(targets.map((target) => ({ target })))
  })

  it('are read behind bodies of both kinds', () => {
    const input = requestWith(['Content-Length: 5'], 'hello') + get('/b') + chunkedRequest('5\r\nworld\r\n0\r\n\r\n') + get('/d')
    expect(readThreeWays(input)).toMatchObject([
      { method: 'POST' },
      { body: 'hello', ended: true },
      { target: '/b' },
      { method: 'POST' },
      { body: 'world', ended: true },
      { target: '/d' },
    ])
  })

  it('are not made of what stands in a body', () => {
    const evil = get('/evil')
    const events = readThreeWays(requestWith([`Content-Length: ${evil.length}`], evil))
    expect(events).toMatchObject([{ target: '/' }, { body: evil, ended: true }])
  })

  it('are taken as far as they are good', () => {
    expect(readThreeWays(`${get('/a')}${get('/b')}GET / HTTP/1.1 \r\n\r\n${get('/c')}`)).toMatchObject([
      { target: '/a' },
      { target: '/b' },
      { refused: 'badRequestLine' },
    ])
  })

  it('§9.3: what is too much of a body is the next request', () => {
    expect(refusalOf(requestWith(['Content-Length: 0'], '!\x01GET / HTTP/1.1'))).toBe('badRequestLine')
    const events = readThreeWays(requestWith(['Content-Length: 0'], 'X') + get('/2'))
    expect(events).toMatchObject([{ target: '/' }, { method: 'XGET', target: '/2' }])
  })

  it('larger than what is decoded at once are read whole', () => {
    const fields = [`X: ${'x'.repeat(15_000)}`, `Y: ${'y'.repeat(15_000)}`]
    const targets = ['/a', '/b', '/c']
    const input = targets.map((target) => requestWith(fields, '', `GET ${target} HTTP/1.1`)).join('')
    expect(readPieces([octets(input)])).toMatchObject(targets.map((target) => ({ target })))
  })

  it('leave the octets of a large body to it', () => {
    const body = 'b'.repeat(100_000)
    expect(readPieces([octets(get('/a') + requestWith(['Content-Length: 100000'], body) + get('/c'))])).toMatchObject([
      { target: '/a' },
      { target: '/' },
      { body, ended: true },
      { target: '/c' },
    ])
  })
})

describe('a parser', () => {
  it('tells when a head has begun', () => {
    const parser = new RequestParser(defaultLimits)
    expect(parser.nextHead()).toBe('more')
    expect(parser.headBegun).toBe(false)
    parser.feed(octets('GET / HTTP/1.1\r\n'))
    expect(parser.nextHead()).toBe('more')
    expect(parser.headBegun).toBe(true)
    parser.feed(octets('Host: a.example\r\n\r\n'))
    expect(parser.nextHead()).toMatchObject({ type: 'head' })
    expect(parser.nextHead()).toBe('more')
    expect(parser.headBegun).toBe(false)
  })

  it('gives of a body what has come, and is in it until its end was read', () => {
    const parser = new RequestParser(defaultLimits)
    parser.feed(octets(requestWith(['Content-Length: 5'], 'he')))
    parser.nextHead()
    expect(parser.nextBody()).toEqual(octets('he'))
    expect(parser.nextBody()).toBe('more')
    parser.feed(octets('lloGET'))
    expect(parser.nextBody()).toEqual(octets('llo'))
    expect(parser.nextBody()).toBe('end')
    expect(parser.nextHead()).toBe('more')
    expect(parser.headBegun).toBe(true)
  })

  it.each([
    ['a body behind a head', [requestWith(['Content-Length: 3'], 'abc')]],
    ['a body by itself', [requestWith(['Content-Length: 3']), 'abc']],
    ['a body in pieces', [requestWith(['Content-Length: 3']), 'a', 'bc']],
  ])('gives the octets of %s as they came, though the socket has read others into its buffer since', (_what, parts) => {
    const lent = Buffer.alloc(1000)
    const parser = new RequestParser(defaultLimits)
    const pieces: Buffer[] = []
    for (const [index, part] of parts.entries()) {
      parser.feed(lent, lent.write(part, 'latin1'))
      if (index === 0) parser.nextHead()
      for (let piece = parser.nextBody(); piece instanceof Buffer; piece = parser.nextBody()) pieces.push(piece)
      parser.keep()
      lent.fill('?')
    }
    expect(Buffer.concat(pieces).toString()).toBe('abc')
  })

  it('reads the requests behind an unanswered one from what it has kept', () => {
    const lent = Buffer.alloc(1000)
    const parser = new RequestParser(defaultLimits)
    parser.feed(lent, lent.write(requestWith([]) + requestWith(['Content-Length: 3'], 'abc').slice(0, -1), 'latin1'))
    parser.nextHead()
    parser.keep()
    lent.fill('?')
    expect(parser.nextHead()).toMatchObject({ contentLength: 3 })
    expect(parser.nextBody()).toEqual(octets('ab'))
  })
})

/** One good request as octets, and what is to be read of it. */
const request: fc.Arbitrary<{ input: Buffer; events: HttpEvent[] }> = fc
  .record({
    method: fc.constantFrom('GET', 'POST', 'PURGE'),
    target: fc.constantFrom('/', '/a?b', 'http://b.example/c'),
    minor: fc.constantFrom(0, 1),
    empty: fc.boolean(),
    fields: fc.array(fc.constantFrom('X: y', 'Connection: close', 'Connection: keep-alive', `Long: ${'l'.repeat(700)}`), { maxLength: 4 }),
    body: fc.option(fc.array(fc.uint8Array({ minLength: 1, maxLength: 100 }), { minLength: 1, maxLength: 3 }), { nil: undefined }),
    chunked: fc.boolean(),
  })
  .map(({ method, target, minor, empty, fields, body, chunked }) => {
    const pieces = (body ?? []).map((piece) => Buffer.from(piece))
    const whole = Buffer.concat(pieces)
    const asChunks = chunked && minor === 1
    const framing = asChunks ? ['Transfer-Encoding: chunked'] : [`Content-Length: ${whole.length}`]
    const lines = body === undefined ? fields : [...fields, ...framing]
    const head = requestWith(lines, '', `${method} ${target} HTTP/1.${minor}`)
    const content = body !== undefined && asChunks ? encodeChunks(pieces, ';a="b"', 'T: u\r\n') : whole
    const expected = { method, target, minor, fields: ['Host: a.example', ...lines, ''].join('\r\n') }
    const events = [expect.objectContaining(expected) as HttpEvent]
    if (body !== undefined) events.push({ body: whole.toString('latin1'), ended: true })
    return { input: Buffer.concat([octets((empty ? '\r\n' : '') + head), content]), events }
  })

const places = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 })

/** Pieces of requests, good and bad, from which random ones get deep into the parser. */
const fragment: fc.Arbitrary<Buffer> = fc.oneof(
  fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
  fc
    .constantFrom(
      'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
      'POST / HTTP/1.1\r\nHost: a\r\n',
      'Transfer-Encoding: chunked\r\n\r\n',
      'Content-Length: 7\r\n\r\n',
      'X: y\r\n',
      '\r\n',
      '5\r\nhello\r\n',
      '0\r\n',
      '0\r\n\r\n',
      ';a="b"',
      'a'.repeat(60),
      ' ',
      ':',
      '\r',
      '\n',
      '\0',
    )
    .map(octets),
)

/** A good request with one octet taken out, changed or put in: nearly always a bad one. */
const spoilt: fc.Arbitrary<Buffer> = fc
  .record({
    one: request,
    place: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    removed: fc.constantFrom(0, 1),
    put: fc.uint8Array({ maxLength: 1 }),
  })
  .map(({ one: { input }, place, removed, put }) => {
    const at = Math.floor(place * input.length)
    return Buffer.concat([input.subarray(0, at), put, input.subarray(at + removed)])
  })

const anyOctets: fc.Arbitrary<Buffer> = fc.array(fc.oneof(fragment, spoilt), { maxLength: 12 }).map((fragments) => Buffer.concat(fragments))

const small = { max_url_len: 64, max_header_line: 96, max_header_size: 160, max_headers: 4, max_body_size: 64 }

/** Which of several things wrong with a line is named depends on what was seen first; that it is refused does not. */
function withoutReason(events: readonly HttpEvent[]): unknown[] {
  return events.map((event) => ('refused' in event ? 'refused' : event))
}

describe('for any octets', () => {
  it('good requests are read as they were written, however they come', () => {
    fc.assert(
      fc.property(fc.array(request, { maxLength: 4 }), places, (requests, where) => {
        const input = Buffer.concat(requests.map((one) => one.input))
        expect(readPieces(cut(input, where))).toEqual(requests.flatMap((one) => one.events))
      }),
      { numRuns: 300 },
    )
  })

  it('what is read, and whether it is refused, does not depend on how they come', () => {
    fc.assert(
      fc.property(anyOctets, places, (input, where) => {
        expect(withoutReason(readPieces(cut(input, where), small))).toEqual(withoutReason(readPieces([input], small)))
      }),
      { numRuns: 1000 },
    )
  })

  it('a parser neither throws nor hangs, and holds no more than its limits', () => {
    const most = Math.max(small.max_url_len + small.max_header_size + 4, MAX_CHUNK_LINE + 4, MAX_TRAILERS + 4)
    fc.assert(
      fc.property(anyOctets, fc.integer({ min: 1, max: 40 }), (input, step) => {
        const reader = new EventReader(small)
        let held = 0
        for (let at = 0; at < input.length && !reader.refused; at += step) {
          const before = JSON.stringify(reader.events)
          reader.feed(input.subarray(at, at + step))
          held = JSON.stringify(reader.events) === before ? held + step : 0
          expect(held).toBeLessThanOrEqual(most)
        }
      }),
      { numRuns: 500 },
    )
  })

  it.each([
    ['a request line', 'GET /', 'a'],
    ['a method', '', 'G'],
    ['fields', 'GET / HTTP/1.1\r\n', 'X: y\r\n'],
    ['a field', 'GET / HTTP/1.1\r\nX: ', 'y'],
    ['empty lines', '', '\r\n'],
    ['a chunk size', chunkedRequest(''), '0'],
    ['a chunk extension', chunkedRequest('5;a="'), ' '],
    ['chunk extensions', chunkedRequest(''), `1;${'a'.repeat(2000)}\r\nx\r\n`],
    ['chunks, beyond the body limit', chunkedRequest(''), '1\r\nx\r\n'],
    ['trailers', chunkedRequest('0\r\n'), 'X: y\r\n'],
    ['a trailer', chunkedRequest('0\r\nX: '), 'y'],
  ])('%s without an end are refused within the limits', (_, start, flood) => {
    const limits = { ...small, max_body_size: flood.length > 100 ? 0 : 64 }
    const reader = new EventReader(limits)
    reader.feed(octets(start))
    let fed = 0
    for (; !reader.refused && fed < 100_000; fed += flood.length) reader.feed(octets(flood))
    expect(reader.refused).toBe(true)
    expect(fed).toBeLessThan(70_000)
  })
})
