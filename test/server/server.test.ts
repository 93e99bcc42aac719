import { expect, test } from 'vitest'
import type { App, HttpReply } from '../../src/app.ts'
import { TransportError } from '../../src/errors.ts'
import { deferred, type Deferred, get, listen, message, readReplies, serve, turn } from '../support/server-harness.ts'

const hello: App = () => ({ body: 'hello' })

/** Answers each request when the test says so, in the order they came. */
function slowApp(): { app: App; waiting: Deferred<HttpReply>[] } {
  const waiting: Deferred<HttpReply>[] = []
  const app: App = () => {
    const answer = deferred<HttpReply>()
    waiting.push(answer)
    return answer.promise
  }
  return { app, waiting }
}

test('max_connections: the connection that has been idle longest makes room for a new one', async () => {
  const served = serve(hello, { max_connections: 2 })
  const first = await served.send(get('/'))
  const second = await served.send(get('/'))
  await served.pass(1)
  first.send(get('/'))
  await turn()
  const third = await served.send(get('/'))
  expect([first.finished, second.finished, third.finished]).toEqual([false, true, false])
  expect(readReplies(third.received)).toHaveLength(1)
})

test('max_connections: busy connections older than the idle ones do not keep them', async () => {
  const { app } = slowApp()
  const served = serve((request) => (request.target === '/slow' ? app(request) : hello(request)), { max_connections: 2 })
  const busy = await served.send(get('/slow'))
  const idle = await served.send(get('/'))
  const late = await served.send(get('/'))
  expect([busy.finished, idle.finished]).toEqual([false, true])
  expect(readReplies(late.received)).toMatchObject([{ status: 200 }])
})

test('max_connections: when all are busy a new one gets 503, and is closed even if it stays silent', async () => {
  const { app } = slowApp()
  const full = listen('connections.full')
  const served = serve(app, { max_connections: 1 })
  await served.send(get('/'))
  const late = await served.send(get('/'))
  expect(readReplies(late.received)).toMatchObject([{ status: 503, headers: { 'retry-after': '1', connection: 'close' } }])
  expect(late.finished).toBe(true)
  expect(served.server.load().connections).toBe(1)
  await served.pass(3)
  expect(late.destroyed).toBe(true)
  expect(full).toEqual([{ api: 'compute', connections: 1 }])
})

test('max_connections: one turned away that resets disturbs nobody', async () => {
  const { app } = slowApp()
  const served = serve(app, { max_connections: 1 })
  await served.send(get('/'))
  const late = served.connect()
  late.reset()
  await turn()
  expect(late.destroyed).toBe(true)
})

test('load counts connections, and requests both answered and waiting', async () => {
  const { app } = slowApp()
  const served = serve(app, { default_pool_size: 1 })
  served.connect()
  await served.send(get('/'))
  await served.send(get('/'))
  expect(served.server.load()).toEqual({ connections: 3, requests: 2 })
})

test('default_pool_size bounds the requests answered at once; the others wait in order', async () => {
  const { app, waiting } = slowApp()
  const served = serve(app, { default_pool_size: 2 })
  const clients = await Promise.all(['/1', '/2', '/3', '/4'].map((path) => served.send(get(path))))
  expect(waiting).toHaveLength(2)
  waiting[0]?.resolve({ body: 'first' })
  await turn()
  expect(waiting).toHaveLength(3)
  waiting[2]?.resolve({ body: 'third' })
  await turn()
  expect(clients.map((client) => client.received !== '')).toEqual([true, false, true, false])
  expect(waiting).toHaveLength(4)
})

test('pool_queue_size: a request beyond the queue is 503 with Retry-After, and its connection stays', async () => {
  const { app, waiting } = slowApp()
  const served = serve(app, { default_pool_size: 1, pool_queue_size: 1, pool_queue_timeout: 2.5 })
  await served.send(get('/'))
  await served.send(get('/'))
  const late = await served.send(get('/'))
  expect(readReplies(late.received)).toMatchObject([
    { status: 503, body: 'the server is busy\n', headers: { 'retry-after': '3', connection: 'keep-alive' } },
  ])
  expect(waiting).toHaveLength(1)
})

test('pool_queue_timeout: a request that waited too long is 503, and the slot goes to the next', async () => {
  const { app, waiting } = slowApp()
  const served = serve(app, { default_pool_size: 1 })
  await served.send(get('/'))
  const early = await served.send(get('/'))
  await served.pass(0.5)
  const late = await served.send(get('/'))
  await served.pass(0.6)
  expect(readReplies(early.received)).toMatchObject([{ status: 503, headers: { 'retry-after': '1' } }])
  expect(late.received).toBe('')
  waiting[0]?.resolve({})
  await turn()
  waiting[1]?.resolve({ body: 'made it' })
  await turn()
  expect(readReplies(late.received)).toMatchObject([{ status: 200, body: 'made it' }])
})

test('a client that goes while its request waits gives up its place', async () => {
  const { app, waiting } = slowApp()
  const served = serve(app, { default_pool_size: 1 })
  await served.send(get('/'))
  const gone = await served.send(get('/'))
  gone.reset()
  await turn()
  expect(served.server.load()).toEqual({ connections: 1, requests: 1 })
  waiting[0]?.resolve({})
  await turn()
  expect(waiting).toHaveLength(1)
  expect(served.server.load().requests).toBe(0)
})

test('pool_bypass_paths are answered when the pool is full, and take nobody\'s slot', async () => {
  const { app, waiting } = slowApp()
  const settings = { default_pool_size: 1, pool_queue_size: 0 }
  const served = serve((request) => (request.target === '/healthcheck' ? hello(request) : app(request)), settings)
  await served.send(get('/'))
  const health = await served.send(get('/healthcheck'))
  expect(readReplies(health.received)).toMatchObject([{ status: 200, body: 'hello' }])
  expect(readReplies((await served.send(get('/other'))).received)).toMatchObject([{ status: 503 }])
  waiting[0]?.resolve({})
  await turn()
  expect(served.server.load().requests).toBe(0)
})

test('quiesce: the server serves on, and each answer closes its connection', async () => {
  const served = serve((request) => ({ body: request.server }))
  const before = await served.send(get('/'))
  served.server.quiesce()
  before.send(get('/'))
  await turn()
  const after = await served.send(get('/'))
  expect(readReplies(before.received)).toMatchObject([{ headers: { connection: 'keep-alive' } }, { headers: { connection: 'close' } }])
  const info: unknown = JSON.parse(readReplies(after.received)[0]?.body ?? '')
  expect(info).toEqual({ name: 'compute', address: '192.0.2.1', port: 8774, stopping: true })
  expect(after.finished).toBe(true)
})

test('quiesce while an answer that says keep-alive is under way leaves its connection idle_linger for one more request', async () => {
  const served = serve((request) => ({ body: request.target === '/large' ? 'x'.repeat(1_000_000) : 'small' }))
  const client = served.connect()
  client.hold()
  client.send(get('/large'))
  await turn()
  served.server.quiesce()
  while (client.takeWrite()) await turn()
  client.release()
  await served.pass(4)
  expect(client.finished).toBe(false)
  client.send(get('/'))
  await turn()
  expect(readReplies(client.received)).toMatchObject([
    { headers: { connection: 'keep-alive' } }, { body: 'small', headers: { connection: 'close' } },
  ])
})

test('stop: nothing to wait for', async () => {
  const served = serve(hello)
  served.server.stop()
  await served.server.wait()
  expect(served.clock.pending).toBe(0)
})

test('stop: an idle connection is kept idle_linger for a request on its way, which closes it', async () => {
  const served = serve(hello)
  const silent = await served.send(get('/'))
  const asking = await served.send(get('/'))
  let stopped = false
  served.server.stop()
  const stop = served.server.wait().then(() => (stopped = true))
  await served.pass(5)
  expect(silent.finished).toBe(false)
  asking.send(get('/'))
  await turn()
  expect(readReplies(asking.received)).toMatchObject([{}, { status: 200, headers: { connection: 'close' } }])
  await served.pass(0.1)
  expect(silent.finished).toBe(true)
  expect(stopped).toBe(false)
  silent.sendEnd()
  asking.sendEnd()
  await stop
  expect(served.server.load()).toEqual({ connections: 0, requests: 0 })
  expect(served.clock.pending).toBe(0)
})

test('stop: a request whose head has begun may still complete', async () => {
  const served = serve(hello)
  const client = await served.send('GET / HT')
  served.server.stop()
  await served.pass(3)
  client.send('TP/1.1\r\n')
  await served.pass(10)
  client.send('Host: a\r\n\r\n')
  await turn()
  expect(readReplies(client.received)).toMatchObject([{ status: 200, headers: { connection: 'close' } }])
})

test('stop: requests in flight finish, and their answers close', async () => {
  const { app, waiting } = slowApp()
  const served = serve(app)
  const client = await served.send(get('/'))
  served.server.stop()
  const stop = served.server.wait()
  await served.pass(50)
  waiting[0]?.resolve({ body: 'done' })
  await turn()
  expect(readReplies(client.received)).toMatchObject([{ body: 'done', headers: { connection: 'close' } }])
  client.sendEnd()
  await stop
})

test('stop: a connection that was accepted before and comes only now is served', async () => {
  const { app, waiting } = slowApp()
  const served = serve(app)
  await served.send(get('/'))
  served.server.stop()
  const late = served.connect()
  await served.pass(4)
  late.send(get('/'))
  await turn()
  waiting[1]?.resolve({ body: 'served' })
  await turn()
  expect(readReplies(late.received)).toMatchObject([{ body: 'served', headers: { connection: 'close' } }])
  const silent = served.connect()
  await served.pass(5.1)
  expect(silent.finished).toBe(true)
})

test('abort cuts what is in flight, counts it and tells it, and stop is over', async () => {
  const cuts = listen('request.cut')
  const { app } = slowApp()
  let reason: unknown
  const served = serve((request) => {
    request.signal.addEventListener('abort', () => (reason = request.signal.reason))
    return app(request)
  })
  const idle = await served.send(get('/').slice(0, 10))
  const busy = await served.send(get('/long'))
  served.server.stop()
  const stop = served.server.wait()
  await served.pass(3)
  expect(served.server.abort()).toBe(1)
  await stop
  expect(idle.cut && busy.cut).toBe(true)
  expect(reason).toBeInstanceOf(TransportError)
  expect(cuts).toMatchObject([{ api: 'compute', method: 'GET', target: '/long', seconds: 3 }])
  expect(cuts[0]?.id).toMatch(/^req-/)
})

test('stop tells how many connections are idle, busy and closing', async () => {
  const draining = listen('draining')
  const served = serve((request) => (request.target === '/slow' ? new Promise(() => {}) : { body: 'done' }))
  await served.send(get('/'))
  await served.send(get('/'))
  await served.send(get('/slow'))
  served.server.stop()
  expect(draining).toEqual([{ api: 'compute', connections: { IDLE: 2, REQUEST: 1, CLOSE: 0 } }])
  served.server.abort()
})

test('abort counts no request that has its answer', async () => {
  const served = serve(hello)
  const client = await served.send(message('POST', '/', ['Content-Length: 10']) + 'half')
  expect(readReplies(client.received)).toHaveLength(1)
  expect(served.server.abort()).toBe(0)
  await turn()
  expect(client.destroyed).toBe(true)
})

test('Date is the time of the answer, to the half second (RFC 9110 §6.6.1)', async () => {
  const served = serve(hello)
  const client = await served.send(get('/') + get('/'))
  await served.pass(1)
  client.send(get('/'))
  await turn()
  expect(readReplies(client.received).map(({ headers }) => headers['date'])).toEqual([
    'Thu, 01 Jan 2026 00:00:00 GMT', 'Thu, 01 Jan 2026 00:00:00 GMT', 'Thu, 01 Jan 2026 00:00:01 GMT',
  ])
  served.clock.jump(-60_000)
  await served.pass(0.5)
  client.send(get('/'))
  await turn()
  expect(readReplies(client.received)[3]?.headers['date']).toBe('Wed, 31 Dec 2025 23:59:01 GMT')
})

test('max_connections: without a keepalive_timeout idle connections make room too', async () => {
  const served = serve(hello, { max_connections: 1, keepalive_timeout: 0, client_socket_timeout: 0 })
  const idle = await served.send(get('/'))
  await served.pass(1000)
  expect(idle.finished).toBe(false)
  const late = await served.send(get('/'))
  expect(idle.finished).toBe(true)
  expect(readReplies(late.received)).toMatchObject([{ status: 200 }])
})

test('a queue of requests that are answered at once is as long as one likes', async () => {
  const first = deferred<HttpReply>()
  const served = serve(({ target }) => (target === '/slow' ? first.promise : {}), { default_pool_size: 1, pool_queue_size: 3000 })
  await served.send(get('/slow'))
  const queued = Array.from({ length: 3000 }, () => served.connect())
  for (const client of queued) client.send(get('/'))
  await turn()
  expect(served.server.activity()).toMatchObject({ inFlight: 1, queued: 3000 })
  first.resolve({})
  await turn()
  expect(served.server.activity()).toMatchObject({ done: 3001, inFlight: 0, queued: 0 })
})
