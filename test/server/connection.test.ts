import { expect, test } from 'vitest'
import type { App, HttpReply } from '../../src/app.ts'
import { get, listen, message, post, readReplies, serve, turn } from '../support/server-harness.ts'

const echoPath: App = (request) => ({ body: request.target })

/** Paths below /slow are answered when the test says so. */
function slowApp(): { app: App; answer(path: string): void; asked: string[] } {
  const waiting = new Map<string, (reply: HttpReply) => void>()
  const asked: string[] = []
  const app: App = (request) => {
    asked.push(request.target)
    if (!request.target.startsWith('/slow')) return { body: request.target }
    return new Promise((resolve) => waiting.set(request.target, resolve))
  }
  return { app, asked, answer: (path) => waiting.get(path)?.({ body: path }) }
}

test('a socket is served without delay', () => {
  expect(serve(echoPath).connect().noDelay).toBe(true)
})

test.each<[when: string, sent: string, seconds: number, delay: number | null]>([
  ['when a request has been answered and the connection stays', get('/'), 0, 120_000],
  ['when it has sent nothing for a tick', '', 0.5, 120_000],
  ['not before', '', 0, null],
  ['not when its first request was its last', get('/', 'Connection: close'), 0.5, null],
])('a client is probed for silence (tcp_keepidle): %s', async (_when, sent, seconds, delay) => {
  const served = serve(echoPath)
  const client = await served.send(sent)
  await served.pass(seconds)
  expect(client.keepAliveDelay).toBe(delay)
})

test('tcp_keepidle = 0 probes nobody', async () => {
  const served = serve(echoPath, { tcp_keepidle: 0 })
  const client = await served.send(get('/'))
  await served.pass(1)
  expect(client.keepAliveDelay).toBeNull()
})

test('a reply and its small body are one write', async () => {
  const client = await serve(() => ({ body: { name: 'Köln' } })).send(get('/'))
  expect(client.taken).toHaveLength(1)
  expect(readReplies(client.received)).toMatchObject([
    { status: 200, headers: { 'content-type': 'application/json', 'content-length': '16' } },
  ])
})

test('a connection serves one request after the other and says for how long (RFC 9112 §9.3)', async () => {
  const client = await serve(echoPath).send(get('/1'))
  client.send(get('/2'))
  await turn()
  const replies = readReplies(client.received)
  expect(replies.map(({ body }) => body)).toEqual(['/1', '/2'])
  expect(replies[1]?.headers).toMatchObject({ connection: 'keep-alive', 'keep-alive': 'timeout=74' })
  expect(client.writableEnded).toBe(false)
})

test('a head that comes octet by octet is read like any other', async () => {
  const client = serve(echoPath).connect()
  for (const octet of get('/slowly')) {
    client.send(octet)
    await turn()
  }
  expect(readReplies(client.received).map(({ body }) => body)).toEqual(['/slowly'])
})

test('pipelined requests are answered in order, whether their apps answer at once or later (RFC 9112 §9.3.2)', async () => {
  const { app, answer, asked } = slowApp()
  const client = await serve(app).send(get('/1') + get('/slow/2') + get('/3') + get('/slow/4'))
  expect(asked).toEqual(['/1', '/slow/2'])
  answer('/slow/2')
  await turn()
  expect(asked).toEqual(['/1', '/slow/2', '/3', '/slow/4'])
  answer('/slow/4')
  await turn()
  expect(readReplies(client.received).map(({ body }) => body)).toEqual(['/1', '/slow/2', '/3', '/slow/4'])
})

test('requests that come while one is answered wait in the socket, not in memory', async () => {
  const { app, answer, asked } = slowApp()
  const client = await serve(app).send(get('/slow/1'))
  client.send(get('/2'))
  await turn()
  expect(client.isPaused()).toBe(true)
  client.send(get('/3'))
  answer('/slow/1')
  await turn()
  expect(asked).toEqual(['/slow/1', '/2', '/3'])
  expect(client.isPaused()).toBe(false)
  expect(readReplies(client.received)).toHaveLength(3)
})

test('a client that does not take its answers gets no more of them', async () => {
  const asked: string[] = []
  const client = serve((request) => {
    asked.push(request.target)
    return { body: 'x'.repeat(20_000) }
  }).connect()
  client.hold()
  client.send(get('/1') + get('/2'))
  await turn()
  expect(asked).toEqual(['/1'])
  expect(client.isPaused()).toBe(true)
  client.release()
  await turn()
  expect(asked).toEqual(['/1', '/2'])
  expect(client.isPaused()).toBe(false)
  expect(readReplies(client.received)).toHaveLength(2)
})

test('Connection: close in the request ends the connection behind its answer (RFC 9112 §9.6)', async () => {
  const client = await serve(echoPath).send(get('/', 'Connection: close') + get('/never'))
  expect(readReplies(client.received)).toMatchObject([{ headers: { connection: 'close' }, body: '/' }])
  expect(client.finished).toBe(true)
})

test('Connection: close in the reply is obeyed', async () => {
  const client = await serve(() => ({ headers: { connection: 'close' }, body: 'bye' })).send(get('/') + get('/'))
  expect(readReplies(client.received)).toMatchObject([{ headers: { connection: 'close' } }])
  expect(client.finished).toBe(true)
})

test('keep_alive = false closes behind each answer', async () => {
  const client = await serve(echoPath, { keep_alive: false }).send(get('/'))
  expect(readReplies(client.received)).toMatchObject([{ headers: { connection: 'close' } }])
  expect(client.finished).toBe(true)
})

test('HTTP/1.0 gets one answer and the end of the connection (RFC 9112 §9.3)', async () => {
  const client = await serve(echoPath).send(message('GET', '/old', [], '1.0'))
  expect(client.received).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
  expect(readReplies(client.received)).toMatchObject([{ headers: { connection: 'close', 'content-length': '4' }, body: '/old' }])
  expect(client.finished).toBe(true)
})

test('HTTP/1.0 stays when it asks to (RFC 9112 §9.3)', async () => {
  const client = await serve(echoPath).send(message('GET', '/1', ['Connection: keep-alive'], '1.0'))
  expect(readReplies(client.received)).toMatchObject([{ headers: { connection: 'keep-alive' } }])
  client.send(message('GET', '/2', [], '1.0'))
  await turn()
  expect(readReplies(client.received).map(({ body }) => body)).toEqual(['/1', '/2'])
  expect(client.finished).toBe(true)
})

test('HEAD is answered like GET, without the body (RFC 9110 §9.3.2)', async () => {
  const client = await serve(echoPath).send(message('HEAD', '/12345', []) + get('/next'))
  const replies = readReplies(client.received, ['HEAD', 'GET'])
  expect(replies).toMatchObject([{ headers: { 'content-length': '6' }, body: '' }, { body: '/next' }])
})

test.each([204, 304])('%i has no body and the connection goes on (RFC 9110 §6.4.1)', async (status) => {
  const served = serve((request) => (request.target === '/none' ? { status, body: 'nothing to see' } : { body: 'next' }))
  const client = await served.send(get('/none') + get('/'))
  expect(readReplies(client.received)).toMatchObject([{ status, body: '' }, { body: 'next' }])
})

test('a client that closes its half after its request still gets its answer (RFC 9112 §9.6)', async () => {
  const { app, answer } = slowApp()
  const client = await serve(app).send(get('/slow'))
  client.sendEnd()
  await turn()
  answer('/slow')
  await turn()
  expect(readReplies(client.received)).toMatchObject([{ body: '/slow', headers: { connection: 'close' } }])
  expect(client.finished).toBe(true)
})

test('every request that came before the client closed its half is answered, and the last answer says that it is the last (RFC 9112 §9.6)', async () => {
  const { app, answer } = slowApp()
  const client = await serve(app).send(get('/slow/1') + get('/2') + get('/3'))
  client.sendEnd()
  await turn()
  answer('/slow/1')
  await turn()
  const replies = readReplies(client.received)
  expect(replies.map(({ body }) => body)).toEqual(['/slow/1', '/2', '/3'])
  expect(replies.map(({ headers }) => headers['connection'])).toEqual(['keep-alive', 'keep-alive', 'close'])
  expect(client.finished).toBe(true)
})

test('a client that closes its half between requests is let go', async () => {
  const client = await serve(echoPath).send(get('/'))
  client.sendEnd()
  await turn()
  expect(readReplies(client.received)).toHaveLength(1)
  expect(client.finished && client.destroyed).toBe(true)
})

test('a head that ends in the middle is 400 (RFC 9112 §8)', async () => {
  const refused = listen('request.refused')
  const client = await serve(echoPath).send('GET / HTTP/1.1\r\nHost: a')
  client.sendEnd()
  await turn()
  expect(readReplies(client.received)).toMatchObject([{ status: 400, headers: { connection: 'close' } }])
  expect(refused).toMatchObject([{ api: 'compute', client: '192.0.2.7', status: 400, clause: 'RFC 9112 §8' }])
})

test('a message that is not HTTP is refused, told as an event, and the last one read (RFC 9112 §2.2)', async () => {
  const refused = listen('request.refused')
  const served = serve(echoPath)
  const client = await served.send(`${get('/')}GET / HTTP/1.1\nHost: a\n\n${get('/smuggled')}`)
  expect(readReplies(client.received)).toMatchObject([{ status: 200 }, { status: 400, headers: { connection: 'close' } }])
  expect(readReplies(client.received)[1]?.body).toBe('a line that does not end in CRLF (RFC 9112 Â§2.2)\n')
  client.send(get('/more'))
  await turn()
  expect(readReplies(client.received)).toHaveLength(2)
  expect(refused).toEqual([
    { api: 'compute', client: '192.0.2.7', status: 400, reason: 'a line that does not end in CRLF', clause: 'RFC 9112 §2.2' },
  ])
})

test.each<[what: string, sent: string, app: App]>([
  ['the app ended the connection', get('/'), () => ({ headers: { connection: 'close' } })],
  ['the client did, and sends more all the same', `${get('/', 'Connection: close')}GET`, echoPath],
  ['the client did, and its body was not read', message('POST', '/', ['Content-Length: 200000', 'Connection: close']), echoPath],
  ['a message was refused', 'GET / HTTP/1.1\r\n\r\n', echoPath],
])('behind the last answer, as %s, our half closes; what comes is taken until linger_timeout (RFC 9112 §9.6)', async (_what, sent, app) => {
  const served = serve(app)
  const client = await served.send(sent)
  client.send('x'.repeat(100_000))
  await turn()
  expect(client.finished).toBe(true)
  expect(client.readableLength).toBe(0)
  await served.pass(1.5)
  expect(client.destroyed).toBe(false)
  await served.pass(1)
  expect(client.destroyed).toBe(true)
  expect(client.wasReset).toBe(false)
})

test.each([
  ['Connection: close', get('/', 'Connection: close')],
  ['HTTP/1.0', message('GET', '/', [], '1.0')],
  ['a body that was read', post('/', 'hello', 'Connection: close')],
])('a client that said that it sends no more, and has sent all of it, is not waited for: %s', async (_what, sent) => {
  const client = await serve(async (request) => ({ body: await request.text() })).send(sent)
  expect(readReplies(client.received)).toMatchObject([{ status: 200, headers: { connection: 'close' } }])
  expect([client.finished, client.destroyed, client.wasReset]).toEqual([true, true, false])
})

test('the last answer of a connection is not cut by linger_timeout while the client still takes it', async () => {
  const served = serve(() => ({ body: 'x'.repeat(50_000) }))
  const client = served.connect()
  client.hold()
  client.send(get('/', 'Connection: close'))
  await turn()
  await served.pass(10)
  expect(client.destroyed).toBe(false)
  client.release()
  await turn()
  expect(readReplies(client.received)).toMatchObject([{ status: 200 }])
  expect(client.finished).toBe(true)
  await served.pass(3)
  expect(client.destroyed).toBe(true)
})

test('the last answer of a connection is waited for no longer than write_timeout, and its end is not feigned', async () => {
  const served = serve(() => ({ body: 'x'.repeat(50) }))
  const client = served.connect()
  client.hold()
  client.send(message('GET', '/', [], '1.0'))
  await turn()
  await served.pass(59)
  expect(client.destroyed).toBe(false)
  await served.pass(2)
  expect(client.cut).toBe(true)
  expect(client.wasReset).toBe(true)
})

test('a client that goes while its last answer waits for it is let go', async () => {
  const served = serve(echoPath)
  const client = served.connect()
  client.hold()
  client.send(get('/', 'Connection: close'))
  await turn()
  client.reset()
  await served.pass(100)
  expect(served.server.load()).toEqual({ connections: 0, requests: 0 })
})

test('an answer that ends a connection lost at this moment is nothing to close', async () => {
  const { app, answer } = slowApp()
  const served = serve(app)
  const client = await served.send(get('/slow', 'Connection: close'))
  client.reset()
  answer('/slow')
  await turn()
  expect(client.received).toBe('')
  expect(served.server.load()).toEqual({ connections: 0, requests: 0 })
})

test('a connection whose client vanished closes when it is written to', async () => {
  const served = serve(echoPath)
  const client = served.connect()
  client.vanish()
  client.send(get('/'))
  await turn()
  expect(client.destroyed).toBe(true)
  expect(served.server.load()).toEqual({ connections: 0, requests: 0 })
})

test('a bodyless POST is followed by the next request', async () => {
  const client = await serve(echoPath).send(post('/empty', '') + get('/next'))
  expect(readReplies(client.received).map(({ body }) => body)).toEqual(['/empty', '/next'])
})

test('an answer that comes after a slow one in the same turn is written too', async () => {
  const served = serve((request): HttpReply => {
    if (request.target === '/slow') served.clock.jump(5)
    return { body: request.target }
  })
  const [first, second] = [served.connect(), served.connect()]
  first.send(get('/first'))
  second.send(get('/slow'))
  await turn()
  expect(readReplies(first.received)).toMatchObject([{ body: '/first' }])
  expect(readReplies(second.received)).toMatchObject([{ body: '/slow' }])
})

test.each([
  ['a field', 400, 'HEAD / HTTP/1.1\r\nHost: a.example\r\nX : y\r\n\r\n'],
  ['Host', 400, 'HEAD / HTTP/1.1\r\nHost: a.example\r\nHost: b.example\r\n\r\n'],
  ['its version', 505, 'HEAD / HTTP/2.0\r\nHost: a.example\r\n\r\n'],
  ['the length of its target', 414, `HEAD /${'a'.repeat(10_000)}`],
  ['its target', 400, 'HEAD /a#b HTTP/1.1\r\n'],
  ['the want of a target', 400, 'HEAD\r\n'],
  ['a line end that is none', 400, 'HEAD / HTTP/1.1\nHost: a.example\n\n'],
  ['its version, behind another request', 505, `${get('/')}HEAD / HTTP/2.0\r\n`],
])('a HEAD refused for %s has no content (RFC 9110 §9.3.2)', async (_what, status, text) => {
  const client = await serve(() => ({})).send(text)
  const refusal = client.received.slice(client.received.lastIndexOf('HTTP/1.1 '))
  expect(refusal).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
  expect(refusal.slice(refusal.indexOf('\r\n\r\n') + 4)).toBe('')
})

test.each([
  ['a method that only begins like it', 'HEADS / HTTP/2.0\r\n'],
  ['a method in lower case', 'head / HTTP/2.0\r\n'],
  ['no method at all', ' / HTTP/1.1\r\n'],
])('%s is none: its refusal has content', async (_what, text) => {
  const client = await serve(() => ({})).send(text)
  expect(readReplies(client.received)[0]?.body).not.toBe('')
})

test('205 has no content, and says so (RFC 9110 §15.3.6)', async () => {
  const client = await serve(() => ({ status: 205, body: 'reset' })).send(get('/') + get('/'))
  expect(readReplies(client.received)).toMatchObject([
    { status: 205, headers: { 'content-length': '0' }, body: '' },
    { status: 205, body: '' },
  ])
})
