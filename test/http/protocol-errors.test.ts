import { describe, expect, it } from 'vitest'
import { protocolErrors } from '../../src/http/protocol-errors.ts'
import { chunkedRequest, defaultLimits, type ErrorName, refusalOf, requestWith } from '../support/http-cases.ts'

/** Rows the server raises: they are about time, and about the connection's end, of which the parser knows nothing. */
const RAISED_BY_SERVER = ['incompleteHead', 'incompleteBody', 'headTimeout', 'bodyTimeout'] as const
type RaisedByServer = (typeof RAISED_BY_SERVER)[number]
type RaisedByParser = Exclude<ErrorName, RaisedByServer>

/** For every other row the plainest message that is refused with it. A row without one does not compile. */
const SAMPLES: Record<RaisedByParser, string> = {
  requestLineTooLong: `GET /${'a'.repeat(500)} HTTP/1.1\r\n\r\n`,
  badRequestLine: 'GET / FTP/1.1\r\n\r\n',
  badVersion: 'GET / HTTP/2.0\r\n\r\n',
  badTarget: 'GET a HTTP/1.1\r\n\r\n',
  connectRefused: 'CONNECT a.example:443 HTTP/1.1\r\n\r\n',
  missingHost: 'GET / HTTP/1.1\r\n\r\n',
  repeatedHost: requestWith(['Host: a.example']),
  badHost: 'GET / HTTP/1.1\r\nHost: a b\r\n\r\n',
  badField: requestWith(['X : y']),
  foldedField: requestWith(['X: y', ' z']),
  bareLineEnd: 'GET / HTTP/1.1\n\n',
  fieldTooLong: requestWith([`X: ${'y'.repeat(300)}`]),
  fieldsTooLarge: requestWith([`X: ${'y'.repeat(190)}`, `X: ${'y'.repeat(190)}`]),
  tooManyFields: requestWith(Array.from({ length: 10 }, () => 'X: y')),
  badContentLength: requestWith(['Content-Length: x']),
  repeatedContentLength: requestWith(['Content-Length: 1', 'Content-Length: 1']),
  lengthAndCoding: requestWith(['Content-Length: 1', 'Transfer-Encoding: chunked']),
  codingInOldVersion: requestWith(['Transfer-Encoding: chunked'], '', 'POST / HTTP/1.0'),
  chunkedNotFinal: requestWith(['Transfer-Encoding: gzip']),
  unknownCoding: requestWith(['Transfer-Encoding: gzip, chunked']),
  unknownExpectation: requestWith(['Expect: mercy']),
  bodyTooLarge: requestWith(['Content-Length: 2000']),
  badChunk: chunkedRequest('x\r\n'),
  chunkLineTooLong: chunkedRequest('0'.repeat(5000)),
  extensionsTooLarge: chunkedRequest(`1;${'a'.repeat(4090)}\r\nx\r\n`.repeat(17)),
  badTrailer: chunkedRequest('0\r\nx\r\n\r\n'),
  trailersTooLarge: chunkedRequest(`0\r\nX: ${'y'.repeat(9000)}`),
}

const LIMITS = { ...defaultLimits, max_url_len: 300, max_header_line: 200, max_header_size: 300, max_headers: 5, max_body_size: 1000 }

describe('the table of protocol errors', () => {
  const names = Object.keys(protocolErrors) as ErrorName[]

  it('has rows that the parser raises, and rows that the server raises', () => {
    expect(new Set(names)).toEqual(new Set([...Object.keys(SAMPLES), ...RAISED_BY_SERVER]))
  })

  it.each(Object.entries(SAMPLES))('%s is what the parser says of some message', (name, sample) => {
    expect(refusalOf(sample, LIMITS)).toBe(name)
  })

  it('answers 400 but where HTTP has a better word', () => {
    expect(Object.fromEntries(names.map((name) => [name, protocolErrors[name].status]).filter(([, status]) => status !== 400))).toEqual({
      headTimeout: 408,
      bodyTimeout: 408,
      bodyTooLarge: 413,
      extensionsTooLarge: 413,
      requestLineTooLong: 414,
      unknownExpectation: 417,
      fieldTooLong: 431,
      fieldsTooLarge: 431,
      tooManyFields: 431,
      trailersTooLarge: 431,
      connectRefused: 501,
      unknownCoding: 501,
      badVersion: 505,
    })
  })

  it.each(names)('%s has a reason, and the clause it follows', (name) => {
    const { reason, clause } = protocolErrors[name]
    expect(reason).toMatch(/^[\x20-\x7e]{5,}$/)
    expect(clause).toMatch(/^RFC \d{4} §\d+(\.\d+)*$/)
  })
})
