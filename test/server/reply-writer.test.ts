import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import type { HttpReply, ReplyBody } from '../../src/app.ts'
import { deferred, get, listen, message, readReplies, serve, turn } from '../support/server-harness.ts'

async function* generate(...pieces: (string | Uint8Array)[]): AsyncGenerator<string | Uint8Array> {
  yield* pieces
}

function webStream(...pieces: string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(Buffer.from(piece))
      controller.close()
    },
  })
}

test.each<[what: string, body: ReplyBody, taken: number]>([
  ['no body', null, 1],
  ['ASCII text', 'hello', 1],
  ['text in UTF-8', 'Grüße', 1],
  ['octets', Buffer.from('hello'), 1],
  ['JSON', { hello: 'world' }, 1],
])('a reply with %s is one write', async (_what, body, taken) => {
  const client = await serve(() => ({ body })).send(get('/'))
  expect(client.taken).toHaveLength(taken)
  expect(readReplies(client.received)).toHaveLength(1)
})

test('text is sent as UTF-8', async () => {
  const client = await serve(() => ({ body: 'Grüße, 世界' })).send(get('/'))
  const [reply] = readReplies(client.received)
  expect(Buffer.from(reply?.body ?? '', 'latin1').toString()).toBe('Grüße, 世界')
})

test.each<[what: string, body: () => ReplyBody]>([
  ['a node stream', () => Readable.from(['one', Buffer.from('two')])],
  ['a web stream', () => webStream('one', 'two')],
  ['an async iterable', () => generate('one', '', Buffer.from('two'))],
])('%s is sent in chunks, and the connection goes on (RFC 9112 §7.1)', async (_what, body) => {
  const client = await serve(() => ({ body: body() })).send(get('/1') + get('/2'))
  expect(readReplies(client.received)).toMatchObject([{ headers: { 'transfer-encoding': 'chunked' }, body: 'onetwo' }, { body: 'onetwo' }])
})

test('the head of a stream goes with its first chunk, and each chunk with its size, in one write', async () => {
  const [one, two] = ['1'.repeat(10_000), '2'.repeat(10_000)]
  const client = await serve(() => ({ body: generate(one, two) })).send(get('/'))
  expect(client.taken[0]).toMatch(/^HTTP\/1.1 200 OK\r\n.*\r\n\r\n2710\r\n1{10000}\r\n$/s)
  expect(client.taken.slice(1)).toEqual([`2710\r\n${two}\r\n`, '0\r\n\r\n'])
})

test('small chunks of a stream that come at once are one write with its head', async () => {
  const client = await serve(() => ({ body: generate('one', 'two') })).send(get('/'))
  expect(client.taken).toEqual([expect.stringMatching(/^HTTP\/1.1 200 OK\r\n.*\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n$/s)])
})

test('a few octets, of any value, are one write with the head', async () => {
  const octets = Uint8Array.from({ length: 300 }, (_, index) => index)
  const client = await serve(() => ({ body: octets.subarray(20) })).send(get('/'))
  expect(client.taken).toHaveLength(1)
  const [reply] = readReplies(client.received)
  expect(Buffer.from(reply!.body, 'latin1')).toEqual(Buffer.from(octets.subarray(20)))
})

test('the head of a stream does not wait for a first chunk that is not there', async () => {
  const client = await serve(() => ({ body: never() })).send(get('/'))
  expect(client.taken).toEqual([expect.stringMatching(/^HTTP\/1.1 200 OK\r\n/)])
})

test('replies to pipelined requests are one write', async () => {
  const client = await serve(() => ({ body: 'hello' })).send(get('/').repeat(3))
  expect(client.taken).toHaveLength(1)
  expect(readReplies(client.received)).toMatchObject([{ body: 'hello' }, { body: 'hello' }, { body: 'hello' }])
})

test('a broken stream cuts its own reply only: those before it are written first (RFC 9112 §9.3.2)', async () => {
  const client = await serve(({ target }) => ({ body: target === '/ok' ? 'hello' : broken() })).send(get('/ok') + get('/broken'))
  expect(client.received).toMatch(/hello/)
  expect(client.cut).toBe(true)
})

async function* never(): AsyncGenerator<string> {
  await new Promise(() => {})
  yield ''
}

async function* broken(): AsyncGenerator<string> {
  yield ''
  throw new Error('broken')
}

test('a stream whose content-length is known is sent as it is', async () => {
  const client = await serve(() => ({ headers: { 'content-length': 6 }, body: generate('one', 'two') })).send(get('/') + get('/'))
  expect(readReplies(client.received)).toMatchObject([{ headers: { 'content-length': '6' }, body: 'onetwo' }, { body: 'onetwo' }])
})

test('to HTTP/1.0 a stream ends with the connection (RFC 9112 §6.3)', async () => {
  const client = await serve(() => ({ body: generate('one', 'two') })).send(message('GET', '/', ['Connection: keep-alive'], '1.0'))
  expect(readReplies(client.received)).toMatchObject([{ headers: { connection: 'close' }, body: 'onetwo' }])
  expect(client.finished && !client.wasReset).toBe(true)
})

test.each([
  ['text', 'x'.repeat(1_000_000)],
  ['octets', Buffer.alloc(1_000_000, 'x')],
])('large %s is written in pieces, the next when the client has taken the last', async (_what, body) => {
  const client = serve(() => ({ body })).connect()
  client.hold()
  client.send(get('/'))
  await turn()
  let most = 0
  while (client.takeWrite()) {
    most = Math.max(most, client.writableLength)
    await turn()
  }
  expect(most).toBeLessThan(300_000)
  expect(client.taken.length).toBeGreaterThan(3)
  expect(readReplies(client.received)[0]?.body).toHaveLength(1_000_000)
})

test.each<[what: string, seconds: number, sizes: number[]]>([
  ['at once gets twice as much, up to 1 MiB', 0, [64, 128, 256, 512, 1024, 1024]],
  ['in its own time gets 64 KiB again', 0.5, [64, 64, 64, 64]],
])('a client that takes a piece %s', async (_what, seconds, sizes) => {
  const served = serve(() => ({ body: Buffer.alloc(10_000_000) }))
  const client = served.connect()
  client.hold()
  client.send(get('/'))
  await turn()
  for (let taken = 0; taken < sizes.length; taken += 1) {
    await served.pass(seconds)
    client.takeWrite()
    await turn()
  }
  expect(client.taken.map((piece) => Math.floor(piece.length / 1024))).toEqual(sizes)
})

test('a large body to a client that takes it at once is no matter of waiting', async () => {
  const client = await serve(() => ({ body: Buffer.alloc(1_000_000, 'x') })).send(get('/') + get('/'))
  expect(readReplies(client.received)).toHaveLength(2)
})

test('a client that does not read stops the app\'s stream', async () => {
  let given = 0
  async function* endless(): AsyncGenerator<string> {
    for (;;) {
      given += 1
      yield 'x'.repeat(10_000)
    }
  }
  const client = serve(() => ({ body: endless() })).connect()
  client.hold()
  client.send(get('/'))
  await turn()
  const before = given
  await turn()
  expect(given).toBe(before)
  expect(before).toBeLessThan(5)
  client.takeWrite()
  while (client.takeWrite()) continue
  await turn()
  expect(given).toBeGreaterThan(before)
})

test.each<[what: string, reply: () => HttpReply]>([
  ['in chunks', () => ({ body: failing() })],
  ['with a content-length', () => ({ headers: { 'content-length': '100' }, body: failing() })],
])('a stream that fails midway %s is cut, never ended as if it were whole (RFC 9112 §8)', async (_what, reply) => {
  const failed = listen('request.failed')
  const records = listen('request')
  const client = await serve(reply).send(get('/') + get('/never'))
  expect(client.received).toContain('some')
  expect(client.cut).toBe(true)
  expect(() => readReplies(client.received)).toThrow()
  expect(failed).toMatchObject([{ status: 200, error: { message: 'disk on fire' } }])
  expect(records).toMatchObject([{ status: 200, complete: false }])
})

async function* failing(): AsyncGenerator<string> {
  yield 'some'
  throw new Error('disk on fire')
}

test('to HTTP/1.0 a stream that fails midway is reset: the end of the connection would be a false end (RFC 9112 §8)', async () => {
  const client = await serve(() => ({ body: failing() })).send(message('GET', '/', [], '1.0'))
  expect(client.cut && client.wasReset).toBe(true)
})

test('a unix socket has no reset: it is just cut', async () => {
  const client = await serve(() => ({ body: failing() })).send(message('GET', '/', [], '1.0'), { address: null })
  expect(client.cut).toBe(true)
})

test('a stream that fails with what is no Error is cut as well', async () => {
  // oxlint-disable-next-line typescript/only-throw-error -- apps do.
  const body = new ReadableStream<Uint8Array>({ pull: () => { throw 'a string' } })
  const failed = listen('request.failed')
  const client = await serve(() => ({ body })).send(get('/'))
  expect(client.cut).toBe(true)
  expect(failed).toMatchObject([{ error: 'a string' }])
})

test('a piece that is neither text nor octets cuts the reply', async () => {
  const client = await serve(() => ({ body: generate('one', 5 as unknown as string) })).send(get('/'))
  expect(client.cut).toBe(true)
})

test.each([
  ['longer', 5, 'the body is longer than its content-length of 5'],
  ['shorter', 7, 'the body ended after 6 of 7 octets'],
])('a stream %s than its content-length is cut (RFC 9110 §8.6)', async (_what, length, text) => {
  const failed = listen('request.failed')
  const client = await serve(() => ({ headers: { 'content-length': length }, body: generate('one', 'two') })).send(get('/'))
  expect(client.cut).toBe(true)
  expect(client.received).not.toContain('onetwo'.slice(0, length + 1).padEnd(length + 1, '!'))
  expect(failed).toMatchObject([{ error: { name: 'LengthMismatch', message: text } }])
})

test('a whole body has its own length, whatever the app announced', async () => {
  const client = await serve(() => ({ headers: { 'content-length': 3 }, body: 'hello' })).send(get('/'))
  expect(readReplies(client.received)).toMatchObject([{ headers: { 'content-length': '5' }, body: 'hello' }])
})

test.each<[what: string, make: (gone: () => void) => ReplyBody]>([
  ['a node stream', (gone) => new Readable({ read: () => {}, destroy: (_error, done) => { gone(); done(null) } })],
  ['a web stream', (gone) => new ReadableStream({ cancel: gone })],
  ['a web stream that fails to cancel', (gone) => new ReadableStream({ cancel: () => { gone(); throw new Error('no') } })],
  ['an iterator', (gone) => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}), return: async () => gone() }) })],
])('%s is let go when the client goes, even while it is waited for', async (_what, make) => {
  let gone = 0
  const body = make(() => (gone += 1))
  const client = await serve(() => ({ body })).send(get('/'))
  expect(gone).toBe(0)
  client.reset()
  await turn()
  expect(gone).toBe(1)
})

test('an iterator that cannot be let go is left alone', async () => {
  const body = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) }
  const served = serve(() => ({ body }))
  const client = await served.send(get('/'))
  client.reset()
  await turn()
  expect(served.server.load()).toEqual({ connections: 0, requests: 0 })
})

test('a client that goes while a large body waits for it is no failure of the app', async () => {
  const failed = listen('request.failed')
  const client = serve(() => ({ body: 'x'.repeat(1_000_000) })).connect()
  client.hold()
  client.send(get('/'))
  await turn()
  client.reset()
  await turn()
  expect(failed).toEqual([])
})

/** A stream of `one`, and `two` when the test says so, and `three` when it says so again. */
function steps(): { body: AsyncIterable<string>; next(): void } {
  const [second, third] = [deferred<void>(), deferred<void>()]
  async function* pieces(): AsyncGenerator<string> {
    yield 'one'
    await second.promise
    yield 'two'
    await third.promise
    yield 'three'
  }
  const waiting = [second, third]
  return { body: pieces(), next: () => waiting.shift()?.resolve() }
}

test('a client found gone while a stream is written is cut', async () => {
  const failed = listen('request.failed')
  const records = listen('request')
  const { body, next } = steps()
  const client = await serve(() => ({ body })).send(get('/'))
  client.vanish()
  next()
  await turn()
  next()
  await turn()
  expect(client.cut).toBe(true)
  expect(records).toMatchObject([{ complete: false }])
  expect(failed).toEqual([])
})

test('a piece for a connection lost at this moment is no failure of the app', async () => {
  const failed = listen('request.failed')
  const records = listen('request')
  const { body, next } = steps()
  const client = await serve(() => ({ body })).send(get('/'))
  client.reset()
  next()
  await turn()
  expect(records).toMatchObject([{ complete: false }])
  expect(failed).toEqual([])
})
