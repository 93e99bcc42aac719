import { expect, test } from 'vitest'
import type { App, HttpReply } from '../../src/app.ts'
import { Server } from '../../src/server/server.ts'
import type { ServerSettings } from '../../src/server/settings.ts'
import { deferred, type Deferred, get, JumpingClock, listen, message, post, readReplies, serve, SETTINGS, type TestServer, turn } from '../support/server-harness.ts'

const hello: App = () => ({ body: 'hello' })

/** Answers each request when the test says so. */
function slowApp(): { app: App; waiting: Deferred<HttpReply>[] } {
  const waiting: Deferred<HttpReply>[] = []
  const app: App = () => {
    const answer = deferred<HttpReply>()
    waiting.push(answer)
    return answer.promise
  }
  return { app, waiting }
}

function mutate({ server }: TestServer, changed: Partial<ServerSettings>): void {
  server.mutate({ ...SETTINGS, ...changed })
}

test('default_pool_size: a larger one starts who waits; of a smaller one the excess finishes', async () => {
  const { app, waiting } = slowApp()
  const served = serve(app, { default_pool_size: 1 })
  const clients = await Promise.all(['/1', '/2', '/3'].map((path) => served.send(get(path))))
  mutate(served, { default_pool_size: 2 })
  expect(waiting).toHaveLength(2)
  mutate(served, { default_pool_size: 1 })
  waiting[0]?.resolve({ body: 'one' })
  await turn()
  expect(waiting).toHaveLength(2)
  waiting[1]?.resolve({ body: 'two' })
  await turn()
  waiting[2]?.resolve({ body: 'three' })
  await turn()
  expect(clients.map(({ received }) => readReplies(received)[0]?.body)).toEqual(['one', 'two', 'three'])
})

test('pool_queue_size and pool_queue_timeout: who waits stays, and has the new time', async () => {
  const served = serve(slowApp().app, { default_pool_size: 1, pool_queue_timeout: 10 })
  await served.send(get('/'))
  const queued = await served.send(get('/'))
  await served.pass(5)
  mutate(served, { default_pool_size: 1, pool_queue_size: 0, pool_queue_timeout: 3 })
  const late = await served.send(get('/'))
  expect(readReplies(late.received)).toMatchObject([{ status: 503, headers: { 'retry-after': '3' } }])
  await served.pass(2.9)
  expect(queued.received).toBe('')
  await served.pass(0.4)
  expect(readReplies(queued.received)).toMatchObject([{ status: 503 }])
})

test('pool_bypass_paths', async () => {
  const served = serve((request) => (request.target === '/alive' ? hello(request) : slowApp().app(request)), { default_pool_size: 1 })
  await served.send(get('/'))
  mutate(served, { default_pool_size: 1, pool_bypass_paths: ['/alive'] })
  expect(readReplies((await served.send(get('/alive'))).received)).toMatchObject([{ body: 'hello' }])
})

test('limits hold for the next request of a connection that stays', async () => {
  const served = serve(hello)
  const client = await served.send(get('/'))
  mutate(served, { max_headers: 1, max_url_len: 30 })
  client.send(get('/', 'X-Second: field'))
  await turn()
  expect(readReplies(client.received)).toMatchObject([{ status: 200 }, { status: 431 }])
  expect(readReplies((await served.send(get(`/${'x'.repeat(40)}`))).received)).toMatchObject([{ status: 414 }])
})

test('max_body_size does not hold for a body that is under way', async () => {
  const served = serve(async (request) => ({ body: await request.text() }))
  const client = await served.send(message('POST', '/', ['Transfer-Encoding: chunked']) + '3\r\nabc\r\n')
  mutate(served, { max_body_size: 4 })
  client.send('3\r\ndef\r\n0\r\n\r\n')
  await turn()
  client.send(post('/', 'abcdef'))
  await turn()
  expect(readReplies(client.received)).toMatchObject([{ body: 'abcdef' }, { status: 413 }])
})

test('max_buffered_body and max_discard', async () => {
  const served = serve(async (request) => (request.target === '/read' ? { body: await request.text() } : {}))
  mutate(served, { max_buffered_body: 3, max_discard: 3 })
  expect(readReplies((await served.send(post('/read', 'four'))).received)).toMatchObject([{ status: 413 }])
  const unread = await served.send(message('POST', '/', ['Content-Length: 4']))
  expect(readReplies(unread.received)).toMatchObject([{ status: 200, headers: { connection: 'close' } }])
})

test('keepalive_timeout: told to clients from the next answer on, and held against those who are idle', async () => {
  const served = serve(hello)
  const idle = await served.send(get('/'))
  await served.pass(30)
  mutate(served, { keepalive_timeout: 10 })
  const other = await served.send(get('/'))
  expect(readReplies(other.received)).toMatchObject([{ headers: { 'keep-alive': 'timeout=9' } }])
  await served.pass(9.9)
  expect(idle.finished).toBe(false)
  await served.pass(0.3)
  expect([idle.finished, other.finished]).toEqual([true, true])
})

test('keepalive_timeout: a longer one saves who is idle', async () => {
  const served = serve(hello, { keepalive_timeout: 10 })
  const idle = await served.send(get('/'))
  await served.pass(9)
  mutate(served, {})
  await served.pass(70)
  expect(idle.finished).toBe(false)
  await served.pass(6)
  expect(idle.finished).toBe(true)
})

test('client_socket_timeout caps what it caps at once', async () => {
  const served = serve(hello)
  const idle = await served.send(get('/'))
  mutate(served, { client_socket_timeout: 3 })
  await served.pass(3.3)
  expect(idle.finished).toBe(true)
})

test('keep_alive', async () => {
  const served = serve(hello)
  const client = await served.send(get('/'))
  mutate(served, { keep_alive: false })
  client.send(get('/'))
  await turn()
  expect(readReplies(client.received)).toMatchObject([{ headers: { connection: 'keep-alive' } }, { headers: { connection: 'close' } }])
  mutate(served, {})
  expect(readReplies((await served.send(get('/'))).received)).toMatchObject([{ headers: { connection: 'keep-alive' } }])
})

test('headers_timeout, body_timeout, write_timeout and handler_timeout', async () => {
  const timeouts = listen('connection.timeout')
  const served = serve(async ({ target, text }) => {
    if (target === '/slow') return await new Promise<HttpReply>(() => {})
    return target === '/large' ? { body: Buffer.alloc(1_000_000) } : { body: String(text) }
  })
  mutate(served, { headers_timeout: 1, write_timeout: 2, handler_timeout: 3, min_write_rate: 0 })
  const head = await served.send('GET /')
  const slow = await served.send(get('/slow'))
  const large = served.connect()
  large.hold()
  large.send(get('/large'))
  await turn()
  await served.pass(1.2)
  expect(readReplies(head.received)).toMatchObject([{ status: 408 }])
  await served.pass(1.2)
  expect(large.destroyed).toBe(true)
  await served.pass(1)
  expect(readReplies(slow.received)).toMatchObject([{ status: 503, body: 'the request took too long\n' }])
  expect(timeouts.map(({ deadline }) => deadline)).toEqual(['headers_timeout', 'write_timeout'])
})

test('body_timeout: who sends a body has the new time from now on', async () => {
  const served = serve(async (request) => ({ body: await request.text() }))
  const client = await served.send(message('POST', '/', ['Content-Length: 4']) + 'ab')
  await served.pass(20)
  mutate(served, { body_timeout: 5 })
  await served.pass(4.9)
  expect(client.received).toBe('')
  await served.pass(0.4)
  expect(readReplies(client.received)).toMatchObject([{ status: 408 }])
})

test('min_body_rate holds from the next request on', async () => {
  const served = serve(async (request) => ({ body: await request.text() }), { min_body_rate: 0 })
  const client = await served.send(message('POST', '/', ['Content-Length: 2']) + 'a')
  mutate(served, { min_body_rate: 500 })
  await served.pass(20)
  client.send('b')
  await turn()
  client.send(message('POST', '/', ['Content-Length: 3']) + 'a')
  await turn()
  await served.pass(20)
  client.send('b')
  await turn()
  expect(readReplies(client.received)).toMatchObject([{ status: 200, body: 'ab' }, { status: 408 }])
})

test('min_write_rate holds from the next answer on', async () => {
  const timeouts = listen('connection.timeout')
  const served = serve(() => ({ body: Buffer.alloc(100_000) }), { min_write_rate: 0 })
  const client = served.connect()
  client.hold()
  client.send(get('/'))
  await turn()
  mutate(served, { min_write_rate: 1_000_000 })
  await served.pass(20)
  client.release()
  await turn()
  expect(timeouts).toEqual([])
  client.hold()
  client.send(get('/'))
  await turn()
  await served.pass(20)
  client.release()
  await turn()
  expect(timeouts).toMatchObject([{ deadline: 'min_write_rate' }])
})

test('linger_timeout and idle_linger, also of a server that stops already', async () => {
  const served = serve(hello)
  const idle = served.connect()
  served.server.stop()
  await served.pass(1)
  mutate(served, { idle_linger: 1, linger_timeout: 20 })
  await served.pass(1.2)
  expect(idle.finished).toBe(true)
  await served.pass(19)
  expect(idle.destroyed).toBe(false)
  await served.pass(2)
  expect(idle.destroyed).toBe(true)
})

test('max_connections: a higher one lets more in', async () => {
  const served = serve(slowApp().app, { max_connections: 1 })
  await served.send(get('/'))
  mutate(served, { max_connections: 2 })
  const second = await served.send(get('/'))
  expect(second.received).toBe('')
  expect(served.server.load().connections).toBe(2)
})

test('max_connections: of a lower one those idle longest are closed, and busy ones when they become idle', async () => {
  const { app, waiting } = slowApp()
  const served = serve((request) => (request.target === '/slow' ? app(request) : hello(request)))
  const busy = [await served.send(get('/slow')), await served.send(get('/slow'))]
  const idle = [await served.send(get('/'))]
  await served.pass(1)
  idle.push(served.connect())
  mutate(served, { max_connections: 3 })
  await served.pass(0.1)
  expect(idle.map(({ finished }) => finished)).toEqual([true, false])
  mutate(served, { max_connections: 1 })
  await served.pass(0.1)
  expect(idle.map(({ finished }) => finished)).toEqual([true, true])
  for (const answer of waiting) answer.resolve({ body: 'whole' })
  await turn()
  await served.pass(0.1)
  expect(busy.map(({ received }) => readReplies(received)[0]?.body)).toEqual(['whole', 'whole'])
  expect(busy.filter(({ finished }) => finished)).toHaveLength(1)
})

test('tcp_keepidle holds for connections that are not probed yet', async () => {
  const served = serve(hello)
  const early = served.connect()
  await served.pass(1)
  mutate(served, { tcp_keepidle: 30 })
  const late = served.connect()
  await served.pass(1)
  const last = served.connect()
  mutate(served, { tcp_keepidle: 0 })
  const none = served.connect()
  await served.pass(1)
  expect([early, late, last, none].map(({ keepAliveDelay }) => keepAliveDelay)).toEqual([120_000, 30_000, null, null])
})

test('trusted_proxies, for connections that are open too', async () => {
  const served = serve(({ server }) => ({ body: String(server.trusts('192.0.2.7')) }))
  const client = await served.send(get('/'))
  mutate(served, { trusted_proxies: ['192.0.2.0/24'] })
  client.send(get('/'))
  await turn()
  expect(readReplies(client.received).map(({ body }) => body)).toEqual(['false', 'true'])
})

test('debug', async () => {
  const served = serve(() => {
    throw new Error('the cause')
  })
  const quiet = await served.send(get('/'))
  mutate(served, { debug: true })
  const telling = await served.send(get('/'))
  expect([quiet, telling].map(({ received }) => received.includes('the cause'))).toEqual([false, true])
})

test('what cannot be used changes nothing', async () => {
  const served = serve(hello)
  expect(() => mutate(served, { trusted_proxies: ['192.0.2.0/99'], keep_alive: false })).toThrow(RangeError)
  expect(readReplies((await served.send(get('/'))).received)).toMatchObject([{ headers: { connection: 'keep-alive' } }])
})

test('what is left out stays, and what is no setting of the server is nothing to it', async () => {
  const served = serve(slowApp().app, { max_connections: 1 })
  served.server.mutate({ default_pool_size: 5, backlog: 3 })
  await served.send(get('/'))
  expect(readReplies((await served.send(get('/'))).received)).toMatchObject([{ status: 503 }])
})

test('the settings it was made from are not touched', () => {
  const settings = { ...SETTINGS }
  const server = new Server({ name: 'compute', app: hello, address: { address: '192.0.2.1', port: 8774 }, settings, clock: new JumpingClock() })
  server.mutate({ ...SETTINGS, debug: true })
  server.stop()
  expect(settings).toEqual(SETTINGS)
})
