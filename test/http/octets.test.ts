import { expect, it } from 'vitest'
import { chunkedRequest, octets, readPieces, requestWith } from '../support/http-cases.ts'

const ALL = Array.from({ length: 256 }, (_, octet) => String.fromCharCode(octet))
const of = (pattern: RegExp): string[] => ALL.filter((octet) => pattern.test(octet))

const TCHAR = of(/[!#$%&'*+\-.^_`|~0-9A-Za-z]/)
const VALUE = of(/[\t\x20-\x7e\x80-\xff]/)
const HEX = of(/[0-9A-Fa-f]/)
const DIGIT = of(/[0-9]/)
const IN_TARGET = of(/[\x21\x22\x24-\x7e]/)

/** Sorted as ALL is. */
function also(set: readonly string[], more: string): string[] {
  return ALL.filter((octet) => set.includes(octet) || more.includes(octet))
}

function without(set: readonly string[], less: string): string[] {
  return set.filter((octet) => !less.includes(octet))
}

const line = (text: string): string => `${text}\r\nHost: a\r\n\r\n`
const host = (value: string): string => `GET / HTTP/1.1\r\nHost: ${value}\r\n\r\n`
const coded = (value: string): string => requestWith([`Transfer-Encoding:${value}`], '0\r\n\r\n')
const long = (value: string): string => requestWith([`Content-Length: ${value}`], '0'.repeat(90))

/** A place, the message with an octet in it, and which octets the grammar has there. */
it.each<[place: string, message: (octet: string) => string, allowed: readonly string[]]>([
  ['a method (RFC 9110 §9.1)', (octet) => line(`A${octet}B / HTTP/1.1`), TCHAR],
  // Some of these are not in RFC 3986 §3.3, but browsers send them.
  ['a path (RFC 9112 §3.2.1)', (octet) => line(`GET /a${octet}41 HTTP/1.1`), IN_TARGET],
  ['a query (RFC 9112 §3.2.1)', (octet) => line(`GET /?a${octet}b HTTP/1.1`), IN_TARGET],
  ['a minor version (RFC 9112 §2.3)', (octet) => line(`GET / HTTP/1.${octet}`), DIGIT],
  ['the place of the first space (RFC 9112 §3)', (octet) => line(`GET${octet}/ HTTP/1.1`), [' ']],
  ['the place of the second space (RFC 9112 §3)', (octet) => line(`GET /${octet}HTTP/1.1`), [' ']],
  ['the place behind the version (RFC 9112 §3)', (octet) => line(`GET / HTTP/1.1${octet}`), []],
  ['the place before the request line (RFC 9112 §2.2)', (octet) => line(`${octet}GET / HTTP/1.1`), TCHAR],
  ['a host (RFC 3986 §3.2.2)', (octet) => host(`a${octet}b`), of(/[A-Za-z0-9\-._~!$&'()*+,;=]/)],
  ['a port (RFC 3986 §3.2.3)', (octet) => host(`a:8${octet}`), also(DIGIT, '\t ')],
  ['a field name (RFC 9110 §5.1)', (octet) => requestWith([`X${octet}Y: z`]), also(TCHAR, ':')],
  ['the place before a field (RFC 9112 §2.2, §5.2)', (octet) => requestWith([`${octet}X: z`]), TCHAR],
  ['the place before the colon (RFC 9112 §5.1)', (octet) => requestWith([`X${octet}: z`]), also(TCHAR, ':')],
  ['a field value (RFC 9110 §5.5)', (octet) => requestWith([`X: a${octet}b`]), VALUE],
  ['the place before a field value (RFC 9110 §5.5)', (octet) => requestWith([`X:${octet}a`]), VALUE],
  ['the end of a field value (RFC 9110 §5.5)', (octet) => requestWith([`X: a${octet}`]), VALUE],
  ['the place of the last CRLF (RFC 9112 §2.2)', (octet) => `GET / HTTP/1.1\r\nHost: a\r\n${octet}\n`, ['\r']],
  ['a Content-Length (RFC 9110 §8.6)', (octet) => long(`${octet}0`), also(DIGIT, '\t ')],
  ['the end of a Content-Length', (octet) => long(`0${octet}`), also(DIGIT, '\t ')],
  ['the place before a transfer coding (RFC 9110 §5.6.3)', (octet) => coded(`${octet}chunked`), ['\t', ' ']],
  ['the end of a transfer coding (RFC 9110 §5.6.3)', (octet) => coded(` chunked${octet}`), ['\t', ' ']],
  ['a transfer coding (RFC 9112 §7)', (octet) => coded(` chun${octet}ked`), []],
  ['an expectation (RFC 9110 §10.1.1)', (octet) => requestWith([`Expect: 100-continue${octet}`]), ['\t', ' ', ',']],
  ['a chunk size (RFC 9112 §7.1)', (octet) => chunkedRequest(`${octet}0\r\n`), HEX],
  ['the end of a chunk size (RFC 9112 §7.1)', (octet) => chunkedRequest(`0${octet}\r\n`), HEX],
  ['the place behind a chunk size (RFC 9112 §7.1.1)', (octet) => chunkedRequest(`0${octet};a\r\n`), also(HEX, '\t ')],
  ['the CR behind a chunk (RFC 9112 §7.1)', (octet) => chunkedRequest(`1\r\na${octet}\n`), ['\r']],
  ['the LF behind a chunk (RFC 9112 §7.1)', (octet) => chunkedRequest(`1\r\na\r${octet}`), ['\n']],
  ['the name of an extension (RFC 9112 §7.1.1)', (octet) => chunkedRequest(`0;a${octet}b\r\n`), also(TCHAR, ';=')],
  ['the value of an extension (RFC 9112 §7.1.1)', (octet) => chunkedRequest(`0;a=b${octet}c\r\n`), also(TCHAR, ';')],
  ['a quoted value of an extension (RFC 9110 §5.6.4)', (octet) => chunkedRequest(`0;a="b${octet}c"\r\n`), without(VALUE, '"')],
  ['a quoted pair in an extension (RFC 9110 §5.6.4)', (octet) => chunkedRequest(`0;a="\\${octet}"\r\n`), VALUE],
  ['the name of a trailer (RFC 9112 §7.1.2)', (octet) => chunkedRequest(`0\r\nX${octet}Y: z\r\n`), also(TCHAR, ':')],
  ['the value of a trailer (RFC 9112 §7.1.2)', (octet) => chunkedRequest(`0\r\nX: a${octet}b\r\n`), VALUE],
])('of all octets, %s has those of the grammar and no other', (_, message, allowed) => {
  const taken = ALL.filter((octet) => !readPieces([octets(message(octet))]).some((event) => 'refused' in event))
  expect(taken.join('')).toBe(allowed.join(''))
})
