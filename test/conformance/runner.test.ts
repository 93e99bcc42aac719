import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import type { Case, Expectation } from './case.ts'
import { judge } from './judge.ts'
import { runCase } from './run-case.ts'

/** A server that answers each piece it reads with the next of these texts; and closes behind the last, if it shall. */
async function answering(texts: readonly string[], { closes = false } = {}): Promise<number> {
  const server = createServer((socket) => {
    const left = [...texts]
    socket.on('error', () => undefined)
    socket.on('data', (octets) => {
      const marker = octets.includes('/marker')
      socket.write(marker ? response(EMPTY) : (left.shift() ?? ''))
      if (closes && !marker && left.length === 0) socket.end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

function caseOf(expectation: Partial<Expectation>): Case {
  const send = [{ b64: Buffer.from('GET / HTTP/1.1\r\nHost: a.example\r\n\r\n').toString('base64') }]
  const expect = { status: [200], close: true, responses: 1, note: '', ...expectation }
  return { id: 'x', source: '', category: '', level: '', send, expect }
}

async function faultsOf(text: string, expectation: Partial<Expectation>): Promise<string[]> {
  const one = caseOf(expectation)
  return judge(one, await runCase(one, await answering([text], { closes: true })))
}

function response(fields: string, body = '', status = 200): string {
  return `HTTP/1.1 ${status} X\r\n${fields}\r\n${body}`
}

const EMPTY = 'Content-Length: 0\r\n'
const echo = (echoed: object): string => response(`Content-Length: ${JSON.stringify(echoed).length}\r\n`, JSON.stringify(echoed))

it.each<[name: string, text: string, expectation: Partial<Expectation>]>([
  ['a body with its length', response('Content-Length: 2\r\n', 'hi'), {}],
  ['a body in chunks', response('Transfer-Encoding: chunked\r\n', '2;a\r\nhi\r\n0\r\nX: y\r\n\r\n'), {}],
  ['a body until the end', response('', 'hi'), {}],
  ['no body to HEAD', response('Content-Length: 2\r\n'), { noBody: [0] }],
  ['204 and 304', response('', '', 204) + response('Content-Length: 2\r\n', '', 304), { responses: 2, each: [[204], [304]] }],
  ['a tunnel', response('', 'any octets'), { connect: true }],
  ['100 to who may get it', response('', '', 100) + response(EMPTY), { interim100: 'must' }],
  ['the app that was asked', echo({ path: '/', bodyLength: 3 }), { body: { path: '/' }, bodies: [3], order: ['/'], paths: ['/'] }],
  ['silence, where it is allowed', '', { status: [0], responses: null }],
])('finds no fault with %s', async (_, text, expectation) => {
  expect(await faultsOf(text, expectation)).toEqual([])
})

it.each<[name: string, text: string, expectation: Partial<Expectation>, fault: RegExp]>([
  ['no status line', 'HTTP/1.1 20 OK\r\n\r\n', {}, /^not a status line/],
  ['something else', 'SSH-2.0-x', {}, /^not a response/],
  ['a field that is none', response(`A B: c\r\n${EMPTY}`), {}, /^not a field line/],
  ['a control in a field', response(`A: \0\r\n${EMPTY}`), {}, /^not a field line/],
  ['two ends of a body', response(`${EMPTY}Transfer-Encoding: chunked\r\n`, '0\r\n\r\n'), {}, /^Content-Length and Transfer-Encoding/],
  ['two lengths', response('Content-Length: 2\r\nContent-Length: 2\r\n', 'hi'), { noBody: [0] }, /^Content-Length: 2, 2/],
  ['a length for 204', response(EMPTY, '', 204), { status: [204] }, /^204 with a body/],
  ['a length for 100', response(EMPTY, '', 100) + response(EMPTY), { interim100: 'any' }, /^an interim response with a body/],
  ['a length for CONNECT', response(EMPTY), { connect: true }, /^2xx to CONNECT/],
  ['an unknown coding', response('Transfer-Encoding: gzip\r\n'), {}, /^Transfer-Encoding: gzip/],
  ['a chunk without a size', response('Transfer-Encoding: chunked\r\n', 'x\r\n'), {}, /^not a chunk size/],
  ['a chunk without its end', response('Transfer-Encoding: chunked\r\n', '1\r\nab\r\n'), {}, /^no CRLF behind a chunk/],
  ['a body that ends early', response('Content-Length: 3\r\n', 'hi'), {}, /^cut short/],
  ['a body written to HEAD', response('Content-Length: 2\r\n', 'hi'), { noBody: [0] }, /^not a response/],
  ['a response inside another', response('', response(EMPTY)), {}, /^a status line inside a body/],
  ['one too many', response(EMPTY) + response(EMPTY), {}, /^2 responses: 200, 200/],
  ['another status', response(EMPTY, '', 404), {}, /status 404/],
  ['silence', '', {}, /^closed without a response/],
  ['an end where there must be none', response(EMPTY), { close: false }, /^closed$/],
  ['chunks to HTTP/1.0', response('Transfer-Encoding: chunked\r\n', '0\r\n\r\n'), { noTE: true }, /^Transfer-Encoding to HTTP\/1.0/],
  ['no date', response(`Date: now\r\n${EMPTY}`), { date: true }, /^no valid Date/],
  ['no word about closing', response(`Connection: closed\r\n${EMPTY}`), { wantClose: true }, /^no Connection: close/],
  ['an injected field', response(`X-Injected: 1\r\n${EMPTY}`), { forbidHeader: ['x-injected'] }, /^the field x-injected/],
  ['the answer to a smuggled request', echo({ path: '/evil' }), { paths: ['/'] }, /^answered \/evil/],
  ['the answer to another request', echo({ path: '/2' }), { order: ['/1'] }, /^response 1 is for \/2/],
  ['a body of another length', echo({ bodyLength: 4 }), { bodies: [3] }, /^response 1 is for a body of 4 octets/],
  ['another body', echo({ bodySha1: 'b' }), { body: { bodySha1: 'a' } }, /^bodySha1 b/],
  ['100 to who must not get it', response('', '', 100) + response(EMPTY), { interim100: 'mustnot' }, /^100 before the response/],
  ['100 to who did not ask', response('', '', 100) + response(EMPTY), {}, /^100, which nobody asked for/],
  ['no 100', response(EMPTY), { interim100: 'must' }, /^no 100/],
])('finds %s', async (_, text, expectation, fault) => {
  expect(await faultsOf(text, expectation)).toContainEqual(expect.stringMatching(fault))
})

it.each<[name: string, expectation: Partial<Expectation>, fault: string]>([
  ['an answer instead of waiting', { close: false, responses: 0 }, 'answered 200 instead of waiting'],
  ['HTTP/1.0 kept without a word', { close: null, header10: true }, 'kept open for HTTP/1.0 without a word'],
])('finds %s', async (_, expectation, fault) => {
  const one = caseOf(expectation)
  expect(judge(one, await runCase(one, await answering([response(EMPTY)])))).toEqual([fault])
})

it.each<[name: string, answers: string[], fault: string[]]>([
  ['finds no fault with a connection in order', [echo({ path: '/probe/x' })], []],
  ['finds a connection that ends instead of answering the probe', [''], ['not in order any more: the probe was not answered']],
  ['finds another answer than the probe’s', [echo({ path: '/2' })], ['not in order any more: the probe was answered for /2']],
  ['finds a refused probe', [response(EMPTY, '', 400)], ['not in order any more: the probe was answered 400']],
  ['finds more than the probe’s answer', [response(EMPTY).repeat(2)], ["200 behind the probe's answer"]],
])('%s', async (_, answers, faults) => {
  const one = caseOf({ close: false })
  expect(judge(one, await runCase(one, await answering([response(EMPTY), ...answers], { closes: true })))).toEqual(faults)
})
