import { METHODS } from 'node:http'
import { chunkedRequest, octets, requestWith } from '../support/http-cases.ts'
import { type Difference, isRefusal } from './difference.ts'
import {
  bodyOf,
  connectionOf,
  differOnlyInPersistence,
  hasProxyConnection,
  headOf,
  isKnownMethod,
  lineOf,
  nodeRefusesFor,
  onlyNodeRefuses,
  refusedFor,
  stoppedForUpgrade,
} from './predicates.ts'

/** One way in which Millrace reads requests otherwise than node:http, on purpose. */
export interface ChosenDifference {
  readonly name: string
  /** Requests that show it. */
  readonly shownBy: readonly Buffer[]
  readonly millrace: string
  readonly node: string
  readonly reason: string
  /** The versions of Node that show it for sure; others may. All of them when absent. */
  readonly certain?: { readonly from: number; readonly before: number; readonly why: string }
  applies(difference: Difference): boolean
}

/** Every difference is exactly one of these. */
export const chosenDifferences: readonly ChosenDifference[] = [
  // The request line
  {
    name: 'line ends before a request',
    shownBy: ['\r\n\r\n', '\n', '\r\n\n'].map((before) => octets(before + requestWith([], '', 'GET / HTTP/1.1'))),
    millrace: 'skips one CRLF',
    node: 'skips any number of CR and LF',
    reason: 'RFC 9112 §2.2 asks for one CRLF, for the sake of old clients; a flood of them is no request, and a bare LF ends no line',
    applies: (difference) => refusedFor(difference, 'badRequestLine', 'bareLineEnd') && /^(?:\r\n[\r\n]|\r(?!\n)|\n)/.test(difference.text),
  },
  {
    name: 'several blanks in the request line',
    shownBy: [request('GET  / HTTP/1.1'), request('GET /  HTTP/1.1')],
    millrace: 'refuses them',
    node: 'takes any number of SP',
    reason: 'RFC 9112 §3 has single SPs; a reader that splits at each sees another target',
    applies: (difference) => refusedFor(difference, 'badRequestLine') && /^\S[^#]* {2}/.test(lineOf(difference)),
  },
  {
    name: 'a fragment in the target',
    shownBy: [request('GET /a#b HTTP/1.1')],
    millrace: 'refuses it',
    node: 'hands it to the app',
    reason: 'no form of a request-target has a fragment (RFC 9112 §3.2)',
    applies: (difference) => refusedFor(difference, 'badRequestLine') && /^\S+ [^# ]*#/.test(lineOf(difference)),
  },
  {
    name: '* for a method that is not OPTIONS',
    shownBy: [request('GET * HTTP/1.1')],
    millrace: 'refuses it',
    node: 'hands it to the app',
    reason: 'asterisk-form is for OPTIONS only (RFC 9112 §3.2.4)',
    applies: (difference) => refusedFor(difference, 'badTarget') && /^\S+ \*/.test(lineOf(difference)),
  },
  {
    name: 'broken escapes in the path',
    shownBy: [request('GET /% HTTP/1.1'), request('GET /%zz HTTP/1.1')],
    millrace: 'refuses them',
    node: 'hands them to the app',
    reason: 'RFC 3986 §2.1; what routes the path must decode it, and every decoder makes something else of them',
    applies: (difference) =>
      refusedFor(difference, 'badTarget') && /^\S+ [^*]/.test(lineOf(difference)) && /%(?![\dA-Fa-f]{2})/.test(lineOf(difference)),
  },
  {
    name: 'absolute-form with no sound authority, or of another scheme',
    shownBy: ['http://u@b/', 'http:///', 'http://', 'ftp://b/', 'http://b:x/', 'http://[/'].map((target) =>
      request(`GET ${target} HTTP/1.1`),
    ),
    millrace: 'refuses it',
    node: 'hands it to the app',
    reason: 'the authority overrides Host (RFC 9112 §3.2.2) and must be as valid as one; userinfo is an error (RFC 9110 §4.2.4)',
    applies: (difference) =>
      refusedFor(difference, 'badTarget') && /^\S+ [^/*]/.test(lineOf(difference)) && !/%(?![\dA-Fa-f]{2})/.test(lineOf(difference)),
  },
  {
    name: 'methods of which node:http knows nothing',
    shownBy: ['FOO', 'get', 'G', 'DESCRIBE', 'PRI'].map((method) => request(`${method} / HTTP/1.1`)),
    millrace: 'hands any token to the app',
    node: 'refuses what is not in its list',
    reason: 'methods are extensible (RFC 9110 §16.1); which ones there are is for the app to say, with 405 or 501',
    applies: (difference) => onlyNodeRefuses(difference) && !METHODS.includes(lineOf(difference).split(' ', 1)[0] ?? ''),
  },
  {
    name: 'HTTP/1.2 and above',
    shownBy: [request('GET / HTTP/1.2'), request('GET / HTTP/1.9')],
    millrace: 'serves them as HTTP/1.1',
    node: 'refuses them',
    reason: 'a server should serve a request of a higher minor version as of the highest one it knows (RFC 9110 §2.5)',
    applies: (difference) => onlyNodeRefuses(difference) && isKnownMethod(difference) && / HTTP\/1\.[2-9]\r?$/.test(lineOf(difference)),
  },
  {
    name: 'HTTP/2.0 and HTTP/0.9 in HTTP/1.1 form',
    shownBy: [request('GET / HTTP/2.0'), request('GET / HTTP/0.9')],
    millrace: '505',
    node: 'serves them',
    reason: 'another major version is another language (RFC 9110 §2.5, §15.6.6)',
    applies: (difference) => refusedFor(difference, 'badVersion'),
  },
  {
    name: 'a request line without a version',
    shownBy: [request('GET /a'), request('GET /aHTTP/1.1'), request('GET /\na: HTTP/1.1')],
    millrace: 'refuses it',
    node: 'takes it for HTTP/0.9',
    reason: 'there is no HTTP/0.9 any more (RFC 9112 §2.3); the target would be whatever stands there',
    applies: (difference) =>
      (refusedFor(difference, 'badRequestLine') && /^\S+ [^#\s]+\r$/.test(lineOf(difference))) ||
      (refusedFor(difference, 'bareLineEnd') && /^\S.* (?!HTTP\/)\S*$/.test(lineOf(difference))),
  },
  {
    name: 'protocols that look like HTTP',
    shownBy: [request('GET / RTSP/1.0')],
    millrace: 'refuses them',
    node: 'serves them',
    reason: 'HTTP-name is HTTP, in capitals (RFC 9112 §2.3)',
    applies: (difference) => refusedFor(difference, 'badRequestLine') && /^\S+ [^# ]+ (?:RTSP|ICE)\//.test(lineOf(difference)),
  },
  // Fields
  {
    name: 'more than one Host',
    shownBy: [octets('GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n')],
    millrace: 'refuses it',
    node: 'takes the first',
    reason: 'must be 400 (RFC 9112 §3.2): which of the two a proxy in front took is not known',
    applies: (difference) => refusedFor(difference, 'repeatedHost'),
  },
  {
    name: 'a malformed Host',
    shownBy: ['a, b', 'a b', 'a/b', 'u@a', 'a:x', 'a:99999', '[::1', 'a%00', 'a?b', '\xe9', ':80'].map((host) =>
      octets(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`),
    ),
    millrace: 'refuses it',
    node: 'hands it to the app',
    reason: 'must be 400 (RFC 9112 §3.2)',
    applies: (difference) => refusedFor(difference, 'badHost'),
  },
  {
    name: 'HTAB behind `close`',
    shownBy: [requestBuffer('Connection: close\t')],
    millrace: 'closes',
    node: 'does not see it',
    reason: 'OWS is SP and HTAB (RFC 9110 §5.6.3)',
    certain: { from: 20, before: 22, why: 'llhttp 9.4 sees it' },
    applies: (difference) =>
      differOnlyInPersistence(difference) && /^Connection:[^\n]*\t/im.test(headOf(difference)) && !hasProxyConnection(difference),
  },
  {
    name: 'Proxy-Connection',
    shownBy: [requestBuffer('Proxy-Connection: close'), requestBuffer('Proxy-Connection: keep-alive', 'GET / HTTP/1.0')],
    millrace: 'is a field like any other',
    node: 'is read as Connection',
    reason: 'it is no field of the protocol, and clients are told not to send it (RFC 9112 §C.2.2)',
    applies: (difference) => differOnlyInPersistence(difference) && hasProxyConnection(difference),
  },
  {
    name: '`close` and `keep-alive` together, from HTTP/1.0',
    shownBy: [
      requestBuffer('Connection: keep-alive, close', 'GET / HTTP/1.0'),
      requestBuffer('Connection: close\r\nConnection: keep-alive', 'GET / HTTP/1.0'),
    ],
    millrace: 'closes',
    node: 'stays',
    reason: '`close` is looked for first (RFC 9112 §9.3)',
    applies: (difference) =>
      differOnlyInPersistence(difference) &&
      !hasProxyConnection(difference) &&
      !/^Connection:[^\n]*\t/im.test(headOf(difference)) &&
      /close.*keep-alive|keep-alive.*close/i.test(connectionOf(difference)),
  },
  {
    name: 'a request behind one that asked for an upgrade',
    shownBy: [Buffer.concat([requestBuffer('Connection: upgrade\r\nUpgrade: h2c'), requestBuffer('X: y')])],
    millrace: 'is read',
    node: 'is lost: its parser stops for the upgrade nobody made',
    reason: 'a server may ignore Upgrade, and the connection then goes on as before (RFC 9110 §7.8)',
    applies: stoppedForUpgrade,
  },
  {
    name: 'an empty Expect',
    shownBy: [requestBuffer('Expect:')],
    millrace: 'expects nothing',
    node: '417',
    reason: 'an empty list has no members (RFC 9110 §5.6.1.2)',
    applies: ({ ours, theirs, text }) => !isRefusal(ours) && theirs === 'answered 417' && /^Expect:[ \t,]*\r/im.test(text),
  },
  {
    name: 'expectations beside 100-continue',
    shownBy: [requestBuffer('Expect: 100-continue, x'), requestBuffer('Expect: 100-continue;x')],
    millrace: '417',
    node: 'sees 100-continue as a word somewhere in the value, and no more',
    reason: 'an expectation that is not understood may be answered with 417 (RFC 9110 §10.1.1), and was not met',
    applies: (difference) => refusedFor(difference, 'unknownExpectation'),
  },
  // Where a message ends
  {
    name: 'HTAB around what frames a message',
    shownBy: [octets(requestWith(['Content-Length: 5\t'], 'hello')), octets(requestWith(['Transfer-Encoding: chunked\t'], '0\r\n\r\n'))],
    millrace: 'is a blank',
    node: 'refuses it',
    reason: 'OWS is SP and HTAB (RFC 9110 §5.6.3)',
    certain: { from: 20, before: 22, why: 'llhttp 9.4 takes it' },
    applies: (difference) =>
      nodeRefusesFor(difference, 'HPE_INVALID_CONTENT_LENGTH', 'HPE_INVALID_TRANSFER_ENCODING') &&
      /^(?:Content-Length|Transfer-Encoding):[^\n]*\t/im.test(headOf(difference)),
  },
  {
    name: 'a Content-Length of more than 15 digits',
    shownBy: [octets(requestWith(['Content-Length: 9999999999999999'], 'hello'))],
    millrace: 'refuses it',
    node: 'waits for so much',
    reason: 'beyond 2^53 a number is not exact (RFC 9110 §8.6 warns of overflow), and nobody sends a petabyte',
    applies: (difference) => refusedFor(difference, 'badContentLength'),
  },
  {
    name: 'Transfer-Encoding in HTTP/1.0',
    shownBy: [octets(requestWith(['Transfer-Encoding: chunked'], '0\r\n\r\n', 'POST / HTTP/1.0'))],
    millrace: 'refuses it',
    node: 'reads the chunks',
    reason: 'faulty framing (RFC 9112 §6.1): a proxy that speaks 1.0 knows no chunks, and sees other requests in them',
    applies: (difference) => refusedFor(difference, 'codingInOldVersion'),
  },
  {
    name: 'a coding before chunked',
    shownBy: ['gzip, chunked', 'identity, chunked', 'gzip\r\nTransfer-Encoding: chunked'].map((coding) =>
      octets(requestWith([`Transfer-Encoding: ${coding}`], '0\r\n\r\n')),
    ),
    millrace: '501',
    node: 'hands the encoded octets to the app as if they were the body',
    reason: 'a coding that is not understood should be 501 (RFC 9112 §6.1)',
    applies: (difference) => refusedFor(difference, 'unknownCoding'),
  },
  {
    name: 'chunked twice, with HTAB behind the first',
    shownBy: [octets(requestWith(['Transfer-Encoding: chunked\t', 'Transfer-Encoding: chunked'], '0\r\n\r\n'))],
    millrace: 'refuses it',
    node: 'reads it as chunked once',
    reason: 'chunked must not be applied twice (RFC 9112 §6.1)',
    certain: { from: 24, before: 27, why: 'llhttp 9.3 refuses the HTAB; without it all refuse it' },
    applies: (difference) =>
      refusedFor(difference, 'chunkedNotFinal') && /^Transfer-Encoding:[^\n]*chunked[ \t]*\t.*chunked[ \t]*\r$/ims.test(headOf(difference)),
  },
  {
    name: 'empty members in Transfer-Encoding',
    shownBy: ['', ',chunked'].map((coding) => octets(requestWith([`Transfer-Encoding: ${coding}`], '0\r\n\r\n'))),
    millrace: 'refuses them',
    node: 'ignores them; with none but them there is no body',
    reason: 'other servers ignore the field then, or do not (RFC 9112 §6.3): that is how requests are smuggled',
    certain: { from: 20, before: 22, why: 'llhttp 9.4 refuses a field with no member' },
    applies: (difference) =>
      refusedFor(difference, 'chunkedNotFinal') && /^Transfer-Encoding:(?:[ \t]*\r|[^\n]*,[ \t]*[,\r]|[ \t]*,)/im.test(headOf(difference)),
  },
  {
    name: 'blanks in chunk extensions',
    shownBy: ['5; a', '5 ;a', '5;a =b', '5;a= b', '5;a=b ;c'].map((line) => octets(chunkedRequest(`${line}\r\nhello\r\n0\r\n\r\n`))),
    millrace: 'takes them where the grammar has BWS',
    node: 'refuses them',
    reason: 'a recipient must parse BWS and remove it (RFC 9112 §7.1.1, RFC 9110 §5.6.3)',
    applies: (difference) =>
      nodeRefusesFor(difference, 'HPE_STRICT', 'HPE_INVALID_CHUNK_SIZE', 'HPE_INVALID_CONSTANT') &&
      /^[\dA-Fa-f]+(?:[ \t]|;[^\n]*[ \t])/m.test(bodyOf(difference)),
  },
  {
    name: 'a chunk of 2^52 octets and more',
    shownBy: [octets(chunkedRequest(`${'f'.repeat(16)}\r\nhello`))],
    millrace: 'refuses it',
    node: 'waits for so much',
    reason: 'beyond 2^53 a number is not exact; recipients must watch for overflow (RFC 9112 §7.1)',
    applies: (difference) => refusedFor(difference, 'badChunk') && /^0*[1-9A-Fa-f][\dA-Fa-f]{13,}/m.test(bodyOf(difference)),
  },
  {
    name: 'chunk extensions without a name, or with = and no value',
    shownBy: ['5;a=', '5;=b', '5;;a'].map((line) => octets(chunkedRequest(`${line}\r\nhello\r\n0\r\n\r\n`))),
    millrace: 'refuses them',
    node: 'ignores them',
    reason: 'the grammar has neither (RFC 9112 §7.1.1); what one reader skips another may not',
    applies: (difference) => refusedFor(difference, 'badChunk') && /^0*[\dA-Fa-f]{1,13}[ \t]*;/m.test(bodyOf(difference)),
  },
  {
    name: 'framing fields in trailers',
    shownBy: ['Content-Length: 5', 'Transfer-Encoding: chunked'].map((trailer) => octets(chunkedRequest(`0\r\n${trailer}\r\n\r\n`))),
    millrace: 'drops them, as all trailers',
    node: 'refuses them',
    reason: 'a sender must not send them, and a recipient that merges no trailers is not misled (RFC 9110 §6.5.1, §6.5.2)',
    applies: (difference) =>
      nodeRefusesFor(difference, 'HPE_INVALID_CONTENT_LENGTH', 'HPE_INVALID_TRANSFER_ENCODING') &&
      !/^(?:Content-Length|Transfer-Encoding):[^\n]*\t/im.test(headOf(difference)) &&
      /^(?:Content-Length|Transfer-Encoding):/im.test(bodyOf(difference)),
  },
  {
    name: 'Connection in trailers',
    shownBy: [Buffer.concat([octets(chunkedRequest('0\r\nConnection: close\r\n\r\n')), requestBuffer('X: y')])],
    millrace: 'drops it, as all trailers',
    node: 'closes',
    reason: 'connection options belong to the header section (RFC 9110 §6.5.1)',
    applies: ({ ours, theirs, before }) =>
      !isRefusal(ours) && theirs === 'HPE_CLOSED_CONNECTION' && /^transfer-encoding: /m.test(before?.fields ?? ''),
  },
  // When
  {
    name: 'a line that is not complete',
    shownBy: [octets('hello'), octets('GET / HTTX')],
    millrace: 'is judged when its end has come, unless no line at all can begin so',
    node: 'is judged octet by octet',
    reason: 'the answer is the same in the end, and the header deadline ends a line that never does (RFC 9112 §9.5)',
    applies: (difference) => difference.ours === 'waiting' && isRefusal(difference.theirs) && !difference.text.endsWith('\n'),
  },
]

function request(line: string): Buffer {
  return octets(requestWith([], '', line))
}

function requestBuffer(field: string, line = 'GET / HTTP/1.1'): Buffer {
  return octets(requestWith([field], '', line))
}
