import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import type { App, HttpReply } from '../../src/app.ts'
import { HttpError, TransportError } from '../../src/errors.ts'
import { deferred, get, listen, message, post, readReplies, serve, turn } from '../support/server-harness.ts'

/** What apps do that is none of an app. Each is a 500 whose event says what was wrong. */
const MISBEHAVIOUR: [what: string, misbehave: () => unknown, error: string | RegExp][] = [
  ['undefined', () => undefined, /undefined/],
  ['null', () => null, /null/],
  ['a string', () => 'hello', /not/],
  ['a WHATWG Response', () => new Response('hello'), /WHATWG Response/],
  ['a status that is none', () => ({ status: 99 }), '99 is not the status of a final reply'],
  ['an interim status', () => ({ status: 101 }), '101 is not the status of a final reply'],
  ['a status that is text', () => ({ status: '200' }), '200 is not the status of a final reply'],
  ['a line end in a field (RFC 9112 §11.1)', () => ({ headers: { location: '/\r\nset-cookie: a=b' } }), /location.*RFC 9110 §5.5/],
  ['a field name that is none (RFC 9110 §5.1)', () => ({ headers: { 'no name': '1' } }), /"no name" is not a field name/],
  ['a line end in the status text (RFC 9112 §4)', () => ({ statusText: 'fine\r\nx: y' }), /status text/],
  ['a number as its body', () => ({ body: 5 }), /body cannot be a number/],
  ['a body that JSON cannot say', () => ({ body: { size: 1n } }), /BigInt/],
  ['a stream somebody else reads', () => ({ body: lockedStream() }), /locked/],
]

function lockedStream(): ReadableStream<Uint8Array> {
  const stream = new ReadableStream<Uint8Array>()
  stream.getReader()
  return stream
}

test.each(MISBEHAVIOUR)('an app that returns %s is a 500', async (_what, misbehave, text) => {
  const failed = listen('request.failed')
  const client = await serve(() => misbehave() as HttpReply).send(get('/'))
  expect(readReplies(client.received)).toMatchObject([
    { status: 500, body: 'Internal Server Error\n', headers: { connection: 'keep-alive' } },
  ])
  expect(failed).toMatchObject([{ api: 'compute', method: 'GET', target: '/', status: 500 }])
  expect(failed[0]?.error).toMatchObject({ name: 'TypeError', message: expect.stringMatching(text) as string })
})

test.each(MISBEHAVIOUR)('an app that resolves with %s is a 500', async (_what, misbehave, text) => {
  const failed = listen('request.failed')
  const client = await serve(async () => misbehave() as HttpReply).send(get('/'))
  expect(readReplies(client.received)).toMatchObject([{ status: 500, body: 'Internal Server Error\n' }])
  expect(failed[0]?.error).toMatchObject({ name: 'TypeError', message: expect.stringMatching(text) as string })
})

test.each(MISBEHAVIOUR)('an app that resolves with %s when its client has gone disturbs nobody', async (_what, misbehave) => {
  const answer = deferred<HttpReply>()
  const served = serve((request) => (request.target === '/late' ? answer.promise : {}))
  const client = await served.send(get('/late'))
  client.reset()
  await turn()
  answer.resolve(misbehave() as HttpReply)
  await turn()
  expect(served.server.load()).toEqual({ connections: 0, requests: 0 })
  expect(readReplies((await served.send(get('/'))).received)).toMatchObject([{ status: 200 }])
})

test.each<[how: string, app: App]>([
  ['throws', () => { throw new RangeError('secret') }],
  ['rejects', () => Promise.reject(new RangeError('secret'))],
])('an app that %s is a 500 that says nothing of why, and an event that does', async (_how, app) => {
  const failed = listen('request.failed')
  const client = await serve(app).send(get('/') + get('/again'))
  expect(readReplies(client.received)).toMatchObject([{ status: 500, body: 'Internal Server Error\n' }, { status: 500 }])
  expect(client.received).not.toContain('secret')
  expect(failed).toMatchObject([{ status: 500, error: { message: 'secret' } }, { target: '/again' }])
  expect(failed[0]?.id).toMatch(/^req-/)
})

test('an HttpError is answered with its status, message and fields, and is no failure', async () => {
  const failed = listen('request.failed')
  const client = await serve(() => {
    throw new HttpError(401, 'who are you?', { headers: { 'www-authenticate': 'Keystone' } })
  }).send(get('/'))
  expect(readReplies(client.received)).toMatchObject([{ status: 401, body: 'who are you?\n', headers: { 'www-authenticate': 'Keystone' } }])
  expect(failed).toEqual([])
})

test('debug shows the client the stack of a 500', async () => {
  const client = await serve(() => { throw new RangeError('here') }, { debug: true }).send(get('/'))
  expect(readReplies(client.received)[0]?.body).toMatch(/^RangeError: here\n +at /)
})

test('an HttpError that may not be shown is told as an event', async () => {
  const failed = listen('request.failed')
  const client = await serve(() => { throw new HttpError(503, 'database 10.0.0.4 is down') }).send(get('/'))
  expect(readReplies(client.received)).toMatchObject([{ status: 503, body: 'Service Unavailable\n' }])
  expect(failed).toMatchObject([{ status: 503, error: { message: 'database 10.0.0.4 is down' } }])
})

test('an HttpError whose fields cannot be sent is a bare 500', async () => {
  const failed = listen('request.failed')
  const client = await serve(() => { throw new HttpError(400, 'no', { headers: { 'x-a': 'b\r\nc' } }) }).send(get('/'))
  expect(readReplies(client.received)).toMatchObject([{ status: 500, body: '' }])
  expect(failed).toMatchObject([{ status: 500 }])
})

test('who accepts JSON gets the error as problem details (RFC 9457)', async () => {
  const client = await serve(() => { throw new HttpError(404, 'no such server') }).send(get('/', 'Accept: application/json'))
  const [reply] = readReplies(client.received)
  expect(reply?.headers['content-type']).toBe('application/problem+json')
  expect(JSON.parse(reply?.body ?? '')).toMatchObject({ type: 'about:blank', title: 'Not Found', status: 404, detail: 'no such server' })
})

test('a HEAD whose stream is not sent lets the stream go (RFC 9110 §9.3.2)', async () => {
  const body = Readable.from(['never'])
  const client = await serve(() => ({ body })).send(message('HEAD', '/', []))
  expect(body.destroyed).toBe(true)
  expect(readReplies(client.received, ['HEAD'])).toMatchObject([{ status: 200, headers: { connection: 'keep-alive' } }])
})

test('a client that goes while the app works aborts the request; the slot is free when the app settles', async () => {
  const answer = deferred<HttpReply>()
  let reason: unknown
  const body = Readable.from(['late'])
  const served = serve((request) => {
    request.signal.addEventListener('abort', () => (reason = request.signal.reason))
    return answer.promise
  })
  const client = await served.send(get('/'))
  client.reset()
  await turn()
  expect(reason).toBeInstanceOf(TransportError)
  expect(served.server.load()).toEqual({ connections: 0, requests: 1 })
  answer.resolve({ body })
  await turn()
  expect(served.server.load().requests).toBe(0)
  expect(body.destroyed).toBe(true)
})

test('an app that fails because its client has gone is no event', async () => {
  const failed = listen('request.failed')
  const served = serve(({ signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))))
  const client = await served.send(get('/'))
  client.reset()
  await turn()
  expect(failed).toEqual([])
  expect(served.server.load().requests).toBe(0)
})

test('a signal asked for after the client went is aborted', async () => {
  const begin = deferred<void>()
  let aborted: boolean | undefined
  const served = serve(async (request) => {
    await begin.promise
    aborted = request.signal.aborted
    return {}
  })
  const client = await served.send(get('/'))
  client.reset()
  await turn()
  begin.resolve()
  await turn()
  expect(aborted).toBe(true)
})

test('a client that goes in the middle of the reply aborts it, and its slot is free', async () => {
  const records = listen('request')
  const body = new Readable({ read: () => {} })
  const served = serve(() => ({ body }))
  const client = await served.send(get('/'))
  body.push('some')
  await turn()
  client.reset()
  await turn()
  expect(body.destroyed).toBe(true)
  expect(records).toMatchObject([{ status: 200, complete: false }])
  expect(served.server.load()).toEqual({ connections: 0, requests: 0 })
})

test('a client that goes while its dropped body still comes has had its answer', async () => {
  const records = listen('request')
  const client = await serve(() => ({ body: 'thanks' })).send(message('POST', '/', ['Content-Length: 10']) + 'half')
  client.reset()
  await turn()
  expect(records).toMatchObject([{ status: 200, complete: true }])
})

test('a request is recorded with all the access log wants', async () => {
  const records = listen('request')
  const served = serve(async (request) => ({ status: 202, body: await request.text() }))
  const client = served.connect({ address: '198.51.100.9', port: 4711 })
  client.send(message('POST', '/servers?all=1', ['Content-Length: 5', 'X-Forwarded-For: 203.0.113.1, 10.0.0.1']))
  await turn()
  await served.pass(2.5)
  client.send('hello')
  await turn()
  expect(records).toEqual([
    {
      api: 'compute',
      id: expect.stringMatching(/^req-[0-9a-f-]{36}$/) as string,
      clientAddress: '198.51.100.9',
      clientPort: 4711,
      forwardedFor: '203.0.113.1, 10.0.0.1',
      method: 'POST',
      target: '/servers?all=1',
      httpVersion: '1.1',
      status: 202,
      bytes: client.received.length,
      seconds: 2.5,
      complete: true,
    },
  ])
})

test('a client that a filter has found behind its proxy is the only one that is recorded', async () => {
  const records = listen('request')
  const served = serve((request) => {
    request.client = { address: '203.0.113.1', port: 0 }
    return {}
  })
  await served.send(message('GET', '/', ['X-Forwarded-For: 203.0.113.1']))
  expect(records).toMatchObject([{ clientAddress: '203.0.113.1', forwardedFor: null }])
})

test('nobody is recorded for a message no app saw', async () => {
  const records = listen('request')
  await serve(() => ({})).send('nonsense\r\n\r\n')
  expect(records).toEqual([])
})

test('octets are counted with head and framing', async () => {
  const records = listen('request')
  const served = serve((request) => ({ body: request.target === '/stream' ? Readable.from(['one', 'two']) : Buffer.alloc(500) }))
  const client = await served.send(get('/stream') + get('/bytes'))
  expect(records.map(({ bytes }) => bytes).reduce((sum, bytes) => sum + bytes)).toBe(client.received.length)
})

test('a request over HTTP/1.0 without fields is recorded too', async () => {
  const records = listen('request')
  await serve(() => ({})).send('GET / HTTP/1.0\r\n\r\n')
  expect(records).toMatchObject([{ forwardedFor: null, httpVersion: '1.0', status: 200 }])
})

test('an error answered with the body unread still reads the next request', async () => {
  const client = await serve((request) => {
    if (request.method === 'POST') throw new HttpError(404, 'not here')
    return {}
  }).send(post('/', 'unread') + get('/'))
  expect(readReplies(client.received).map(({ status }) => status)).toEqual([404, 200])
})
