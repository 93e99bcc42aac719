import { expect, test } from 'vitest'
import type { App, HttpReply } from '../../src/app.ts'
import { deferred, type Deferred, get, message, post, serve, turn } from '../support/server-harness.ts'

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

test('activity counts requests by what became of them, and connections by state', async () => {
  const { app, waiting } = slowApp()
  const served = serve(app, { default_pool_size: 1, pool_queue_size: 1 })
  served.connect()
  await served.send(get('/1'))
  await served.send(get('/2'))
  expect(served.server.activity()).toEqual({ done: 0, inFlight: 1, queued: 1, connections: { IDLE: 1, REQUEST: 2, CLOSE: 0 } })
  await served.send(get('/refused'))
  expect(served.server.activity()).toMatchObject({ done: 1, inFlight: 1, queued: 1 })
  for (const answer of [0, 1]) {
    waiting[answer]?.resolve({})
    await turn()
  }
  expect(served.server.activity()).toEqual({ done: 3, inFlight: 0, queued: 0, connections: { IDLE: 4, REQUEST: 0, CLOSE: 0 } })
})

test('a request is done once, also when it fails, is cut, or leaves a body to be dropped', async () => {
  const served = serve(({ method }) => {
    if (method === 'PUT') throw new Error('no')
    return method === 'GET' ? hello({} as never) : new Promise(() => {})
  })
  await served.send(message('PUT', '/', ['Content-Length: 0']))
  const dropping = await served.send(message('GET', '/', ['Content-Length: 10']) + 'half')
  const gone = await served.send(message('POST', '/', ['Content-Length: 0']))
  expect(served.server.activity().done).toBe(2)
  gone.reset()
  dropping.reset()
  await turn()
  expect(served.server.activity().done).toBe(3)
})

test('a refused head is no request', async () => {
  const served = serve(hello)
  await served.send('nonsense\r\n\r\n')
  expect(served.server.activity()).toEqual({ done: 0, inFlight: 0, queued: 0, connections: { IDLE: 0, REQUEST: 0, CLOSE: 1 } })
})

test('what is in progress is told with its phase, the oldest first and without the query', async () => {
  const served = serve(
    (request) => {
      if (request.target === '/body') return request.text().then((body) => ({ body }))
      if (request.target === '/large') return { body: Buffer.alloc(1_000_000) }
      return request.target === '/drop' ? {} : new Promise<HttpReply>(() => {})
    },
    { default_pool_size: 3 },
  )
  await served.send(message('POST', '/drop', ['Content-Length: 9']))
  await served.pass(2)
  await served.send(get('/servers?token=secret', 'X-Number: 1'), { address: '192.0.2.8' })
  await served.send(message('PUT', '/body', ['Content-Length: 9']), { address: '192.0.2.9' })
  await served.pass(1)
  const slow = served.connect({ address: '192.0.2.10' })
  slow.hold()
  slow.send(get('/large'))
  await turn()
  await served.send(get('http://api.example/queued?x=1'), { address: null })
  expect(served.server.inProgress()).toMatchObject([
    { what: 'POST /drop', seconds: 3, phase: 'reading the rest of the body', client: '192.0.2.7' },
    { what: 'GET /servers', seconds: 1, phase: 'waiting for the app', client: '192.0.2.8' },
    { what: 'PUT /body', seconds: 1, phase: 'reading the body', client: '192.0.2.9' },
    { what: 'GET /large', seconds: 0, phase: 'sending the reply', client: '192.0.2.10' },
    { what: 'GET /queued', seconds: 0, phase: 'waiting for a slot', client: 'gone' },
  ])
})

test('an item has the request\'s id, and the client that a filter found', async () => {
  let id = ''
  const served = serve((request) => {
    id = request.id
    request.client = { address: '198.51.100.1', port: 0 }
    return new Promise<HttpReply>(() => {})
  })
  await served.send(get('/'))
  expect(served.server.inProgress()).toMatchObject([{ id, client: '198.51.100.1' }])
})

test('an idle connection, and one that was answered, have nothing in progress', async () => {
  const served = serve(hello)
  await served.send(get('/'))
  served.connect()
  expect(served.server.inProgress()).toEqual([])
})

test('a request the app works at is in progress although its client has gone, until the app has settled', async () => {
  const { app, waiting } = slowApp()
  const served = serve(app)
  const client = await served.send(get('/'))
  await served.pass(1)
  client.reset()
  await turn()
  expect(served.server.inProgress()).toMatchObject([{ what: 'GET /', seconds: 1, phase: 'waiting for the app, the client has gone' }])
  expect(served.server.activity()).toMatchObject({ done: 1, inFlight: 1 })
  waiting[0]?.resolve({})
  await turn()
  expect(served.server.inProgress()).toEqual([])
  expect(served.server.activity()).toMatchObject({ done: 1, inFlight: 0 })
})

test('handler_timeout ends that too', async () => {
  const served = serve(() => new Promise(() => {}), { handler_timeout: 5 })
  const client = await served.send(post('/', 'x'))
  client.reset()
  await served.pass(6)
  expect(served.server.inProgress()).toEqual([])
  expect(served.server.activity()).toMatchObject({ done: 1, inFlight: 0 })
})

test('one that waited for a slot when its client went is not', async () => {
  const served = serve(() => new Promise(() => {}), { default_pool_size: 1 })
  await served.send(get('/'))
  const queued = await served.send(get('/queued'))
  queued.reset()
  await turn()
  expect(served.server.inProgress()).toMatchObject([{ what: 'GET /' }])
  expect(served.server.activity()).toMatchObject({ done: 1, inFlight: 1, queued: 0 })
})
