import { type EventEmitter, once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { finished, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { HttpReply, HttpRequest } from '../../src/app.ts'
import { nodeFactory } from '../../src/compose/node-app.ts'
import { ConfigError, HttpError } from '../../src/errors.ts'
import { type Events, subscribe } from '../../src/events.ts'
import { makeRequest } from '../support/make-request.ts'
import { deferred, turn } from '../support/server-harness.ts'
import { exporting, mount } from '../support/side-by-side.ts'

type Handler = (req: IncomingMessage, res: ServerResponse) => unknown

/** The reply to `request` of a handler mounted at the root. */
async function answer(handler: Handler, request: HttpRequest = makeRequest()): Promise<HttpReply> {
  return (await mount(nodeFactory, handler))(request)
}


/** What the handler sees of its request before it answers. */
async function seen<T>(look: (req: IncomingMessage) => T, request?: HttpRequest, conf: Record<string, string> = {}): Promise<T> {
  const found: T[] = []
  const app = await mount(nodeFactory, (req: IncomingMessage, res: ServerResponse) => {
    found.push(look(req))
    res.end()
  }, conf)
  await app(request ?? makeRequest())
  return found[0]!
}

function headOf(req: IncomingMessage): unknown {
  return [req.method, req.url, req.httpVersion, req.httpVersionMajor, req.httpVersionMinor, req.headers, req.rawHeaders, req.headersDistinct['x-a']]
}

function peers({ socket }: IncomingMessage): unknown {
  return [socket.remoteAddress, socket.remotePort, socket.remoteFamily, socket.localAddress, socket.localPort, Reflect.get(socket, 'encrypted')]
}

function certificate({ socket }: IncomingMessage): unknown {
  return [Reflect.get(socket, 'authorized'), (socket as unknown as { getPeerCertificate(): unknown }).getPeerCertificate()]
}

function urls(req: IncomingMessage): unknown {
  const { url, baseUrl, originalUrl } = req as IncomingMessage & { baseUrl?: string; originalUrl?: string }
  return { url, baseUrl, originalUrl }
}

/** Asks for more while it is given something. */
function askTwice(req: IncomingMessage, res: ServerResponse): void {
  const push = req.push.bind(req)
  req.push = (piece: unknown) => {
    const room = push(piece)
    req.socket.resume()
    return room
  }
  req.once('readable', () => {
    req.push = push
    req.on('end', () => res.end('read')).resume()
  })
}

function upload(...pieces: string[]): HttpRequest {
  return makeRequest({ method: 'POST', body: ReadableStream.from(pieces.map((piece) => Buffer.from(piece))) as ReadableStream<Uint8Array> })
}

async function textOf({ body }: HttpReply): Promise<string> {
  let text = ''
  for await (const piece of body as AsyncIterable<Uint8Array | string>) text += Buffer.from(piece as string).toString()
  return text
}

/** Which of these events came, in their order. */
function record(names: Record<string, [emitter: EventEmitter, event: string]>): string[] {
  const heard: string[] = []
  for (const [name, [emitter, event]] of Object.entries(names)) emitter.on(event, () => heard.push(name))
  return heard
}

function ends(req: IncomingMessage, res: ServerResponse): Record<string, [EventEmitter, string]> {
  return {
    'req aborted': [req, 'aborted'], 'req end': [req, 'end'], 'req close': [req, 'close'],
    'res finish': [res, 'finish'], 'res close': [res, 'close'], 'socket close': [req.socket, 'close'],
  }
}

describe('the request of a node:http handler', () => {
  test('has method, URL, version and fields', async () => {
    const request = makeRequest({ method: 'PATCH', rawPathInfo: '/a%2Fb', queryString: 'q=1', headers: { cookie: 'a=1; b=2', 'x-a': 'b' }, httpVersion: '1.0' })
    expect(await seen(headOf, request)).toEqual([
      'PATCH', '/a%2Fb?q=1', '1.0', 1, 0, { cookie: 'a=1; b=2', 'x-a': 'b' }, ['cookie', 'a=1; b=2', 'x-a', 'b'], ['b'],
    ])
  })

  test('has the Host that the request is for', async () => {
    expect(await seen(({ headers }) => headers.host, makeRequest({ headers: { host: 'inner' }, host: 'public.example' }))).toBe('public.example')
    expect(await seen(({ headers }) => headers.host, makeRequest({ headers: { host: '' }, host: '' }))).toBe('')
  })

  test.each([
    ['/v2/users', '/users'],
    ['/v2', '/'],
  ])('for %s at the mount point /v2 is for %s, and tells the rest as Express does', async (rawPathInfo, url) => {
    const request = makeRequest({ rawPathInfo, target: `${rawPathInfo}?q=1`, queryString: 'q=1' })
    expect(await seen(urls, request, { at: '/v2' })).toEqual({ url: `${url}?q=1`, baseUrl: '/v2', originalUrl: `${rawPathInfo}?q=1` })
  })

  test('in absolute form has the path as its original URL', async () => {
    const request = makeRequest({ rawPathInfo: '/v2/users', target: 'http://api.example/v2/users' })
    expect(await seen(urls, request, { at: '/v2' })).toEqual({ url: '/users', baseUrl: '/v2', originalUrl: '/v2/users' })
  })

  test('is for the whole URL when strip_mount is false', async () => {
    const request = makeRequest({ rawPathInfo: '/v2/users' })
    expect(await seen(urls, request, { at: '/v2', strip_mount: 'false' })).toEqual({ url: '/v2/users', baseUrl: undefined, originalUrl: undefined })
  })

  test('at the root is for its URL alone', async () => {
    expect(await seen(urls)).toEqual({ url: '/', baseUrl: undefined, originalUrl: undefined })
  })

  test.each<[string, (req: IncomingMessage) => unknown]>([
    ['data events', (req) => new Promise((resolve) => {
      const pieces: string[] = []
      req.setEncoding('utf8').on('data', (piece) => pieces.push(piece)).on('end', () => resolve(pieces.join('')))
    })],
    ['for await', async (req) => {
      let text = ''
      for await (const piece of req) text += piece
      return text
    }],
    ['readable events', (req) => new Promise((resolve) => {
      let text = ''
      req.on('readable', () => {
        for (let piece = req.read(); piece !== null; piece = req.read()) text += piece
      }).on('end', () => resolve(text))
    })],
  ])('gives its body by %s', async (_how, read) => {
    const handler: Handler = async (req, res) => {
      const text = await read(req)
      res.end(`${String(text)} ${req.complete}`)
    }
    expect(await answer(handler, upload('one ', 'two ', 'three'))).toMatchObject({ body: 'one two three true' })
  })

  test('reads no more of its body than has room', async () => {
    let pulled = 0
    const pull = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
      pulled += 1
      controller.enqueue(Buffer.alloc(100_000))
    }
    const body = new ReadableStream<Uint8Array>({ pull }, { highWaterMark: 0 })
    const requests: IncomingMessage[] = []
    const answered = answer((req) => void requests.push(req), makeRequest({ method: 'POST', body }))
    await turn()
    expect(pulled).toBe(0)
    const [req] = requests as [IncomingMessage]
    req.read()
    await turn()
    expect(pulled).toBe(1)
    expect(req.read()).toHaveLength(100_000)
    await turn()
    expect(pulled).toBe(2)
    req.destroy()
    await expect(answered).rejects.toThrow('destroyed')
  })

  test('that asks again while it is given a piece gets the next one', async () => {
    const pieces = [Buffer.alloc(100_000), Buffer.alloc(100_000)]
    const body = ReadableStream.from(pieces) as ReadableStream<Uint8Array>
    expect(await answer(askTwice, makeRequest({ method: 'POST', body }))).toMatchObject({ body: 'read' })
  })

  test('has a socket that tells about the client', async () => {
    const request = makeRequest({ client: { address: '2001:db8::1', port: 4711 }, scheme: 'https', server: { ...makeRequest().server, address: '192.0.2.1', port: 8774 } })
    expect(await seen(peers, request)).toEqual(['2001:db8::1', 4711, 'IPv6', '192.0.2.1', 8774, true])
    const unix = { address: 'unix', port: 0 }
    const local = { ...makeRequest().server, address: '/run/api.sock', port: 0 }
    expect(await seen(peers, makeRequest({ client: unix, server: local }))).toEqual([undefined, undefined, undefined, undefined, undefined, false])
  })

  test('has a socket that tells about the certificate', async () => {
    const tls = { protocol: 'TLSv1.3', cipher: 'x', authorized: true, clientSubject: { CN: 'me' } }
    expect(await seen(certificate, makeRequest({ tls }))).toEqual([true, { subject: { CN: 'me' } }])
    expect(await seen(certificate, makeRequest({ tls: { ...tls, authorized: false, clientSubject: null } }))).toEqual([false, {}])
    expect(await seen(certificate)).toEqual([false, {}])
  })

  test('has a socket whose settings change nothing', async () => {
    expect(await seen((req) => req.setTimeout(1).socket.setNoDelay(true).setKeepAlive(true).setTimeout(1).pause() === req.socket)).toBe(true)
  })
})

describe('the reply of a node:http handler', () => {
  test('is there at once when it ends at once', async () => {
    const app = await nodeFactory(exporting((_req: unknown, res: ServerResponse) => res.end('text')), {}, { handler: 'a:b' })
    expect(app(makeRequest())).toEqual({ status: 200, headers: { 'content-length': '4', 'content-type': [] }, body: 'text' })
  })

  test.each<[string, Handler]>([
    ['setHeader', (_req, res) => res.setHeader('X-A', '1').setHeader('Set-Cookie', ['a=1', 'b=2', 'c=3']).end()],
    ['appendHeader', (_req, res) => res.appendHeader('X-A', '1').appendHeader('Set-Cookie', 'a=1').appendHeader('Set-Cookie', ['b=2', 'c=3']).end()],
    ['setHeaders', (_req, res) => res.setHeaders(new Map<string, string | string[]>([['x-a', '1'], ['set-cookie', ['a=1', 'b=2', 'c=3']]])).end()],
    ['writeHead with an object', (_req, res) => res.writeHead(200, { 'X-A': 1, 'Set-Cookie': ['a=1', 'b=2', 'c=3'] }).end()],
    ['writeHead with a phrase and an object', (_req, res) => res.writeHead(200, 'OK', { 'x-a': 1, 'set-cookie': ['a=1', 'b=2', 'c=3'] }).end()],
    ['writeHead with a list', (_req, res) => res.writeHead(200, ['x-a', '1', 'set-cookie', 'a=1', 'set-cookie', 'b=2', 'set-cookie', 'c=3']).end()],
    ['both', (_req, res) => res.setHeader('x-a', 0).writeHead(200, { 'x-a': '1', 'set-cookie': ['a=1', 'b=2', 'c=3'] }).end()],
  ])('has the fields given by %s', async (_how, handler) => {
    const { 'content-length': _length, ...headers } = (await answer(handler)).headers!
    expect(headers).toEqual({ 'x-a': '1', 'set-cookie': ['a=1', 'b=2', 'c=3'] })
  })

  test('has a field whatever its name is, or none', async () => {
    const { headers } = await answer((_req, res) => res.writeHead(200, ['constructor', '1', 'tostring', '2', 'tostring', '3', '__proto__', '4']).end())
    expect(Object.entries(headers!)).toEqual([['constructor', '1'], ['tostring', ['2', '3']]])
    expect(Object.getPrototypeOf(headers)).toBe(Object.prototype)
  })

  test('has a reason phrase of its own', async () => {
    expect(await answer((_req, res) => res.writeHead(404, 'Gone Fishing').end())).toMatchObject({ status: 404, statusText: 'Gone Fishing' })
    expect(await answer((_req, res) => Object.assign(res, { statusCode: 201, statusMessage: 'Made' }).end())).toMatchObject({ status: 201, statusText: 'Made' })
  })

  test('has no say about the connection, but that it is to close', async () => {
    const fields = { connection: 'keep-alive', 'keep-alive': 'timeout=1', 'transfer-encoding': 'chunked', trailer: 'x-t' }
    const chunked: Handler = (_req, res) => {
      res.writeHead(200, fields)
      res.write('framed')
      res.addTrailers({ 'x-t': '1' })
      res.end()
    }
    expect(await answer(chunked)).toEqual({ status: 200, headers: { 'content-type': [] }, body: 'framed' })
    expect((await answer((_req, res) => res.setHeader('connection', 'close').end())).headers).toEqual({ connection: 'close', 'content-length': '0' })
  })

  test.each<[string, Handler, unknown]>([
    ['text', (_req, res) => res.end('é'), 'é'],
    ['text of another encoding', (_req, res) => res.end('e9', 'hex'), Buffer.from([0xe9])],
    ['octets', (_req, res) => res.end(Buffer.from('é')), Buffer.from('é')],
    ['several pieces', (_req, res) => void [res.write('a'), res.write(Buffer.from('b')), res.write('c', 'utf-8'), res.end()], Buffer.from('abc')],
    ['much text', (_req, res) => res.end('x'.repeat(1_000_000)), 'x'.repeat(1_000_000)],
    ['nothing', (_req, res) => res.end(), null],
    ['an empty text', (_req, res) => res.end(''), null],
  ])('that ends in the same tick is whole: %s', async (_what, handler, body) => {
    expect((await answer(handler)).body).toEqual(body)
  })

  test('is a stream when it goes on', async () => {
    const reply = await answer(async (_req, res) => {
      res.write('one ')
      await turn()
      res.write('two ')
      res.end('three')
    })
    expect(reply.headers).toEqual({ 'content-type': [] })
    expect(await textOf(reply)).toBe('one two three')
  })

  test('begins with its fields when they are flushed', async () => {
    const responses: ServerResponse[] = []
    const reply = await answer((_req, res) => {
      responses.push(res)
      res.setHeader('x-a', '1').flushHeaders()
    })
    expect(reply.headers).toEqual({ 'x-a': '1', 'content-type': [] })
    responses[0]!.end('late')
    expect(await textOf(reply)).toBe('late')
  })

  test('is piped', async () => {
    const pieces = Array.from({ length: 50 }, (_, index) => String(index).repeat(5000))
    expect(await textOf(await answer((_req, res) => Readable.from(pieces).pipe(res)))).toBe(pieces.join(''))
    expect(await textOf(await answer((_req, res) => pipeline(Readable.from(pieces), res)))).toBe(pieces.join(''))
  })

  test('tells its writer to wait when nobody reads, and when to go on', async () => {
    const responses: ServerResponse[] = []
    const drained = vi.fn()
    const reply = await answer((_req, res) => {
      responses.push(res)
      res.on('drain', drained).write('x')
    })
    const [res] = responses as [ServerResponse]
    const written = vi.fn()
    expect(res.write('y'.repeat(100_000), written)).toBe(false)
    await turn()
    expect([res.writableNeedDrain, drained.mock.calls.length, written.mock.calls.length]).toEqual([true, 0, 0])
    const body = (reply.body as AsyncIterable<string>)[Symbol.asyncIterator]()
    expect(await body.next()).toMatchObject({ value: 'x' })
    expect(drained).not.toHaveBeenCalled()
    expect((await body.next()).value).toHaveLength(100_000)
    await turn()
    expect([res.writableNeedDrain, drained.mock.calls.length, written.mock.calls.length]).toEqual([false, 1, 1])
    const last = body.next()
    await new Promise<void>((resolve) => void res.write('', () => resolve()))
    res.end()
    expect(await last).toEqual({ done: true, value: undefined })
  })

  test('tells its writer to wait also before anybody could read', async () => {
    const wrote: boolean[] = []
    const reply = await answer((_req, res) => {
      for (let index = 0; index < 4; index += 1) wrote.push(res.write('x'.repeat(50_000)))
      res.end()
    })
    expect(wrote).toEqual([true, true, false, false].map((_, index) => index < wrote.indexOf(false)))
    expect(wrote).toContain(false)
    expect(await textOf(reply)).toHaveLength(200_000)
  })

  test.each([['HEAD', 200], ['GET', 204], ['GET', 304]])('to %s with %d has no body, whatever is written', async (method, status) => {
    const reply = await answer((_req, res) => {
      res.writeHead(status, { etag: '"x"' })
      res.write('ignored')
      res.end('ignored')
    }, makeRequest({ method }))
    expect(reply).toEqual({ status, headers: { etag: '"x"' }, body: null })
  })

  test('to HEAD is there before its handler has ended it', async () => {
    const heard: string[][] = []
    const reply = await answer(async (req, res) => {
      heard.push(record(ends(req, res)))
      res.setHeader('content-length', 10).flushHeaders()
      await turn()
      res.end('0123456789')
    }, makeRequest({ method: 'HEAD' }))
    expect(reply).toEqual({ status: 200, headers: { 'content-length': '10' }, body: null })
    await turn()
    await turn()
    expect(heard[0]).toEqual(expect.arrayContaining(['res finish', 'res close', 'req end', 'req close']))
  })

  test('can be ended only once', async () => {
    const errors: unknown[] = []
    const reply = await answer((_req, res) => {
      res.on('error', (error) => errors.push(error))
      res.end('first').end('second', (error?: Error) => errors.push(error))
      expect(() => res.setHeader('x-a', '1')).toThrow(/after they are sent/)
      expect(() => res.writeHead(200)).toThrow(/after they are sent/)
      res.write('third')
    })
    expect(reply.body).toBe('first')
    await turn()
    expect(new Set(errors.map((error) => (error as NodeJS.ErrnoException).code))).toEqual(new Set(['ERR_STREAM_WRITE_AFTER_END']))
  })

  test('is not preceded by interim replies, which are the server\'s', async () => {
    const done = vi.fn()
    const reply = await answer((_req, res) => {
      res.writeContinue(done)
      res.writeProcessing()
      res.writeEarlyHints({ link: '</a.css>; rel=preload' }, done)
      res.end('text')
    })
    expect(reply).toMatchObject({ status: 200, body: 'text' })
    await turn()
    expect(done).toHaveBeenCalledTimes(2)
  })

  test.each(['HTTP/1.1 101 Switching Protocols\r\n\r\n', Buffer.from('HTTP/1.1 200 OK\r\n\r\n')])('cannot be written to the socket: %s', async (text) => {
    await expect(answer((_req, res) => res.socket!.write(text))).rejects.toThrow('there is no connection behind this socket')
  })

  test('keeps what its prototype was changed to', async () => {
    const reply = await answer((_req, res) => {
      const prototype = Object.create(Object.getPrototypeOf(res) as object) as object
      Object.setPrototypeOf(res, Object.assign(prototype, { hello(this: ServerResponse) { this.end('hello') } }))
      ;(res as unknown as { hello(): void }).hello()
    })
    expect(reply.body).toBe('hello')
  })
})

describe('the end of both', () => {
  test('is told in the order of node:http when the reply is whole', async () => {
    const heard: string[][] = []
    await answer((req, res) => {
      heard.push(record(ends(req, res)))
      res.end('text')
    })
    await turn()
    expect(heard[0]!.filter((event) => event.startsWith('res'))).toEqual(['res finish', 'res close'])
    expect(heard[0]!.filter((event) => event.startsWith('req'))).toEqual(['req end', 'req close'])
  })

  test('is told in that order when the reply is a stream, once all of it is taken', async () => {
    const heard: string[][] = []
    const reply = await answer(async (req, res) => {
      heard.push(record(ends(req, res)))
      res.write('a')
      await turn()
      res.end('b')
    })
    await turn()
    expect(heard[0]).toEqual([])
    await textOf(reply)
    await turn()
    expect(heard[0]!.filter((event) => event.startsWith('res'))).toEqual(['res finish', 'res close'])
  })

  test('of an unread body is its end', async () => {
    const requests: [IncomingMessage, string[]][] = []
    await answer((req, res) => {
      requests.push([req, record(ends(req, res))])
      res.end()
    }, upload('never read'))
    await turn()
    const [[req, heard]] = requests as [[IncomingMessage, string[]]]
    expect([req.complete, heard.filter((event) => event.startsWith('req'))]).toEqual([true, ['req end', 'req close']])
  })

  test('of a body that was half read closes it', async () => {
    const heard: string[][] = []
    await answer(async (req, res) => {
      heard.push(record(ends(req, res)))
      await once(req, 'readable')
      res.end()
    }, makeRequest({ method: 'POST', body: new ReadableStream({ pull: (controller) => controller.enqueue(Buffer.alloc(100_000)) }) }))
    await turn()
    expect(heard[0]!.filter((event) => event.startsWith('req'))).toEqual(['req aborted', 'req close'])
  })

  test('comes when the client goes', async () => {
    const heard: string[][] = []
    const errors: unknown[] = []
    const controller = new AbortController()
    const answered = answer((req, res) => {
      heard.push(record(ends(req, res)))
      req.on('error', (error) => errors.push(error))
      finished(res, (error) => errors.push(error))
    }, makeRequest({ method: 'POST', body: new ReadableStream(), signal: controller.signal }))
    await turn()
    controller.abort(new Error('the client has gone'))
    await expect(answered).rejects.toThrow('the client has gone')
    await turn()
    expect(heard[0]!.toSorted()).toEqual(['req aborted', 'req close', 'res close', 'socket close'])
    expect(errors).toEqual(expect.arrayContaining([expect.objectContaining({ code: 'ECONNRESET' }), expect.objectContaining({ code: 'ERR_STREAM_PREMATURE_CLOSE' })]))
  })

  test('comes at once when the client had gone before', async () => {
    const closed = vi.fn()
    const request = makeRequest({ signal: AbortSignal.abort(new Error('gone')) })
    await expect(answer((_req, res) => void res.on('close', closed), request)).rejects.toThrow('gone')
    await turn()
    expect(closed).toHaveBeenCalledOnce()
  })

  test('comes when the client goes while it reads', async () => {
    const heard: string[][] = []
    const reply = await answer((req, res) => {
      heard.push(record(ends(req, res)))
      res.write('begun')
    })
    for await (const piece of reply.body as AsyncIterable<string>) {
      expect(piece).toBe('begun')
      break
    }
    await turn()
    expect(heard[0]).toEqual(expect.arrayContaining(['res close', 'req close']))
    expect(heard[0]).not.toContain('res finish')
  })

  test('is an error for the reader when the handler destroys its reply', async () => {
    const waiting = await answer(async (_req, res) => {
      res.write('begun')
      await turn()
      res.destroy(new Error('out of paper'))
    })
    await expect(textOf(waiting)).rejects.toThrow('out of paper')
    const responses: ServerResponse[] = []
    const later = await answer((_req, res) => {
      responses.push(res)
      res.write('begun')
    })
    responses[0]!.destroy().destroy()
    await expect(textOf(later)).rejects.toThrow('the handler has destroyed its connection')
  })

  test('is an error when the handler destroys what it has not answered', async () => {
    await expect(answer((req) => req.destroy())).rejects.toThrow('the handler has destroyed its connection')
    await expect(answer((_req, res) => res.socket!.destroy(new Error('no more')))).rejects.toThrow('no more')
    await expect(answer((req) => req.socket.destroy().destroy())).rejects.toThrow('the handler has destroyed its connection')
  })
})

describe('an error', () => {
  test('that is thrown is the app\'s', async () => {
    await expect(answer(() => { throw new Error('thrown') })).rejects.toThrow('thrown')
    await expect(answer(() => Promise.reject(new Error('rejected')))).rejects.toThrow('rejected')
    await expect(answer(async () => { await turn(); throw new Error('later') })).rejects.toThrow('later')
  })

  test('need not be an Error', async () => {
    await expect(answer(() => Promise.reject('text'))).rejects.toBe('text')
  })

  test('in a reply that has begun breaks it off', async () => {
    const reply = await answer(async (_req, res) => {
      res.write('begun')
      await turn()
      throw new Error('too late')
    })
    await expect(textOf(reply)).rejects.toThrow('too late')
  })

  test('behind the reply is told to who listens', async () => {
    const told: Events['request.failed'][] = []
    onTestFinished(subscribe('request.failed', (event) => void told.push(event)))
    const reply = await answer(async (_req, res) => {
      res.end('fine')
      throw new Error('behind')
    })
    expect(reply.body).toBe('fine')
    await turn()
    expect(told).toMatchObject([{ api: 'compute', method: 'GET', target: '/', status: 200, error: { message: 'behind' } }])
  })

  test('of the request\'s body is answered as the server says', async () => {
    const heard: string[][] = []
    const body = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new HttpError(413, 'the body is too large')) })
    const answered = answer((req, res) => {
      heard.push(record(ends(req, res)))
      req.resume()
    }, makeRequest({ method: 'POST', body }))
    await expect(answered).rejects.toMatchObject({ status: 413 })
    await turn()
    expect(heard[0]).toEqual(expect.arrayContaining(['req aborted', 'req close', 'res close']))
  })

  test('of the request\'s body behind the end of the reply leaves that alone', async () => {
    const heard: string[][] = []
    const failing = deferred<never>()
    const body = new ReadableStream<Uint8Array>({ pull: () => failing.promise })
    const reply = await answer((req, res) => {
      heard.push(record(ends(req, res)))
      req.resume()
      res.write('begun')
      setImmediate(() => res.end(' and ended'))
    }, makeRequest({ method: 'POST', body }))
    await turn()
    failing.reject(new Error('not read any more'))
    await turn()
    expect(await textOf(reply)).toBe('begun and ended')
    await turn()
    expect(heard[0]).toEqual(['res finish', 'req aborted', 'res close', 'socket close', 'req close'])
  })
})

describe('the handler', () => {
  test('may be an instance of Koa or what looks like one', async () => {
    const app = { callback: () => (_req: unknown, res: ServerResponse) => res.end('called') }
    expect(await (await mount(nodeFactory, app))(makeRequest())).toMatchObject({ body: 'called' })
  })

  test('may be an instance of Fastify, or what looks like one, and is ready first', async () => {
    const steps: string[] = []
    const app = {
      ready: async () => void steps.push('ready'),
      routing(_req: unknown, res: ServerResponse) {
        steps.push('routing')
        res.end()
      },
    }
    await (await mount(nodeFactory, app))(makeRequest())
    expect(steps).toEqual(['ready', 'routing'])
    await expect(mount(nodeFactory, { ...app, ready: () => Promise.reject(new Error('no database')) })).rejects.toThrow('no database')
  })

  test.each([7, undefined, { ready() {} }, { routing() {} }])('cannot be %j', async (exported) => {
    await expect(mount(nodeFactory, exported)).rejects.toThrow(/^handler: is .* expected a function of req and res, or an app of Express, Koa or Fastify/)
  })

  test('must be named', async () => {
    await expect(nodeFactory(exporting(() => undefined), {}, {})).rejects.toThrow(ConfigError)
  })
})
