import { EventEmitter, once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { App, Conf, HttpReply } from '../../src/app.ts'
import { lintApp } from '../../src/compose/lint.ts'
import { proxyFactory } from '../../src/compose/proxy.ts'
import { HttpError, TransportError } from '../../src/errors.ts'
import { TestAuthority } from '../server/certificates.ts'
import { PEER } from '../../src/middleware/peer.ts'
import { makeRequest } from '../support/make-request.ts'

type Overrides = NonNullable<Parameters<typeof makeRequest>[0]>

const trusting = { name: 'compute', address: '192.0.2.1', port: 8774, stopping: false, trusts: () => true }

/** A server on a free port, or a socket, that is gone when the test ends. */
async function listen<T extends Server | ReturnType<typeof createTcpServer>>(server: T, path?: string): Promise<T> {
  const sockets = new Set<Socket>()
  server.on(server.listenerCount('secureConnection') > 0 ? 'secureConnection' : 'connection', (socket: Socket) => sockets.add(socket.on('error', () => undefined)))
  await once(path === undefined ? server.listen(0, '127.0.0.1') : server.listen(path), 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return server
}

async function upstream(answer: RequestListener): Promise<string> {
  const server = await listen(createServer(answer))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function proxy(conf: Conf, globalConf: Conf = {}): Promise<App> {
  return lintApp(await proxyFactory(globalConf, conf))
}

/** What an upstream has got from the proxy. */
async function received(conf: Conf, overrides: Overrides, path = ''): Promise<IncomingMessage & { content: string }> {
  let got: (IncomingMessage & { content: string }) | undefined
  const address = await upstream((message, response) => {
    void text(message).then((content) => {
      got = Object.assign(message, { content })
      response.end()
    })
  })
  const app = await proxy({ address: address + path, ...conf })
  const { body } = await app(makeRequest(overrides))
  await text(body as AsyncIterable<Buffer>)
  return got!
}

/** What the proxy makes of an upstream's answer. */
async function passed(answer: RequestListener, overrides: Overrides = {}, conf: Conf = {}): Promise<HttpReply> {
  const app = await proxy({ address: await upstream(answer), ...conf })
  return app(makeRequest(overrides))
}

/** An upstream that speaks no HTTP, or bad HTTP. */
async function raw(speak: (socket: Socket) => void): Promise<string> {
  const server = await listen(createTcpServer((socket) => void socket.once('data', () => speak(socket))))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function thrownBy(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'nothing was thrown',
    (error: unknown) => error,
  )
}

/** A promise that somebody else fulfils. */
function openGate(): { readonly passed: Promise<void>; readonly open: () => void } {
  const gate = new EventEmitter()
  return { passed: once(gate, 'open').then(() => undefined), open: () => void gate.emit('open') }
}

function streamOf(...pieces: string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull(controller) {
      const piece = pieces.shift()
      if (piece === undefined) controller.close()
      else controller.enqueue(new TextEncoder().encode(piece))
    },
  })
}

/** The fields an upstream has of the client, without their `x-forwarded-`. */
async function told(conf: Conf, overrides: Overrides): Promise<Record<string, unknown>> {
  const { headers } = await received(conf, { host: 'api.example', rawScriptName: '/mounted', ...overrides })
  const fields = Object.entries(headers).filter(([name]) => name.includes('forwarded'))
  return Object.fromEntries(fields.map(([name, value]) => [name.replace('x-forwarded-', ''), value]))
}

/** What the proxy of this address throws. */
async function ask(address: string, conf: Conf = {}, overrides: Overrides = {}): Promise<unknown> {
  const app = await proxy({ address, ...conf })
  return thrownBy(Promise.resolve(app(makeRequest(overrides))))
}

/** An upstream with TLS, and the folder that its authority is in. */
async function serveTls(name: string): Promise<{ here: string; port: number; asked: unknown[] }> {
  const here = mkdtempSync(join(tmpdir(), 'proxy-'))
  onTestFinished(() => rmSync(here, { recursive: true }))
  const asked: unknown[] = []
  const server = createTlsServer(new TestAuthority(here).issue(name), (message, response) => {
    asked.push((message.socket as Socket & { servername?: unknown }).servername)
    response.end('secret')
  })
  await listen(server)
  return { here, asked, port: (server.address() as AddressInfo).port }
}

/** A proxy of an upstream that answers everything. */
async function openProxy(conf: Conf = {}): Promise<App> {
  return proxy({ address: await upstream((_, response) => void response.end('passed')), ...conf })
}

describe('what the upstream is asked', () => {
  test.each([
    ['', '/v2/x', '', '/v2/x'],
    ['', '', '', '/'],
    ['/', '/v2/x', 'a=1&b=%20', '/v2/x?a=1&b=%20'],
    ['/base', '/x', '', '/base/x'],
    ['/base/', '/x', '', '/base/x'],
    ['/base', '', '', '/base'],
    ['/base/', '', 'q', '/base/?q'],
    ['/base', '/a%2Fb//c', '', '/base/a%2Fb//c'],
  ])('at the address%s: %j with the query %j is %j', async (base, rawPathInfo, queryString, target) => {
    const { url } = await received({}, { rawPathInfo, rawScriptName: '/mounted', queryString }, base)
    expect(url).toBe(target)
  })

  test('has the method, the fields and the body of the request', async () => {
    const headers = { 'content-type': 'text/plain', 'content-length': '9', cookie: 'a=1; b=2', 'x-latin': 'caf\u00e9' }
    const got = await received({}, { method: 'PUT', headers, body: streamOf('one', 'two', 'six') })
    expect([got.method, got.content, got.headers['content-length']]).toEqual(['PUT', 'onetwosix', '9'])
    expect(got.headers).toMatchObject({ 'content-type': 'text/plain', cookie: 'a=1; b=2', 'x-latin': 'caf\u00e9' })
  })

  test('has a body of unknown length in chunks', async () => {
    const got = await received({}, { method: 'POST', body: streamOf('one', 'two') })
    expect([got.content, got.headers['transfer-encoding'], got.headers['content-length']]).toEqual(['onetwo', 'chunked', undefined])
  })

  test('has a field named __proto__ like any other', async () => {
    const headers = new Map([['__proto__', 'x']]) as never
    const request = Object.assign(makeRequest(), { headers: Object.assign(headers, { get: Map.prototype.get.bind(headers) }) })
    const app = await proxyFactory({}, { address: await upstream((message, response) => void response.end(message.rawHeaders.join('\n'))) })
    const { body } = await app(request)
    expect((await text(body as AsyncIterable<Buffer>)).split('\n')).toContain('__proto__')
  })

  test('has none of the fields of the connection, nor those that Connection names (RFC 9110 §7.6.1)', async () => {
    const headers = { connection: 'X-Mine, close', 'x-mine': '1', 'keep-alive': 'timeout=5', te: 'trailers', trailer: 'x', upgrade: 'h2c', 'proxy-authorization': 'Basic eA==', 'proxy-connection': 'close', expect: '100-continue', 'x-kept': '1' }
    const got = await received({ suppress_http_headers: 'X-Secret' }, { headers: { ...headers, 'x-secret': '1' } })
    expect(Object.keys(got.headers).toSorted()).toEqual(['connection', 'host', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-kept'])
    expect(got.headers.connection).toBe('keep-alive')
  })

  test('is told who asks, whatever Connection names', async () => {
    const { headers } = await received({}, { headers: { connection: 'x-user-id, x-identity-status, x-mine', 'x-user-id': 'ada', 'x-identity-status': 'Invalid', 'x-mine': '1' } })
    expect([headers['x-user-id'], headers['x-identity-status'], headers['x-mine']]).toEqual(['ada', 'Invalid', undefined])
  })

  test('has what a filter has set in UTF-8, and what came as it came', async () => {
    const fields = new Map([['x-user-name', 'ада'], ['x-latin', 'caf\xe9']])
    const headers = Object.assign(fields, { get: Map.prototype.get.bind(fields) }) as never
    const app = await proxyFactory({}, { address: await upstream((message, response) => void response.end(JSON.stringify(message.headers))) })
    const { body } = await app(Object.assign(makeRequest(), { headers }))
    expect(JSON.parse(await text(body as AsyncIterable<Buffer>))).toMatchObject({ 'x-user-name': Buffer.from('ада').toString('latin1'), 'x-latin': 'caf\xe9' })
  })

  test('has the Host of the upstream, or of the request', async () => {
    const own = await received({}, {})
    expect(own.headers.host).toBe(`127.0.0.1:${own.socket.localPort}`)
    expect((await received({ preserve_host: 'true' }, { host: 'api.example:81' })).headers.host).toBe('api.example:81')
    const none = await received({ preserve_host: 'true' }, { host: '' })
    expect([none.headers.host, none.headers['x-forwarded-host']]).toEqual([`127.0.0.1:${none.socket.localPort}`, undefined])
  })

  test('says through whom it came (RFC 9110 §7.6.3)', async () => {
    expect((await received({}, {})).headers.via).toBe('1.1 millrace')
    expect((await received({ via: 'edge' }, { headers: { via: '1.0 old' }, httpVersion: '1.0' })).headers.via).toBe('1.0 old, 1.0 edge')
    expect((await received({ via: '' }, { headers: { via: '1.0 old' } })).headers.via).toBe('1.0 old')
  })
})

describe('what the upstream is told of the client', () => {
  const spoofed = {
    'x-forwarded-for': '203.0.113.1',
    'x-forwarded-host': 'told.example',
    'x-forwarded-proto': 'https',
    'x-forwarded-prefix': '/front',
    'x-forwarded-port': '443',
    forwarded: 'for=203.0.113.1',
  }
  test('is its address, the host, the scheme and the mount point', async () => {
    expect(await told({}, {})).toEqual({ for: '192.0.2.7', host: 'api.example', proto: 'http', prefix: '/mounted' })
  })

  test('is not what a stranger says', async () => {
    expect(await told({}, { headers: spoofed })).toEqual({ for: '192.0.2.7', host: 'api.example', proto: 'http', prefix: '/mounted' })
    expect(await told({ forwarded: '' }, { headers: spoofed })).toEqual({})
  })

  test('is not what a stranger says under another name, or with underscores, which WSGI reads as the same', async () => {
    const names = ['transfer_encoding', 'content_length', 'x_forwarded_for', 'x-forwarded_host', 'x-real-ip', 'x_real_ip', 'x-client-ip', 'x-forwarded', 'x-forwarded-ssl']
    const { headers } = await received({ forwarded: '' }, { headers: Object.fromEntries([...names, 'x_other'].map((name) => [name, '1'])) })
    expect([...names, 'x_other'].filter((name) => name in headers)).toEqual(['x_other'])
    const behind = await received({ forwarded: '' }, { server: trusting, headers: { x_forwarded_for: '1', 'x-real-ip': '2' } })
    expect([behind.headers['x_forwarded_for'], behind.headers['x-real-ip']]).toEqual([undefined, '2'])
  })

  test('is what a trusted proxy says, and this hop', async () => {
    const expected = { for: '203.0.113.1, 192.0.2.7', host: 'told.example', proto: 'https', prefix: '/front/mounted', port: '443', forwarded: 'for=203.0.113.1' }
    expect(await told({}, { headers: spoofed, server: trusting })).toEqual(expected)
  })

  test('is what a filter has read of it before', async () => {
    const behind = { server: trusting, client: { address: '203.0.113.1', port: 0 }, [PEER]: { address: '10.0.0.1', port: 1 }, scheme: 'https' }
    const fields = { 'x-forwarded-prefix': '/read', 'x-forwarded-host': 'read.example' }
    expect(await told({ forwarded: 'x-forwarded forwarded' }, { ...behind, headers: fields })).toEqual({
      for: '203.0.113.1, 10.0.0.1',
      host: 'api.example',
      proto: 'https',
      prefix: '/mounted',
      forwarded: 'for=203.0.113.1, for=10.0.0.1;host="api.example";proto=https',
    })
  })

  test('is Forwarded when that is wanted (RFC 7239)', async () => {
    expect(await told({ forwarded: 'forwarded' }, {})).toEqual({ forwarded: 'for=192.0.2.7;host="api.example";proto=http' })
    const headers = { forwarded: 'for=203.0.113.1' }
    const six = { client: { address: '2001:db8::1', port: 1 }, host: '', server: trusting, headers }
    expect(await told({ forwarded: 'forwarded' }, six)).toEqual({ forwarded: 'for=203.0.113.1, for="[2001:db8::1]";proto=http' })
  })

  test('is no address for who came by a unix socket', async () => {
    const unix = { client: { address: 'unix', port: 0 }, rawScriptName: '' }
    expect(await told({ forwarded: 'x-forwarded, forwarded' }, unix)).toEqual({ host: 'api.example', proto: 'http', forwarded: 'for=unknown;host="api.example";proto=http' })
  })
})

describe('the answer', () => {
  test('has the status, the fields and the body of the upstream, and says through whom it came', async () => {
    const reply = await passed((_, response) => {
      response.writeHead(203, { 'content-type': 'text/x', 'set-cookie': ['a=1', 'b=2'], via: '1.1 other', 'x-latin': 'caf\u00e9', date: 'now', 'content-length': 5 })
      response.end(Buffer.from('hello'))
    })
    expect(await text(reply.body as AsyncIterable<Buffer>)).toBe('hello')
    expect([reply.status, reply.headers]).toEqual([203, { 'content-type': 'text/x', 'content-length': '5', 'set-cookie': ['a=1', 'b=2'], via: '1.1 other, 1.1 millrace', 'x-latin': 'caf\u00e9', date: 'now' }])
  })

  test('has none of the fields of the connection', async () => {
    const { headers } = await passed(
      (_, response) => {
        response.writeHead(200, { connection: 'close, X-Hop', 'x-hop': '1', trailer: 'x-t', 'keep-alive': 'timeout=9', 'proxy-authenticate': 'Basic', date: 'now' })
        response.end('x')
      },
      {},
      { via: '' },
    )
    expect(headers).toEqual({ date: 'now', 'content-type': [] })
  })

  test.each([
    ['HEAD', 200],
    ['GET', 204],
    ['GET', 304],
  ])('to %s with %i has no body', async (method, status) => {
    const reply = await passed((_, response) => void response.writeHead(status, status === 200 ? { 'content-length': '7' } : {}).end(), { method })
    expect([reply.status, reply.body, reply.headers?.['content-length']]).toEqual([status, undefined, status === 200 ? '7' : undefined])
  })

  test('streams: what the upstream has sent is there before it ends', async () => {
    const read = openGate()
    const reply = await passed((_, response) => {
      response.write('first')
      void read.passed.then(() => response.end('last'))
    })
    const pieces = (reply.body as AsyncIterable<Buffer>)[Symbol.asyncIterator]()
    expect(String((await pieces.next()).value)).toBe('first')
    read.open()
    expect(String((await pieces.next()).value)).toBe('last')
  })

  test('is not read from the upstream faster than the client reads it', async () => {
    const size = 64 * 1024 * 1024
    let sent: ServerResponse | undefined
    const reply = await passed((_, response) => {
      sent = response
      response.end(Buffer.alloc(size))
    })
    const pieces = (reply.body as AsyncIterable<Buffer>)[Symbol.asyncIterator]()
    const first = (await pieces.next()).value as Buffer
    expect(sent!.writableFinished).toBe(false)
    let rest = first.length
    for (let piece = await pieces.next(); piece.done !== true; piece = await pieces.next()) rest += piece.value.length
    expect(rest).toBe(size)
  })

  test('may come before the body was read, of which no more is taken than the upstream takes', async () => {
    let left = 1024
    const body = new ReadableStream<Uint8Array>({ pull: (controller) => (left-- > 0 ? controller.enqueue(new Uint8Array(65_536)) : controller.close()) })
    const reply = await passed((_, response) => void response.writeHead(413).end('too much'), { method: 'POST', body })
    expect([reply.status, await text(reply.body as AsyncIterable<Buffer>)]).toEqual([413, 'too much'])
    expect(left).toBeGreaterThan(0)
  })
})

describe('a client that leaves', () => {
  test('before the answer ends the request to the upstream', async () => {
    const gone = openGate()
    const asked = openGate()
    const app = await proxy({
      address: await upstream((_, response) => {
        response.on('close', gone.open)
        asked.open()
      }),
    })
    const aborter = new AbortController()
    const answer = thrownBy(Promise.resolve(app(makeRequest({ signal: aborter.signal }))))
    await asked.passed
    const reason = new TransportError('the client has gone')
    aborter.abort(reason)
    expect(await answer).toBe(reason)
    await gone.passed
  })

  test('while the answer comes ends it too, also when nobody read any of it', async () => {
    const gone = openGate()
    const app = await proxyFactory({}, {
      address: await upstream((_, response) => {
        response.on('close', gone.open)
        response.write('x')
      }),
    })
    const { body } = await app(makeRequest())
    ;(body as { destroy(): void }).destroy()
    await gone.passed
  })
})

describe('an upstream that fails', () => {
  test('by not being there is a 502 whose text is not for the client', async () => {
    const server = await listen(createTcpServer())
    const { port } = server.address() as AddressInfo
    await new Promise((resolve) => server.close(resolve))
    const error = await ask(`http://127.0.0.1:${port}`)
    expect(error).toMatchObject({ status: 502, expose: false, message: expect.stringContaining('ECONNREFUSED') as string })
  })

  test.each([
    ['hanging up', ''],
    ['saying something else', 'SSH-2.0-x\r\n'],
    ['ending inside the head', 'HTTP/1.1 200 OK\r\nx'],
    ['a transfer coding nobody takes off', 'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\nx'],
    ['another one below the chunks', 'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n'],
    ['a status that is none', 'HTTP/1.1 999 Odd\r\ncontent-length: 0\r\n\r\n'],
  ])('by %s is a 502', async (_, words) => {
    expect(await ask(await raw((socket) => void socket.end(words)))).toMatchObject({ status: 502 })
  })

  test('by a field with characters no field may have is a 502', async () => {
    expect(await ask(await raw((socket) => void socket.write('HTTP/1.1 200 OK\r\nx: a\x01b\r\ncontent-length: 1\r\n\r\n')))).toMatchObject({ status: 502 })
  })

  test('by being too slow is a 504', async () => {
    expect(await ask(await raw(() => undefined), { headers_timeout: '10ms' })).toMatchObject({ status: 504 })
  })

  test('by interim answers without an end is a 504', async () => {
    const address = await raw((socket) => {
      const flood = setInterval(() => socket.write('HTTP/1.1 103 Early Hints\r\n\r\n'), 1)
      socket.on('close', () => clearInterval(flood))
    })
    expect(await ask(address, { headers_timeout: '50ms' })).toMatchObject({ status: 504, message: expect.stringContaining('interim') as string })
  })

  test('not by interim answers before the other', async () => {
    const address = await raw((socket) => void socket.write(`${'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(20)}HTTP/1.1 202 Yes\r\ncontent-length: 0\r\n\r\n`))
    expect(await (await proxy({ address }))(makeRequest())).toMatchObject({ status: 202 })
  })

  test('by being too slow inside the answer cuts it', async () => {
    const reply = await passed((_, response) => void response.writeHead(200, { 'content-length': 10 }).write('x'), {}, { body_timeout: '10ms' })
    await expect(text(reply.body as AsyncIterable<Buffer>)).rejects.toThrow('Body Timeout Error')
  })

  test('is asked once', async () => {
    let asked = 0
    const address = await raw((socket) => {
      asked += 1
      socket.destroy()
    })
    expect(await ask(address, {}, { method: 'GET' })).toMatchObject({ status: 502 })
    expect(asked).toBe(1)
  })

  test('is not to blame for a body that the client may not send', async () => {
    const body = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new HttpError(413, 'the body is too large')) })
    expect(await ask(await upstream(() => undefined), {}, { method: 'POST', body })).toEqual(new HttpError(413, 'the body is too large'))
  })
})

describe('connections', () => {
  test('are used again, and are no more than the option says: what is beyond that waits', async () => {
    const ports = new Set<number | undefined>()
    const app = await proxy({
      address: await upstream((message, response) => {
        ports.add(message.socket.remotePort)
        response.end('x')
      }),
      connections: '1',
    })
    const replies = await Promise.all([1, 2, 3].map(async () => text((await app(makeRequest())).body as AsyncIterable<Buffer>)))
    expect([replies, ports.size]).toEqual([['x', 'x', 'x'], 1])
  })

  test('may be to a unix socket', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'proxy-'))
    onTestFinished(() => rmSync(directory, { recursive: true }))
    await listen(createServer((message, response) => void response.end(`${message.headers.host}${message.url}`)), join(directory, 'up.sock'))
    const app = await proxy({ address: `unix:${directory}/up.sock` })
    expect(await text((await app(makeRequest({ rawPathInfo: '/x' }))).body as AsyncIterable<Buffer>)).toBe('localhost/x')
  })
})

describe('an upstream with TLS', () => {
  test('is believed when an authority of the file signed it, whatever Host a request has', async () => {
    const { here, port, asked } = await serveTls('localhost')
    const app = await proxy({ address: `https://localhost:${port}`, ca_file: 'ca.pem', preserve_host: 'yes' }, { here })
    for (const host of ['one.example', 'two.example']) {
      expect(await text((await app(makeRequest({ host }))).body as AsyncIterable<Buffer>)).toBe('secret')
    }
    expect(asked).toEqual(['localhost', 'localhost'])
  })

  test('is a 502 when none did, unless nobody asks', async () => {
    const { here, port } = await serveTls('localhost')
    const address = `https://127.0.0.1:${port}`
    const strict = await proxy({ address }, { here })
    expect(await thrownBy(Promise.resolve(strict(makeRequest())))).toMatchObject({ status: 502 })
    const easy = await proxy({ address, verify: 'no' }, { here })
    expect(await text((await easy(makeRequest())).body as AsyncIterable<Buffer>)).toBe('secret')
  })
})

describe('what is not passed on', () => {
  test.each(['/../x', '/a/..', '/a/./b', '/..%2fx', '/%2e%2E/x', '/..%5Cx', '/a/..\\b', '/..;/x', '/a/..%3Bb/x', '/.;'])('a path with dot segments: %j', async (rawPathInfo) => {
    expect(await thrownBy(Promise.resolve((await openProxy())(makeRequest({ rawPathInfo }))))).toMatchObject({ status: 400 })
  })

  test('methods that are not allowed, with those that are', async () => {
    const only = await openProxy({ allowed_request_methods: 'get head' })
    expect(await thrownBy(Promise.resolve(only(makeRequest({ method: 'POST' }))))).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } })
    expect(await only(makeRequest())).toMatchObject({ status: 200 })
  })

  test('OPTIONS *, which is about this server (RFC 9110 §9.3.7)', async () => {
    expect(await (await openProxy())(makeRequest({ method: 'OPTIONS', rawPathInfo: '*' }))).toEqual({ status: 204 })
  })
})

test.each<[Conf, string]>([
  [{}, 'address: is missing (expected for instance http://127.0.0.1:9292/)'],
  [{ address: 'ftp://x/' }, 'address: is no address of a server (got "ftp://x/"'],
  [{ address: 'nowhere' }, 'address: is no address of a server (got "nowhere"'],
  [{ address: 'http://u:p@x/' }, 'address: an upstream has no query, fragment or user'],
  [{ address: 'http://x/?a' }, 'address: an upstream has no query, fragment or user'],
  [{ address: 'http://x', connections: '0' }, 'connections: is out of range (got "0"; expected 1 or more)'],
  [{ address: 'http://x', via: 'a b' }, 'via: is no name of a proxy'],
  [{ address: 'http://x', forwarded: 'forwarde' }, 'forwarded: is not known (got "forwarde"; expected x-forwarded, forwarded); did you mean "forwarded"?'],
  [{ address: 'http://x', ca_file: 'missing.pem' }, 'ca_file: cannot be read: Error: ENOENT'],
])('%j fails the start', async (conf, message) => {
  await expect(proxy(conf, { here: tmpdir() })).rejects.toThrow(message)
})
