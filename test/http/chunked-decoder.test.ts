import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bodyOf, chunkedRequest, defaultLimits, encodeChunks, octets, readPieces, readThreeWays, refusalOf } from '../support/http-cases.ts'

/** The line of a chunk of 5 octets that is so many octets long. */
function sizeLine(octetCount: number): string {
  return `5;${'a'.repeat(octetCount - 4)}\r\n`
}

/** A last chunk whose extension is so many octets long. */
function lastChunk(extension: number): string {
  return `0;${'a'.repeat(extension - 1)}\r\n\r\n`
}

/** A last chunk and a trailer section that is so many octets long, with its empty line. */
function withTrailers(octetCount: number): string {
  return `0\r\nA: ${'a'.repeat(4000 - 5)}\r\nB: ${'b'.repeat(octetCount - 4002 - 5)}\r\n\r\n`
}

describe('a chunked body (RFC 9112 §7.1)', () => {
  it.each([
    ['one chunk', '5\r\nhello\r\n0\r\n\r\n', 'hello'],
    ['some chunks', '5\r\nhello\r\n1\r\n \r\n5\r\nworld\r\n0\r\n\r\n', 'hello world'],
    ['no chunk', '0\r\n\r\n', ''],
    ['a size in hex, lower case', 'a\r\n0123456789\r\n0\r\n\r\n', '0123456789'],
    ['a size in hex, upper case', 'A\r\n0123456789\r\n0\r\n\r\n', '0123456789'],
    ['zeros before a size', '0005\r\nhello\r\n0\r\n\r\n', 'hello'],
    ['zeros for the last chunk', '5\r\nhello\r\n0000\r\n\r\n', 'hello'],
    ['line ends inside', '4\r\n\r\n\r\n\r\n0\r\n\r\n', '\r\n\r\n'],
    ['what looks like its end inside', '7\r\n\r\n0\r\n\r\n\r\n0\r\n\r\n', '\r\n0\r\n\r\n'],
    ['what looks like a request inside', '10\r\nGET / HTTP/1.1\r\n\r\n0\r\n\r\n', 'GET / HTTP/1.1\r\n'],
    ['any octets', '4\r\n\0\xff\x80\n\r\n0\r\n\r\n', '\0\xff\x80\n'],
  ])('of %s is read', (_, body, text) => {
    expect(bodyOf(chunkedRequest(body))).toBe(text)
  })

  it.each([
    ['a prefix', '0x5\r\nhello'],
    ['a sign', '+5\r\nhello'],
    ['a minus', '-5\r\nhello'],
    ['an underscore', '1_0\r\nhello'],
    ['a dot', '5.0\r\nhello'],
    ['a comma', '5,5\r\nhello'],
    ['a blank in front', ' 5\r\nhello'],
    ['a tab in front', '\t5\r\nhello'],
    ['a blank behind', '5 \r\nhello'],
    ['a word behind', '5 x\r\nhello'],
    ['no digit', '\r\nhello'],
    ['no hex digit', 'g\r\nhello'],
    ['a digit that is not ASCII', '\xb2\r\nhello'],
    ['2^64 and 5, which must not be 5', '10000000000000005\r\nhello'],
    ['more digits than a number holds', 'FFFFFFFFFFFFFF\r\nhello'],
    ['a bare LF', '5\nhello'],
    ['CR CR LF', '5\r\r\nhello'],
    ['a bare CR', '5\rhello'],
  ])('whose size has %s is refused', (_, body) => {
    expect(refusalOf(chunkedRequest(`${body}\r\n0\r\n\r\n`))).toBe('badChunk')
  })

  it.each([
    ['is longer than its size', '5\r\nhello!\r\n0\r\n\r\n'],
    ['ends in a bare LF', '5\r\nhello\n0\r\n\r\n'],
    ['ends in a bare CR', '5\r\nhello\r0\r\n\r\n'],
    ['ends in LF CR', '5\r\nhello\n\r0\r\n\r\n'],
    ['ends in some octet and LF', '3\r\nxxx_\n0\r\n\r\n'],
    ['has no end', '3\r\nfoo0\r\n\r\n'],
  ])('whose data %s is refused', (_, body) => {
    expect(refusalOf(chunkedRequest(body))).toBe('badChunk')
  })

  it.each([
    ['§8 without a last chunk', '5\r\nhello\r\n'],
    ['§8 in the middle of a chunk', '5\r\nhel'],
    ['§8 at the end of a size', '5'],
    ['§8 behind the last chunk', '0\r\n'],
    ['§8 inside the trailers', '0\r\nX: a\r\n'],
    ['§8 before the last octet', '0\r\n\r'],
  ])('has not ended %s', (_, body) => {
    expect(readThreeWays(chunkedRequest(body)).at(-1)).toMatchObject({ ended: false })
  })

  it.each([
    ['a size', 'X'],
    ['a size, with a blank', ' '],
    ['a size that goes on', '5x'],
    ['a size and a blank', '5 x'],
    ['a size and CR', '5\r;'],
    ['an extension', '5;a\0'],
    ['an extension, with a bare CR', '5;a\rb'],
    ['the end of data', '1\r\naX'],
    ['the end of data, behind CR', '1\r\na\rX'],
  ])('is refused at the first octet that cannot stand there, in %s', (_, body) => {
    expect(refusalOf(chunkedRequest(body))).toBe('badChunk')
  })

  it('may be as large as max_body_size (RFC 9110 §15.5.14), told by the sizes before the data', () => {
    const limits = { ...defaultLimits, max_body_size: 5 }
    expect(bodyOf(chunkedRequest('2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n'), limits)).toBe('hello')
    expect(refusalOf(chunkedRequest('2\r\nhe\r\n4\r\n'), limits)).toBe('bodyTooLarge')
    expect(refusalOf(chunkedRequest('fffffffffffff\r\n'), limits)).toBe('bodyTooLarge')
  })

  it('is decoded to what was encoded, however it was cut into chunks, and however the octets come', () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 })
    fc.assert(
      fc.property(pieces, fc.constantFrom('', ';a', ' ; a = "b;\\""'), fc.integer({ min: 1, max: 64 }), (parts, extension, step) => {
        const buffers = parts.map((part) => Buffer.from(part))
        const input = Buffer.concat([octets(chunkedRequest('')), encodeChunks(buffers, extension, 'X: y\r\n')])
        const cut = Array.from({ length: Math.ceil(input.length / step) }, (_, index) => input.subarray(index * step, index * step + step))
        const whole = { body: Buffer.concat(buffers).toString('latin1'), ended: true }
        expect(readPieces([input])).toMatchObject([{ method: 'POST' }, whole])
        expect(readPieces(cut)).toMatchObject([{ method: 'POST' }, whole])
      }),
      { numRuns: 200 },
    )
  })
})

describe('chunk extensions (RFC 9112 §7.1.1)', () => {
  it.each([';a', ';a=b', ';a="b c"', ';a;b=c;d="e"', ' ; a', '\t;\ta\t=\tb', ';a="\\"\\\\"', ';a="\xe9\t"', ';a="b;c,d"', ';a=""'])(
    '"%s" is ignored',
    (extension) => {
      expect(bodyOf(chunkedRequest(`5${extension}\r\nhello\r\n0${extension}\r\n\r\n`))).toBe('hello')
    },
  )

  it.each([
    ';', ';=b', ';a=', ';a="b', ';a=b"', ';a b', ';a=b c', ';a[', ';a;', ';a="b"c', ' a', ',a',
    ';a\x01', ';a\0b', ';a="\x7f"', ';a=\xe9', ';a\r', ';a=b ', ';a=b\t',
  ])('%j is refused', (extension) => {
    expect(refusalOf(chunkedRequest(`5${extension}\r\nhello\r\n0\r\n\r\n`))).toBe('badChunk')
  })

  it('do not hide a line that a lenient reader would see in them', () => {
    expect(refusalOf(chunkedRequest('2;\nxx\r\n4c\r\n0\r\n\r\nGET /admin HTTP/1.1\r\nHost: a.example\r\n\r\n'))).toBe('badChunk')
    expect(refusalOf(chunkedRequest('2\r\r;a\r\n02\r\n41\r\n0\r\n\r\nGET /evil HTTP/1.1\r\nHost: a.example\r\n\r\n'))).toBe('badChunk')
  })

  it('make a line of 4096 octets with the size, and no longer one', () => {
    expect(bodyOf(chunkedRequest(`${sizeLine(4096)}hello\r\n0\r\n\r\n`))).toBe('hello')
    expect(refusalOf(chunkedRequest(`${sizeLine(4097)}hello\r\n0\r\n\r\n`))).toBe('chunkLineTooLong')
    expect(refusalOf(chunkedRequest(`5;${'a'.repeat(4095)}`))).toBe('chunkLineTooLong')
  })

  it('a size of endless zeros is such a line as well', () => {
    expect(refusalOf(chunkedRequest('0'.repeat(4097)))).toBe('chunkLineTooLong')
  })

  it('are 65536 octets in one message, and no more', () => {
    const flood = `1;${'a'.repeat(4000 - 1)}\r\nx\r\n`.repeat(16)
    expect(bodyOf(chunkedRequest(flood + lastChunk(1536)))).toBe('x'.repeat(16))
    expect(refusalOf(chunkedRequest(flood + lastChunk(1537)))).toBe('extensionsTooLarge')
  })
})

describe('trailers (RFC 9112 §7.1.2)', () => {
  it.each([
    'X: y\r\n',
    'X:\r\n',
    'X: y\r\nZ: \t caf\xe9 \r\n',
    'Content-Length: 5\r\n',
    'Transfer-Encoding: chunked\r\n',
    'Host: b.example\r\n',
  ])('%j are read and dropped, never merged into the fields', (trailers) => {
    const [head, body, ...rest] = readThreeWays(chunkedRequest(`5\r\nhello\r\n0\r\n${trailers}\r\n`))
    expect(head).toMatchObject({ host: 'a.example', fields: 'Host: a.example\r\nTransfer-Encoding: chunked\r\n' })
    expect([body, ...rest]).toEqual([{ body: 'hello', ended: true }])
  })

  it.each([
    ['no colon', 'garbage\r\n'],
    ['no name', ': y\r\n'],
    ['a name that is no token', 'X@: y\r\n'],
    ['a space before the colon', 'X : y\r\n'],
    ['a NUL', 'X: \0\r\n'],
    ['a control', 'X: \x01\r\n'],
    ['a fold', 'X: y\r\n z\r\n'],
    ['a bare LF', 'X: y\nZ: w\r\n'],
    ['a bare CR', 'X: y\rZ: w\r\n'],
    ['a bare LF for the empty line', '\n'],
    ['CR CR LF for the empty line', '\r'],
  ])('with %s are refused', (_, trailers) => {
    expect(refusalOf(chunkedRequest(`0\r\n${trailers}\r\n`))).toBe('badTrailer')
  })

  it('are refused at the first octet that cannot stand in them', () => {
    expect(refusalOf(chunkedRequest('0\r\nX: \0'))).toBe('badTrailer')
    expect(refusalOf(chunkedRequest('0\r\nX: y\rz'))).toBe('badTrailer')
  })

  it('are 8192 octets with the empty line, and no more', () => {
    expect(bodyOf(chunkedRequest(withTrailers(8192)))).toBe('')
    expect(refusalOf(chunkedRequest(withTrailers(8193)))).toBe('trailersTooLarge')
    expect(refusalOf(chunkedRequest(`0\r\nA: ${'a'.repeat(8192)}`))).toBe('trailersTooLarge')
  })

  it('are as many as the fields of a head may be', () => {
    const limits = { ...defaultLimits, max_headers: 3 }
    expect(bodyOf(chunkedRequest(`0\r\n${'X: y\r\n'.repeat(3)}\r\n`), limits)).toBe('')
    expect(refusalOf(chunkedRequest(`0\r\n${'X: y\r\n'.repeat(4)}\r\n`), limits)).toBe('tooManyFields')
  })
})
