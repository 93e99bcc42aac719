import { expect, test } from 'vitest'
import type { App } from '../../src/app.ts'
import { deferred, get, listen, readReplies, serve, turn } from '../support/server-harness.ts'

const hello: App = ({ server }) => ({ body: server.stopping ? 'stopping' : 'hello' })

test('stop, reset, start: it serves as before', async () => {
  const served = serve(hello)
  await served.server.start()
  await served.send(get('/'))
  served.server.stop()
  const wait = served.server.wait()
  await served.pass(6)
  await served.pass(3)
  await wait
  expect(served.clock.pending).toBe(0)
  served.server.reset()
  await served.server.start()
  const client = await served.send(get('/'))
  expect(readReplies(client.received)).toMatchObject([{ status: 200, body: 'hello', headers: { connection: 'keep-alive' } }])
})

test('deadlines pass again after a restart, and the pause counts for none of them', async () => {
  const served = serve(hello, { headers_timeout: 3 })
  served.server.stop()
  served.clock.advance(60_000)
  await served.server.start()
  const client = await served.send('GET / HT')
  await served.pass(2.9)
  expect(client.received).toBe('')
  await served.pass(0.3)
  expect(readReplies(client.received)).toMatchObject([{ status: 408 }])
})

test('it can be stopped and started again and again', async () => {
  const served = serve(hello)
  const draining = listen('draining')
  for (let round = 1; round <= 3; round += 1) {
    served.server.stop()
    await served.server.wait()
    await served.server.start()
    expect(readReplies((await served.send(get('/', 'Connection: close'))).received)).toMatchObject([{ body: 'hello' }])
    await turn()
    expect(served.server.activity().done).toBe(round)
  }
  expect(draining).toHaveLength(3)
})

test('a stop before any start is harmless, and so is each call once more', async () => {
  const served = serve(hello)
  served.server.stop()
  served.server.stop()
  await Promise.all([served.server.wait(), served.server.wait()])
  served.server.reset()
  served.server.reset()
  await served.server.start()
  await served.server.start()
  expect(served.clock.pending).toBe(1)
  expect(readReplies((await served.send(get('/'))).received)).toMatchObject([{ body: 'hello' }])
})

test('a wait before the stop is over with it, and one for the next stop is not', async () => {
  const served = serve(hello)
  const heard: string[] = []
  const first = served.server.wait().then(() => heard.push('first'))
  await turn()
  expect(heard).toEqual([])
  served.server.stop()
  await first
  await served.server.start()
  const second = served.server.wait().then(() => heard.push('second'))
  await turn()
  expect(heard).toEqual(['first'])
  served.server.stop()
  await second
})

test('a start takes back a stop that is not over: who was waited for stays', async () => {
  const answer = deferred<{ body: string }>()
  const served = serve(() => answer.promise)
  const client = await served.send(get('/'))
  served.server.stop()
  await served.server.start()
  answer.resolve({ body: 'late' })
  await turn()
  expect(readReplies(client.received)).toMatchObject([{ body: 'late', headers: { connection: 'keep-alive' } }])
  client.send(get('/'))
  await turn()
  expect(readReplies(client.received)).toHaveLength(2)
})

test('a start takes back a quiesce', async () => {
  const served = serve(hello)
  served.server.quiesce()
  await served.server.start()
  expect(readReplies((await served.send(get('/'))).received)).toMatchObject([{ body: 'hello' }])
})

test('a connection that comes when it has stopped is closed', async () => {
  const served = serve(hello)
  served.server.stop()
  await served.server.wait()
  const client = served.connect()
  await turn()
  expect(client.destroyed).toBe(true)
  expect(served.server.load().connections).toBe(0)
})
