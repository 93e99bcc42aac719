import * as fc from 'fast-check'
import { place } from '../support/arbitraries/cuts.ts'
import { validRequest } from '../support/arbitraries/requests.ts'
import { octets } from '../support/http-cases.ts'

/** The parts a request is put together of. */
interface Parts {
  before: string
  method: string
  gap: string
  target: string
  version: string
  end: string
  host: string
  field: string
  framing: string
  body: string
}

const PLAIN: Parts = {
  before: '',
  method: 'GET',
  gap: ' ',
  target: '/a',
  version: 'HTTP/1.1',
  end: '\r\n',
  host: 'Host: a.example\r\n',
  field: 'X: y\r\n',
  framing: '',
  body: '',
}

const chunked = (body: string): Partial<Parts> => ({ method: 'POST', framing: 'Transfer-Encoding: chunked\r\n', body })
const framed = (framing: string, body = '5\r\nhello\r\n0\r\n\r\n'): Partial<Parts> => ({ method: 'POST', framing: `${framing}\r\n`, body })

/** Every way a part may be odd. One of them in a request is what two readers can disagree on. */
const ODDITIES: { readonly [part in keyof Parts]?: readonly string[] } = {
  before: ['\r\n', '\r\n\r\n', '\n', '\r', ' ', '\t', '\0', '\r\n\n'],
  method: [
    'HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PURGE', 'PROPFIND', 'M-SEARCH', 'LINK', 'SOURCE', 'QUERY', 'FLUSH', 'DESCRIBE',
    'PRI', 'CONNECT',
    'FOO', 'get', 'Get', 'G', 'GETT', 'G@T', 'G(T', 'GET\0', 'G\xe9T', '',
  ],
  gap: ['  ', '\t', ' \t', '', '\r\n'],
  target: [
    '/', '*', 'a', 'a/b', '//a', '/?', '/?a?b', '?a', '/a#b', '#', '/a"<>\\^`{|}', '/%41', '/%', '/%zz', '/?%', '/\x7f', '/\x80', '/\xe9',
    '/\x01', '/a\tb', '/a b', '/\0',
    'http://b', 'http://b/', 'http://b?c', 'HTTP://b/c', 'https://b:80/', 'http://u@b/', 'http:///', 'http://', 'http:/b', 'http:b',
    'ftp://b/', 'http://b#c', 'http://b:x/',
    'http://[::1]/', 'http://[/', 'b:80', 'b.example:443', '-', '.', '/../a', '@',
  ],
  version: [
    ' HTTP/1.1', '\tHTTP/1.1', 'HTTP/1.0', 'HTTP/1.2', 'HTTP/1.9', 'HTTP/2.0', 'HTTP/0.9', 'HTTP/3.0', 'http/1.1', 'HTTP/1.10',
    'HTTP/01.1', 'HTTP/1', 'HTTP/1,1', 'HTTP 1.1', 'RTSP/1.0', 'ICE/1.0', 'HTTP/1.1 ', 'HTTP/1.1\t', 'XTTP/1.1', '',
  ],
  end: ['\n', '\r', '\r\r\n', '\n\r\n', ' \r\n'],
  host: [
    '', 'Host:\r\n', 'host:a\r\n', 'HOST: a \r\n', 'Host: a\r\nHost: a\r\n', 'Host: a\r\nHost: b\r\n', 'Host: a, b\r\n', 'Host: a b\r\n',
    'Host: a/b\r\n', 'Host: u@a\r\n', 'Host: a:x\r\n', 'Host: a:99999\r\n',
    'Host: [::1]\r\n', 'Host: [::1\r\n', 'Host: a%00\r\n', 'Host: a?b\r\n', 'Host: \xe9\r\n', 'Host: :80\r\n',
  ],
  field: [
    'X:\r\n', 'X: \t y \t\r\n', 'X: \xe9\xff\r\n', 'X: a\tb\r\n', 'X : y\r\n', 'X\t: y\r\n', ' X: y\r\n', '\tX: y\r\n', 'X: y\r\n z\r\n',
    'X: y\r\n\tz\r\n', 'X:\r\n y\r\n', 'X: y\r\n \r\n', 'X\r\n', ': y\r\n', ':\r\n', 'X@: y\r\n',
    'X(: y\r\n', 'X\xe9: y\r\n', 'X\0: y\r\n', 'X: \0\r\n', 'X: \x01\r\n', 'X: \x7f\r\n', 'X: a\rb\r\n', 'X: y\n', 'X: y\r', 'X: y\r\r\n',
    'X: y\nZ: z\r\n', 'X_y: z\r\n', '"X": y\r\n', 'X y: z\r\n', '\x0bX: y\r\n', 'X: \x0b\r\n', 'X: \x0c\r\n',
    'Connection: close\r\n', 'Connection: Close\r\n', 'Connection: keep-alive\r\n', 'Connection: close\t\r\n', 'Connection: close \r\n',
    'Connection: x, close\r\n', 'Connection: x,close\r\n', 'Connection: close, x\r\n', 'Connection: close x\r\n',
    'Connection: keep-alive, close\r\n', 'Connection: close, keep-alive\r\n', 'Connection: close\r\nConnection: keep-alive\r\n',
    'Connection: keep-alive\r\nConnection: close\r\n', 'Connection: closed\r\n', 'Connection: xclose\r\n', 'Connection: "close"\r\n',
    'Connection: close;x\r\n', 'Connection: ,close\r\n', 'Connection:\r\n', 'Proxy-Connection: close\r\n',
    'Proxy-Connection: keep-alive\r\n', 'Keep-Alive: timeout=5\r\n',
    'Connection: upgrade\r\nUpgrade: h2c\r\n', 'Upgrade: h2c\r\n', 'Connection: upgrade\r\n',
    'Connection: upgrade, close\r\nUpgrade: websocket\r\n',
    'Expect: 100-continue\r\n', 'Expect: 100-Continue\r\n', 'Expect: x\r\n', 'Expect:\r\n', 'Expect: 100-continue, x\r\n',
    'Expect: 100-continue\r\nExpect: 100-continue\r\n', 'Expect: 100-continue;x\r\n', 'Expect: x100-continue\r\n',
  ],
}

/** Odd bodies: what says where one ends, and what stands in it. */
const BODIES: readonly Partial<Parts>[] = [
  ...[
    '5', '05', '0000000000000000000005', ' 5', '5 ', '\t5', '5\t', '+5', '-5', '5.0', '5,5', '5, 5', '5 5', '0x5', '', ' ', 'a', '5a',
    '\xb25', '5\r\n 5', '9'.repeat(16), '9'.repeat(30),
  ].map((value) => framed(`Content-Length:${value}`, 'hello')),
  ...[
    'Content-Length: 5\r\nContent-Length: 5', 'Content-Length: 5\r\nContent-Length: 6', 'Content_Length: 5', 'Content-Length : 5',
    'Content-Length: 0',
  ].map((fields) => framed(fields, 'hello')),
  ...['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE'].map((method) => ({ ...framed('Content-Length: 5', 'hello'), method })),
  ...['GET', 'HEAD', 'DELETE'].map((method) => ({ ...framed('Transfer-Encoding: chunked'), method })),
  ...['0', '2'].map((minor) => ({ ...framed('Transfer-Encoding: chunked'), version: `HTTP/1.${minor}` })),
  { ...framed('Connection: keep-alive\r\nTransfer-Encoding: chunked'), version: 'HTTP/1.0' },
  { ...framed('Content-Length: 5', 'hello'), version: 'HTTP/1.0' },
  ...[
    'CHUNKED', 'chunked ', 'chunked\t', '\tchunked', '', ',', 'gzip', 'identity', 'gzip, chunked', 'gzip,chunked', 'chunked, gzip',
    'chunked, chunked', 'chunked,', ',chunked', 'chunked;q=1', 'x', 'xchunked', 'chunkedx', 'chunked x', '"chunked"',
    'identity, chunked', 'chunked, identity', '\x0bchunked', 'chunk', 'chunked\0', '\xa0chunked',
  ].map((value) => framed(`Transfer-Encoding: ${value}`)),
  ...[
    'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked', 'Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked',
    'Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip', 'Transfer-Encoding : chunked',
    'Transfer-Encoding: chunked\r\nContent-Length: 5', 'Content-Length: 5\r\nTransfer-Encoding: chunked', 'Transfer_Encoding: chunked',
    'Transfer-Encoding:\r\n chunked', 'TE: chunked',
  ].map((fields) => framed(fields)),
  ...[
    '5', '05', '00000000000000000005', 'A', '5 ', '5\t', ' 5', '5;', '5;a', '5; a', '5 ;a', '5;a=b', '5;a=', '5;a =b', '5;a= b', '5;=b',
    '5;a="b"', '5;a="b', '5;a="b"c', '5;a="\\""', '5;a="b\xe9"', '5;a=\xe9', '5;a="\\\xe9"', '5;a;b', '5;;a', '5;a\x01', '5;a="\x01"',
    '5;a\rb', '5;a@b', '5;a b',
    '5;a="b";c', '5;a=b ;c', '5;a ', '5;a="b" ', '5;a="\t"', '5;a="b c"', '0x5', '+5', '-5', '5,a', '', 'g', '5\0', '\xb25',
    '10000000000000005', 'fffffffffffffffff', '5\r', '5\n',
  ].map((line) => chunked(`${line}\r\nhello\r\n0\r\n\r\n`)),
  ...[
    '5\nhello\r\n0\r\n\r\n', '5\rhello\r\n0\r\n\r\n', '5\r\nhello\n0\r\n\r\n', '5\r\nhello0\r\n\r\n', '5\r\nhello\r0\r\n\r\n',
    '5\r\nhelloX\r\n0\r\n\r\n', '5\r\nhello\r\n0\n\n', '5\r\nhello\r\n0\r\n\n', '5\r\nhello\r\n0\n\r\n', '5\r\nhello\r\n0\r\r\n\r\n',
    '5\r\nhello\r\n0;a=b\r\n\r\n', '5\r\nhello\r\n000\r\n\r\n',
  ].map(chunked),
  ...[
    'X: y', 'X:', 'X : y', ' X: y', 'X: y\r\n z', 'X', ': y', 'X@: y', 'X: \0', 'X: \x01', 'X: \xe9', 'X: \x7f', 'X: y\n', 'X: a\rb',
    'Content-Length: 5', 'Content-Length: x', 'Transfer-Encoding: chunked', 'Transfer-Encoding: gzip', 'Host: b', 'Connection: close',
    'Connection: keep-alive', 'Upgrade: x', 'Trailer: x', 'Expect: x',
    'Content-Length: 0', 'Connection: upgrade\r\nUpgrade: x',
  ].map((trailer) => chunked(`5\r\nhello\r\n0\r\n${trailer}\r\n\r\n`)),
]

const ALL: readonly Partial<Parts>[] = [
  {},
  ...Object.entries(ODDITIES).flatMap(([part, values]) => values.map((value) => ({ [part]: value }))),
  ...BODIES,
  ...(ODDITIES.field ?? []).map((field) => ({ field, version: 'HTTP/1.0' })),
  ...(ODDITIES.host ?? []).map((host) => ({ host, version: 'HTTP/1.0' })),
]

const NEXT = 'GET /next HTTP/1.1\r\nHost: next\r\n\r\n'

/** A request with this in place of its plain parts, and a next one behind it, which shows where a reader thinks that it ended. */
function requestOf(odd: Partial<Parts>): Buffer {
  const { before, method, gap, target, version, end, host, field, framing, body } = { ...PLAIN, ...odd }
  return octets(`${before}${method}${gap}${target} ${version}${end}${host}${field}${framing}\r\n${body}${NEXT}`)
}

/** Every request there is with one oddity. */
export const oddRequests: readonly Buffer[] = ALL.map(requestOf)

/** What both take for granted, so that they disagree on something else. */
const usual = validRequest({
  methods: fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'OPTIONS'),
  minors: fc.constantFrom(1, 1, 1, 0),
  blanks: fc.constantFrom(' ', '', '  '),
}).map(({ input }) => input)

const MARKS = ['', ' ', '\t', '\r', '\n', '\r\n', '\0', '\x7f', '\x80', ':', ',', ';', '"', '/', '0', '1', 'a']

/** One octet of these changed, taken out or put in. */
const spoilt = fc
  .record({
    input: fc.oneof({ weight: 2, arbitrary: usual }, { weight: 1, arbitrary: fc.constantFrom(...oddRequests) }),
    place,
    removed: fc.nat({ max: 1 }),
    put: fc.oneof(fc.constantFrom(...MARKS).map(octets), fc.nat({ max: 255 }).map((octet) => Buffer.of(octet))),
  })
  .map(({ input, place, removed, put }) => {
    const at = Math.floor(place * input.length)
    return Buffer.concat([input.subarray(0, at), put, input.subarray(at + removed)])
  })

/** Requests that are right, nearly right, or odd in some way, with a next one behind. */
export const generatedRequest: fc.Arbitrary<Buffer> = fc
  .oneof(
    { weight: 1, arbitrary: validRequest().map(({ input }) => input) },
    { weight: 1, arbitrary: usual },
    { weight: 6, arbitrary: spoilt },
  )
  .map((input) => Buffer.concat([input, octets(NEXT)]))
