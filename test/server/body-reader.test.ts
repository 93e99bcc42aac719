import { expect, test } from 'vitest'
import type { App, HttpRequest } from '../../src/app.ts'
import { type HttpError, TransportError } from '../../src/errors.ts'
import { deferred, get, listen, message, post, readReplies, serve, turn } from '../support/server-harness.ts'

const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n'
const readBody: App = async (request) => ({ body: await request.text() })
const ignoreBody: App = () => ({ body: 'no, thanks' })
const chunked = (body: string): string => `${message('POST', '/', ['Transfer-Encoding: chunked'])}${body}`

test.each([
  ['with Content-Length (RFC 9112 §6.2)', post('/', 'hello')],
  ['in chunks (RFC 9112 §7.1)', chunked('2\r\nhe\r\n3;name="value"\r\nllo\r\n0\r\ntrailer: dropped\r\n\r\n')],
])('a body %s is read, and the next request behind it', async (_how, request) => {
  const client = await serve(readBody).send(request + get('/'))
  expect(readReplies(client.received).map(({ body }) => body)).toEqual(['hello', ''])
})

test('a body that comes octet by octet is read', async () => {
  const client = serve(readBody).connect()
  for (const octet of chunked('5\r\nhello\r\n0\r\n\r\n')) {
    client.send(octet)
    await turn()
  }
  expect(readReplies(client.received).map(({ body }) => body)).toEqual(['hello'])
})

test('a body is streamed to the app as it comes, and not read ahead of it', async () => {
  const served = serve(async (request) => {
    const reader = request.body!.getReader()
    asking.resolve(() => reader.read())
    await ended.promise
    return { body: 'done' }
  })
  const asking = deferred<() => Promise<{ value?: Uint8Array | undefined; done: boolean }>>()
  const ended = deferred<void>()
  const client = await served.send(message('POST', '/', ['Content-Length: 9']))
  const read = await asking.promise
  client.send('one')
  await turn()
  expect(client.isPaused()).toBe(true)
  client.send('two')
  await turn()
  expect(client.readableLength).toBe(3)
  const texts: string[] = []
  for (let piece = await read(); texts.push(Buffer.from(piece.value!).toString()) < 2; piece = await read()) await turn()
  const third = read()
  await turn()
  expect(client.isPaused()).toBe(false)
  client.send('end')
  texts.push(Buffer.from((await third).value!).toString())
  expect(texts).toEqual(['one', 'two', 'end'])
  expect(await read()).toMatchObject({ done: true })
  ended.resolve()
  await turn()
  expect(readReplies(client.received)).toMatchObject([{ body: 'done', headers: { connection: 'keep-alive' } }])
})

/** Answers with the lengths of the pieces it was given, and with the status of the error that ended them. */
const tellPieces: App = async (request) => {
  const lengths: number[] = []
  try {
    for await (const piece of request.body!) lengths.push(piece.length)
  } catch (error) {
    lengths.push((error as HttpError).status)
  }
  return { body: lengths.join(' ') }
}

test.each([
  ['small chunks that came together are one piece', '1\r\nx\r\n'.repeat(3000) + '0\r\n\r\n', '3000'],
  ['and no more than that when the rest is wrong', '1\r\nx\r\n'.repeat(30) + 'wrong', '30 400'],
  ['a large chunk stays as it came', `400\r\n${'x'.repeat(1024)}\r\n1\r\nx\r\n0\r\n\r\n`, '1024 1'],
  ['what is joined has an end', `3e8\r\n${'x'.repeat(1000)}\r\n`.repeat(67) + '0\r\n\r\n', '66000 1000'],
])('the pieces of a body: %s', async (_what, body, pieces) => {
  const client = await serve(tellPieces).send(chunked(body))
  await turn()
  expect(readReplies(client.received)[0]!.body).toBe(pieces)
})

test('a body can be answered while it still comes', async () => {
  const client = await serve((request) => ({ body: request.body })).send(chunked('5\r\nhello\r\n'))
  expect(client.received).toContain('5\r\nhello\r\n')
  client.send('6\r\n world\r\n0\r\n\r\n')
  await turn()
  expect(readReplies(client.received)).toMatchObject([{ body: 'hello world', headers: { connection: 'keep-alive' } }])
})

test('100 (Continue) is sent when the app first asks for the body (RFC 9110 §10.1.1)', async () => {
  const begin = deferred<void>()
  const served = serve(async (request) => {
    await begin.promise
    return readBody(request)
  })
  const client = await served.send(message('POST', '/', ['Content-Length: 5', 'Expect: 100-continue']))
  expect(client.received).toBe('')
  begin.resolve()
  await turn()
  expect(client.received).toBe(CONTINUE)
  client.send('hel')
  await turn()
  client.send('lo')
  await turn()
  expect(readReplies(client.received).map(({ status }) => status)).toEqual([100, 200])
  expect(readReplies(client.received)[1]).toMatchObject({ body: 'hello', headers: { connection: 'keep-alive' } })
})

test('100 (Continue) is not sent when the body is already there (RFC 9110 §10.1.1)', async () => {
  const client = await serve(readBody).send(post('/', 'hello', 'Expect: 100-continue'))
  expect(readReplies(client.received)).toMatchObject([{ status: 200, body: 'hello' }])
})

test('100 (Continue) is never sent for an answer that did not want the body, and the connection closes (RFC 9110 §10.1.1)', async () => {
  let seen: HttpRequest | undefined
  const client = await serve((request) => {
    seen = request
    return ignoreBody(request)
  }).send(message('POST', '/', ['Content-Length: 5', 'Expect: 100-continue']))
  await expect(seen?.text()).rejects.toThrow(TransportError)
  expect(readReplies(client.received)).toMatchObject([{ status: 200, headers: { connection: 'close' } }])
  expect(client.finished).toBe(true)
})

test('100 (Continue) is not sent to HTTP/1.0 (RFC 9110 §10.1.1)', async () => {
  const client = await serve(readBody).send(message('POST', '/', ['Content-Length: 5', 'Expect: 100-continue'], '1.0'))
  expect(client.received).toBe('')
  client.send('hello')
  await turn()
  expect(readReplies(client.received)).toMatchObject([{ status: 200, body: 'hello' }])
})

test('a body nobody reads is dropped for the sake of the next request (RFC 9112 §9.3)', async () => {
  const client = await serve(ignoreBody).send(post('/', 'x'.repeat(1000)) + get('/next'))
  expect(readReplies(client.received)).toMatchObject([{ headers: { connection: 'keep-alive' } }, { body: 'no, thanks' }])
})

test('a body nobody reads is dropped as it comes, after the answer', async () => {
  const client = await serve(ignoreBody).send(message('POST', '/', ['Content-Length: 10']) + 'half')
  expect(readReplies(client.received)).toHaveLength(1)
  client.send(`-there${get('/next')}`)
  await turn()
  expect(readReplies(client.received)).toHaveLength(2)
})

test('a body larger than max_discard is not read to its end: the answer says close', async () => {
  const served = serve(ignoreBody, { max_discard: 100 })
  const fits = await served.send(post('/', 'x'.repeat(100)) + get('/'))
  const tooLarge = await served.send(post('/', 'x'.repeat(101)) + get('/'))
  expect(readReplies(fits.received)).toHaveLength(2)
  expect(readReplies(tooLarge.received)).toMatchObject([{ headers: { connection: 'close' } }])
  expect(tooLarge.finished).toBe(true)
})

test('what the app has read does not count against max_discard', async () => {
  const served = serve(
    async (request) => {
      await request.body!.getReader().read()
      return { body: 'enough' }
    },
    { max_discard: 100 },
  )
  const client = await served.send(message('POST', '/', ['Content-Length: 300']) + 'x'.repeat(200))
  expect(readReplies(client.received)).toMatchObject([{ headers: { connection: 'keep-alive' } }])
})

test('chunks beyond max_discard end the connection behind the answer', async () => {
  const client = await serve(ignoreBody, { max_discard: 100 }).send(chunked(`65\r\n${'x'.repeat(101)}\r\n`))
  expect(readReplies(client.received)).toHaveLength(1)
  expect(client.finished).toBe(true)
})

test('a dropped body that is malformed ends the connection behind the answer', async () => {
  const client = await serve(ignoreBody).send(chunked('oops\r\n'))
  expect(readReplies(client.received)).toMatchObject([{ status: 200 }])
  expect(client.finished).toBe(true)
})

test('an app that reads after its answer is told that it is too late', async () => {
  let seen: HttpRequest | undefined
  await serve((request) => {
    seen = request
    return ignoreBody(request)
  }).send(message('POST', '/', ['Content-Length: 10']))
  await expect(seen?.bytes()).rejects.toThrow('the request is answered; its body is not read any more')
})

test('a malformed chunk is 400 for the app that reads it, and ends the connection (RFC 9112 §7.1)', async () => {
  const client = await serve(readBody).send(chunked('2\r\nhe\r\nx\r\n'))
  expect(readReplies(client.received)).toMatchObject([{ status: 400, headers: { connection: 'close' } }])
  expect(client.finished).toBe(true)
})

test('a malformed chunk that comes while the app waits is 400 as well (RFC 9112 §7.1)', async () => {
  const client = await serve(readBody).send(chunked('2\r\nhe\r\n'))
  client.send('x\r\n')
  await turn()
  expect(readReplies(client.received)).toMatchObject([{ status: 400, headers: { connection: 'close' } }])
})

async function* forgive(request: HttpRequest): AsyncGenerator<string> {
  yield await request.text().catch(() => 'forgiven')
}

test('a malformed chunk found by a reply that had begun ends the connection behind it', async () => {
  const client = await serve((request) => ({ body: forgive(request) })).send(chunked('x') + get('/smuggled'))
  expect(readReplies(client.received)).toMatchObject([{ body: 'forgiven' }])
  expect(client.finished).toBe(true)
})

test('a client that goes after its body was read leaves the body as it was', async () => {
  const answer = deferred<void>()
  let text: string | undefined
  const served = serve(async (request) => {
    text = await request.text()
    await answer.promise
    return {}
  })
  const client = await served.send(post('/', 'hello'))
  client.reset()
  await turn()
  answer.resolve()
  await turn()
  expect(text).toBe('hello')
  expect(served.server.load()).toEqual({ connections: 0, requests: 0 })
})

test('an app that forgives a malformed chunk answers, and the connection ends (RFC 9112 §6.3)', async () => {
  const client = await serve(async (request) => {
    await request.text().catch(() => '')
    return { body: 'never mind' }
  }).send(chunked('x') + get('/smuggled'))
  expect(readReplies(client.received)).toMatchObject([{ body: 'never mind', headers: { connection: 'close' } }])
  expect(client.finished).toBe(true)
})

test('a body beyond max_body_size is 413', async () => {
  const served = serve(readBody, { max_body_size: 4 })
  const announced = await served.send(post('/', 'hello'))
  const inChunks = await served.send(chunked('5\r\nhello\r\n0\r\n\r\n'))
  expect(readReplies(announced.received)).toMatchObject([{ status: 413 }])
  expect(readReplies(inChunks.received)).toMatchObject([{ status: 413, headers: { connection: 'close' } }])
})

test('a body read whole beyond max_buffered_body is 413, without a 100 (Continue) before it', async () => {
  const client = await serve(readBody, { max_buffered_body: 4 }).send(message('POST', '/', ['Content-Length: 5', 'Expect: 100-continue']))
  expect(readReplies(client.received)).toMatchObject([{ status: 413, headers: { connection: 'close' } }])
})

test('a client that closes its half inside the body is told 400, and so is the app (RFC 9112 §8)', async () => {
  const client = await serve(readBody).send(message('POST', '/', ['Content-Length: 10']) + 'half')
  client.sendEnd()
  await turn()
  expect(readReplies(client.received)).toMatchObject([{ status: 400, headers: { connection: 'close' } }])
  expect(readReplies(client.received)[0]?.body).toContain('the connection ended inside the body')
})

test('a body that ended early is found out when the app reads it later', async () => {
  const begin = deferred<void>()
  const served = serve(async (request) => {
    await begin.promise
    return readBody(request)
  })
  const client = await served.send(message('POST', '/', ['Content-Length: 10']) + 'half')
  client.sendEnd()
  await turn()
  begin.resolve()
  await turn()
  expect(readReplies(client.received)).toMatchObject([{ status: 400 }])
})

test('a client that closes its half inside a body nobody reads gets its answer and the end', async () => {
  const client = await serve(ignoreBody).send(message('POST', '/', ['Content-Length: 10']) + 'half')
  client.sendEnd()
  await turn()
  expect(readReplies(client.received)).toMatchObject([{ status: 200 }])
  expect(client.finished).toBe(true)
})

test('a client that is gone inside the body is the app\'s to see, and is never answered', async () => {
  const records = listen('request')
  let failure: unknown
  const served = serve(async (request) => {
    failure = await request.text().catch((error: unknown) => error)
    return {}
  })
  const client = await served.send(message('POST', '/', ['Content-Length: 10']) + 'half')
  client.reset()
  await turn()
  expect(failure).toBeInstanceOf(TransportError)
  expect(client.received).toBe('')
  expect(records).toMatchObject([{ complete: false }])
})

test('100 (Continue) is not sent inside an answer that has begun (RFC 9110 §15.2)', async () => {
  const client = await serve((request) => ({ body: request.body })).send(message('POST', '/', ['Content-Length: 5', 'Expect: 100-continue']))
  await turn()
  client.send('hello')
  await turn()
  const replies = readReplies(client.received)
  expect(replies.at(-1)).toMatchObject({ status: 200, body: 'hello' })
  expect(client.received.indexOf('100 Continue')).toBeLessThan(client.received.indexOf('200 OK'))
})
