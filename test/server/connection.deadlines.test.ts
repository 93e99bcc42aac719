import { expect, test } from 'vitest'
import type { App } from '../../src/app.ts'
import type { FakeSocket } from '../support/fake-socket.ts'
import { deferred, get, listen, message, readReplies, serve, type TestServer, turn } from '../support/server-harness.ts'

const hello: App = () => ({ body: 'hello' })
/** A client that takes everything it can have once in so many seconds. Resolves with false when there was nothing. */
function takesAfter(served: TestServer, client: FakeSocket): (seconds: number) => Promise<boolean> {
  return async (seconds) => {
    await served.pass(seconds)
    const some = client.takeWrite()
    while (client.takeWrite()) continue
    await turn()
    return some
  }
}

const readBody: App = async (request) => ({ body: await request.text() })

test('keepalive_timeout closes a connection that is silent between requests, and nobody is told of a fault', async () => {
  const timeouts = listen('connection.timeout')
  const served = serve(hello)
  const client = await served.send(get('/'))
  await served.pass(75)
  expect(client.finished).toBe(false)
  await served.pass(0.1)
  expect(client.finished).toBe(true)
  expect(timeouts).toEqual([])
})

test('keepalive_timeout closes a connection that never said anything', async () => {
  const served = serve(hello)
  const client = served.connect()
  await served.pass(75.1)
  expect(client.finished).toBe(true)
  expect(client.received).toBe('')
})

test('keepalive_timeout begins again with each answer', async () => {
  const served = serve(hello)
  const client = await served.send(get('/'))
  await served.pass(60)
  client.send(get('/'))
  await turn()
  await served.pass(60)
  expect(client.finished).toBe(false)
  await served.pass(15.1)
  expect(client.finished).toBe(true)
})

test('keepalive_timeout does not cut an app that takes longer', async () => {
  const answer = deferred<object>()
  const served = serve(() => answer.promise)
  const client = await served.send(get('/'))
  await served.pass(500)
  answer.resolve({ body: 'at last' })
  await turn()
  expect(readReplies(client.received)).toMatchObject([{ status: 200, body: 'at last' }])
})

test('headers_timeout counts from the first octet of a request, and later ones do not extend it: 408', async () => {
  const timeouts = listen('connection.timeout')
  const served = serve(hello)
  const client = await served.send('GET / HTTP/1.1\r\n')
  for (let second = 0; second < 14; second++) {
    await served.pass(1)
    client.send(`x-${second}: still here\r\n`)
    await turn()
  }
  expect(client.received).toBe('')
  await served.pass(1.1)
  expect(readReplies(client.received)).toMatchObject([{ status: 408, headers: { connection: 'close' } }])
  expect(client.finished).toBe(true)
  expect(timeouts).toEqual([{ api: 'compute', client: '192.0.2.7', deadline: 'headers_timeout' }])
})

test('headers_timeout counts for the next request of a connection too, and not for one that came in time', async () => {
  const served = serve(hello)
  const client = await served.send(get('/'))
  await served.pass(30)
  client.send('GET /')
  await served.pass(14)
  client.send(' HTTP/1.1\r\nHost: a\r\n\r\nGET')
  await turn()
  await served.pass(14)
  expect(readReplies(client.received)).toHaveLength(2)
  await served.pass(2)
  expect(readReplies(client.received)).toMatchObject([{ status: 200 }, { status: 200 }, { status: 408 }])
})

test('headers_timeout that passes while an app works is for nobody', async () => {
  const answer = deferred<object>()
  const served = serve(() => answer.promise)
  const client = await served.send('GET / HTTP/1.1\r\n')
  client.send('Host: a\r\n\r\n')
  await turn()
  await served.pass(60)
  answer.resolve({})
  await turn()
  expect(readReplies(client.received)).toMatchObject([{ status: 200 }])
})

test('body_timeout ends the wait for a silent body: the app is told, and the client gets 408', async () => {
  const timeouts = listen('connection.timeout')
  const served = serve(readBody)
  const client = await served.send(message('POST', '/', ['Content-Length: 10']) + 'half')
  await served.pass(30)
  expect(client.received).toBe('')
  await served.pass(0.1)
  expect(readReplies(client.received)).toMatchObject([{ status: 408, headers: { connection: 'close' } }])
  expect(timeouts).toEqual([{ api: 'compute', client: '192.0.2.7', deadline: 'body_timeout' }])
})

test('body_timeout begins again with each piece', async () => {
  const served = serve(readBody, { min_body_rate: 0 })
  const client = await served.send(message('POST', '/', ['Content-Length: 4']))
  for (const octet of 'slow') {
    await served.pass(29)
    client.send(octet)
    await turn()
  }
  expect(readReplies(client.received)).toMatchObject([{ status: 200, body: 'slow' }])
})

test('body_timeout counts only while somebody waits for the body', async () => {
  const begin = deferred<void>()
  const served = serve(async (request) => {
    await begin.promise
    return { body: await request.text() }
  }, { min_body_rate: 0 })
  const client = await served.send(message('POST', '/', ['Content-Length: 4']))
  await served.pass(100)
  begin.resolve()
  await turn()
  await served.pass(29)
  client.send('body')
  await turn()
  expect(readReplies(client.received)).toMatchObject([{ status: 200, body: 'body' }])
})

test('body_timeout ends the wait for a body that is only read to be dropped', async () => {
  const served = serve(hello)
  const client = await served.send(message('POST', '/', ['Content-Length: 10']) + 'half')
  expect(readReplies(client.received)).toMatchObject([{ status: 200, headers: { connection: 'keep-alive' } }])
  await served.pass(30.1)
  expect(client.finished).toBe(true)
  expect(readReplies(client.received)).toHaveLength(1)
})

test('min_body_rate: a body that trickles is 408 after ten seconds', async () => {
  const timeouts = listen('connection.timeout')
  const served = serve(readBody)
  const client = await served.send(message('POST', '/', ['Content-Length: 100']))
  for (let second = 0; second < 10; second++) {
    await served.pass(1)
    client.send('x')
    await turn()
  }
  expect(client.received).toBe('')
  await served.pass(1)
  client.send('x')
  await turn()
  expect(readReplies(client.received)).toMatchObject([{ status: 408 }])
  expect(timeouts).toMatchObject([{ deadline: 'min_body_rate' }])
})

test('min_body_rate judges each body by itself: many small ones with pauses are not one slow one', async () => {
  const served = serve(readBody)
  const client = served.connect()
  for (let request = 0; request < 30; request++) {
    client.send(message('POST', '/', ['Content-Length: 1']))
    await turn()
    await served.pass(1)
    client.send('x')
    await turn()
  }
  expect(readReplies(client.received).map(({ status }) => status)).toEqual(Array.from({ length: 30 }, () => 200))
})

test('min_body_rate counts no time in which the app does not read', async () => {
  const steps = [deferred<void>(), deferred<void>()]
  const served = serve(async (request) => {
    const reader = request.body!.getReader()
    const pieces: number[] = []
    for (const step of steps) {
      pieces.push((await reader.read()).value!.length)
      await step.promise
    }
    return { body: pieces }
  })
  const client = await served.send(message('POST', '/', ['Content-Length: 2']))
  client.send('x')
  await turn()
  await served.pass(100)
  steps[0]?.resolve()
  await turn()
  client.send('x')
  await turn()
  steps[1]?.resolve()
  await turn()
  expect(readReplies(client.received)).toMatchObject([{ status: 200, body: '[1,1]' }])
})

test('write_timeout cuts a client that takes nothing of a large answer', async () => {
  const timeouts = listen('connection.timeout')
  const records = listen('request')
  const served = serve(() => ({ body: 'x'.repeat(1_000_000) }))
  const client = served.connect()
  client.hold()
  client.send(get('/'))
  await turn()
  await served.pass(60)
  expect(client.destroyed).toBe(false)
  await served.pass(0.1)
  expect(client.cut).toBe(true)
  expect(timeouts).toEqual([{ api: 'compute', client: '192.0.2.7', deadline: 'write_timeout' }])
  expect(records).toMatchObject([{ status: 200, complete: false }])
})

test('write_timeout begins again when the client takes something', async () => {
  const served = serve(() => ({ body: 'x'.repeat(1_000_000) }))
  const client = served.connect()
  const takeAfter = takesAfter(served, client)
  client.hold()
  client.send(get('/'))
  await turn()
  while (await takeAfter(50)) continue
  expect(readReplies(client.received)[0]?.body).toHaveLength(1_000_000)
})

test('min_write_rate cuts a client that takes a large answer too slowly', async () => {
  const timeouts = listen('connection.timeout')
  const served = serve(() => ({ body: 'x'.repeat(1_000_000) }), { min_write_rate: 10_000 })
  const client = served.connect()
  client.hold()
  client.send(get('/'))
  await turn()
  await served.pass(40)
  while (client.takeWrite()) await turn()
  expect(timeouts).toMatchObject([{ deadline: 'min_write_rate' }])
  expect(client.cut).toBe(true)
})

test('min_write_rate counts every octet the client took', async () => {
  const served = serve(() => ({ body: 'x'.repeat(1_000_000) }), { min_write_rate: 10_000 })
  const client = served.connect()
  const takeAfter = takesAfter(served, client)
  client.hold()
  client.send(get('/'))
  await turn()
  while (await takeAfter(5)) continue
  expect(readReplies(client.received)[0]?.body).toHaveLength(1_000_000)
})

test.each<[what: string, taken: number[], cut: string | null]>([
  ['goes on with one large piece is waited for', [20_000, 15_000, 15_000], null],
  ['takes nothing more of it for write_timeout is cut', [20_000, 0], 'write_timeout'],
  ['takes it too slowly is cut', [20_000, 1_000], 'min_write_rate'],
])('a client that %s: the kernel tells what it takes', async (_what, taken, cut) => {
  const timeouts = listen('connection.timeout')
  const served = serve(() => ({ body: 'x'.repeat(1_000_000) }), { min_write_rate: 240 })
  const client = served.connect()
  const handle = { writeQueueSize: 60_000 }
  Object.assign(client, { _handle: handle })
  client.hold()
  client.send(get('/'))
  await turn()
  for (const octets of taken) {
    handle.writeQueueSize -= octets
    await served.pass(60.1)
  }
  expect(timeouts.map(({ deadline }) => deadline)).toEqual(cut === null ? [] : [cut])
  expect(client.cut).toBe(cut !== null)
})

test('min_write_rate judges each answer by itself', async () => {
  const served = serve((request) => ({ body: 'x'.repeat(Number(request.queryString)) }), { min_write_rate: 1_000 })
  const client = served.connect()
  client.hold()
  for (let request = 0; request < 20; request++) {
    client.send(get('/?17000'))
    await turn()
    await served.pass(9)
    while (client.takeWrite()) await turn()
  }
  client.release()
  await turn()
  expect(readReplies(client.received)).toHaveLength(20)
})

test('handler_timeout answers 503 for an app that takes too long, and aborts its request', async () => {
  const late = deferred<object>()
  const failed = listen('request.failed')
  let reason: unknown
  const served = serve(
    (request) => {
      request.signal.addEventListener('abort', () => (reason = request.signal.reason))
      return request.target === '/late' ? late.promise : { body: 'prompt' }
    },
    { handler_timeout: 3 },
  )
  const client = await served.send(get('/late'))
  await served.pass(3)
  expect(client.received).toBe('')
  await served.pass(0.1)
  expect(readReplies(client.received)).toMatchObject([{ status: 503, body: 'the request took too long\n' }])
  expect(reason).toMatchObject({ status: 503 })
  expect(served.server.load().requests).toBe(0)
  late.resolve({ body: 'too late' })
  client.send(get('/'))
  await turn()
  expect(readReplies(client.received)).toMatchObject([{ status: 503 }, { status: 200, body: 'prompt' }])
  expect(failed).toMatchObject([{ target: '/late', status: 503 }])
})

test('handler_timeout is over when the app has answered', async () => {
  const served = serve(async () => ({ body: 'soon' }), { handler_timeout: 1 })
  const client = await served.send(get('/'))
  await served.pass(5)
  expect(readReplies(client.received)).toMatchObject([{ status: 200 }])
})

test('handler_timeout frees the slot of an app whose client has gone and that never ends', async () => {
  const served = serve(() => new Promise(() => {}), { handler_timeout: 3 })
  const client = await served.send(get('/'))
  client.reset()
  await turn()
  expect(served.server.load()).toEqual({ connections: 0, requests: 1 })
  await served.pass(3.1)
  expect(served.server.load().requests).toBe(0)
})

test('client_socket_timeout caps every wait for the client', async () => {
  const served = serve(hello, { client_socket_timeout: 4 })
  const idle = await served.send(get('/'))
  const begun = await served.send('GET')
  expect(readReplies(idle.received)).toMatchObject([{ headers: { 'keep-alive': 'timeout=3' } }])
  await served.pass(4.1)
  expect(idle.finished).toBe(true)
  expect(readReplies(begun.received)).toMatchObject([{ status: 408 }])
})

test('a timeout of 0 never passes', async () => {
  const served = serve(hello, { client_socket_timeout: 0, keepalive_timeout: 0, headers_timeout: 0 })
  const client = await served.send(`${get('/')}GET`)
  expect(readReplies(client.received)[0]?.headers['keep-alive']).toBeUndefined()
  await served.pass(100_000)
  expect(client.destroyed).toBe(false)
  client.send(' / HTTP/1.1\r\nHost: a\r\n\r\n')
  await turn()
  expect(readReplies(client.received)).toHaveLength(2)
})

test('a stall of our own cuts nobody: time in which we did not read is not the client\'s', async () => {
  const served = serve(readBody)
  const idle = await served.send(get('/'))
  const begun = await served.send('GET / HTTP/1.1\r\n')
  const inBody = await served.send(message('POST', '/', ['Content-Length: 4']))
  served.clock.jump(200_000)
  await served.pass(1)
  idle.send(get('/'))
  begun.send('Host: a\r\n\r\n')
  inBody.send('body')
  await turn()
  expect(readReplies(idle.received).map(({ status }) => status)).toEqual([200, 200])
  expect(readReplies(begun.received)).toMatchObject([{ status: 200 }])
  expect(readReplies(inBody.received)).toMatchObject([{ status: 200, body: 'body' }])
})
