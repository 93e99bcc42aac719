import { describe, expect, it } from 'vitest'
import { TransportError } from '../../src/errors.ts'
import { Request, type RequestOrigin } from '../../src/http/request.ts'
import { RequestBody } from '../../src/http/request-body.ts'
import { RequestHead } from '../../src/http/request-head.ts'
import { RequestParser } from '../../src/http/request-parser.ts'
import { defaultLimits, octets, requestWith } from '../support/http-cases.ts'

const ORIGIN: RequestOrigin = {
  scheme: 'http',
  client: { address: '192.0.2.7', port: 40_000 },
  server: { name: 'compute', address: '192.0.2.1', port: 8774, stopping: false, trusts: () => false },
  tls: null,
}

/** The methods that read the body whole. */
const READERS = ['text', 'json', 'bytes', 'arrayBuffer', 'formData'] as const

interface Options {
  origin?: Partial<RequestOrigin>
  body?: Buffer
  most?: number
}

function requestFrom(input: string, { origin = {}, body, most = 1000 }: Options = {}): Request {
  const parser = new RequestParser(defaultLimits)
  parser.feed(octets(input))
  const head = parser.nextHead()
  if (!(head instanceof RequestHead)) throw new Error('not a head')
  const pieces = [body ?? null, null]
  const source = { read: () => Promise.resolve(pieces.shift() ?? null) }
  return new Request(head, { ...ORIGIN, ...origin }, body === undefined ? null : new RequestBody(source, -1, most))
}

function get(target: string, fields: string[] = []): string {
  return requestWith(fields, '', `GET ${target} HTTP/1.1`)
}

function withBody(body: string | Buffer, fields: string[] = []): Request {
  return requestFrom(requestWith(fields), { body: Buffer.from(body) })
}

function formPart(name: string, value: string): string {
  return `--x\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
}

describe('a request', () => {
  it('says what the client sent, and where', () => {
    const tls = { protocol: 'TLSv1.3', cipher: 'x', authorized: false, clientSubject: null }
    const request = requestFrom(get('/a%20b?x=1', ['X-A: b']), { origin: { scheme: 'https', tls } })
    expect(request).toMatchObject({
      method: 'GET',
      target: '/a%20b?x=1',
      queryString: 'x=1',
      host: 'a.example',
      scheme: 'https',
      httpVersion: '1.1',
      client: ORIGIN.client,
      server: ORIGIN.server,
      tls,
      params: {},
    })
    expect(request.headers.get('X-A')).toBe('b')
    expect(request.headers).toBe(request.headers)
  })

  it.each([
    ['1.0', '1.0'],
    ['1.1', '1.1'],
    ['1.7', '1.1'],
  ])('of HTTP/%s is HTTP/%s to an app', (version, httpVersion) => {
    expect(requestFrom(requestWith([], '', `GET / HTTP/${version}`)).httpVersion).toBe(httpVersion)
  })

  it('has a bag for filters, the same each time', () => {
    const request = requestFrom(get('/'))
    request.environ['user'] = 'alice'
    expect(request.environ).toEqual({ user: 'alice' })
  })

  it('has an id of its own, made once, until a filter sets one', () => {
    const request = requestFrom(get('/'))
    expect(request.id).toMatch(/^req-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/)
    expect(request.id).toBe(request.id)
    expect(request.id).not.toBe(requestFrom(get('/')).id)
    request.id = 'req-1'
    expect(request.id).toBe('req-1')
  })
})

describe('the URL of a request', () => {
  it.each([
    ['GET / HTTP/1.1', 'http://a.example/'],
    ['GET /a%20b?x=1 HTTP/1.1', 'http://a.example/a%20b?x=1'],
    ['GET /a? HTTP/1.1', 'http://a.example/a'],
    ['GET //b HTTP/1.1', 'http://a.example//b'],
    ['GET http://b.example:81/a?x HTTP/1.1', 'http://b.example:81/a?x'],
    ['OPTIONS * HTTP/1.1', 'http://a.example/'],
  ])('of "%s" is %s', (line, url) => {
    expect(requestFrom(requestWith([], '', line)).url).toBe(url)
  })

  it.each([
    ['an IPv4 address', '192.0.2.1', 8774, 'http://192.0.2.1:8774/'],
    ['an IPv6 address', '2001:db8::1', 8774, 'http://[2001:db8::1]:8774/'],
    ['a unix socket', '/run/compute.sock', 0, 'http://localhost/'],
  ])('of a client that names no host is that of the server, at %s', (_, address, port, url) => {
    const request = requestFrom('GET / HTTP/1.0\r\n\r\n', { origin: { server: { ...ORIGIN.server, address, port } } })
    expect(request.url).toBe(url)
    expect(new URL(request.url).href).toBe(url)
  })

  it('follows the scheme and the host a filter sets', () => {
    const request = requestFrom(get('/a'))
    request.scheme = 'https'
    request.host = 'public.example'
    expect(request.url).toBe('https://public.example/a')
  })

  it('is the whole one, also below a mount point', () => {
    const request = requestFrom(get('/v2/a'))
    request.rawScriptName = '/v2'
    request.rawPathInfo = '/a'
    expect(request.url).toBe('http://a.example/v2/a')
  })
})

describe('the path of a request', () => {
  it.each([
    ['/a/b', '/a/b', '/a/b'],
    ['/a%20b', '/a%20b', '/a b'],
    ['/%C3%A9', '/%C3%A9', '/é'],
    ['/%c3%a9', '/%C3%A9', '/é'],
    ['/%41', '/A', '/A'],
    ['/a%2Fb', '/a%2Fb', '/a/b'],
    ['/a%2fb', '/a%2Fb', '/a/b'],
    ['/%ff', '/%FF', '/%FF'],
    ['/100%25', '/100%25', '/100%'],
    ['/?a=%41', '/', '/'],
  ])('%s is %s, decoded %s', (target, raw, decoded) => {
    const request = requestFrom(get(target))
    expect([request.rawPathInfo, request.pathInfo]).toEqual([raw, decoded])
    expect([request.rawScriptName, request.scriptName]).toEqual(['', ''])
  })

  it('may be moved to the mount point by a filter, in either form', () => {
    const request = requestFrom(get('/'))
    request.pathInfo = '/a b'
    request.scriptName = '/é?'
    expect([request.rawPathInfo, request.rawScriptName]).toEqual(['/a%20b', '/%C3%A9%3F'])
    request.rawPathInfo = '/a%2Fb'
    request.rawScriptName = '/%20'
    expect([request.pathInfo, request.scriptName]).toEqual(['/a/b', '/ '])
  })
})

describe('the signal of a request', () => {
  it('is not aborted, and the same each time', () => {
    const request = requestFrom(get('/'))
    expect(request.signal.aborted).toBe(false)
    expect(request.signal).toBe(request.signal)
  })

  it('aborts with the reason', () => {
    const request = requestFrom(get('/'))
    const { signal } = request
    const heard: unknown[] = []
    signal.addEventListener('abort', () => heard.push(signal.reason))
    const reason = new TransportError('gone')
    request.abort(reason)
    expect(heard).toEqual([reason])
  })

  it('is aborted already when it is asked for afterwards', () => {
    const request = requestFrom(get('/'))
    const reason = new TransportError('gone')
    request.abort(reason)
    expect(request.signal.reason).toBe(reason)
    expect(request.signal.aborted).toBe(true)
  })

  it.each([true, false])('keeps the first reason, asked for before: %j', (before) => {
    const request = requestFrom(get('/'))
    if (before) void request.signal
    const first = new TransportError('first')
    request.abort(first)
    request.abort(new TransportError('second'))
    expect(request.signal.reason).toBe(first)
  })
})

describe('a request without a body', () => {
  it('reads as an empty one', async () => {
    const request = requestFrom(get('/'))
    expect(request.body).toBeNull()
    request.limitBody(0)
    expect(await request.text()).toBe('')
    expect(await request.bytes()).toEqual(new Uint8Array())
    expect((await request.arrayBuffer()).byteLength).toBe(0)
    expect(request.bodyUsed).toBe(false)
  })

  it('has no JSON', async () => {
    await expect(requestFrom(get('/')).json()).rejects.toMatchObject({ status: 400, message: 'the body is not valid JSON' })
  })
})

describe('the body of a request', () => {
  it('is read as text, in UTF-8', async () => {
    const request = withBody('é😀')
    expect(request.bodyUsed).toBe(false)
    expect(await request.text()).toBe('é😀')
    expect(request.bodyUsed).toBe(true)
  })

  it('is read without a byte order mark, as fetch does', async () => {
    expect(await withBody('\ufeffa').text()).toBe('a')
    expect(await withBody('\ufeff{}').json()).toEqual({})
  })

  it('is read as octets', async () => {
    expect(await withBody(Buffer.from([0, 255])).bytes()).toEqual(Buffer.from([0, 255]))
    const buffer = await withBody(Buffer.from([0, 255])).arrayBuffer()
    expect(new Uint8Array(buffer)).toEqual(new Uint8Array([0, 255]))
  })

  it('is read as JSON', async () => {
    expect(await withBody('{"a":[1,null]}').json()).toEqual({ a: [1, null] })
  })

  it.each(['', '{', 'a', "{'a': 1}"])('%j is not JSON: 400', async (text) => {
    const reading = withBody(text).json()
    await expect(reading).rejects.toMatchObject({ name: 'HttpError', status: 400, message: 'the body is not valid JSON' })
    await expect(reading).rejects.toHaveProperty('cause.name', 'SyntaxError')
  })

  it.each([
    ['application/x-www-form-urlencoded', 'a=1&b=c+d'],
    ['multipart/form-data; boundary=x', `${formPart('a', '1')}${formPart('b', 'c d')}--x--\r\n`],
  ])('is read as a form: %s', async (type, text) => {
    const form = await withBody(text, [`Content-Type: ${type}`]).formData()
    expect([...form]).toEqual([
      ['a', '1'],
      ['b', 'c d'],
    ])
  })

  it.each([
    ['no type', []],
    ['another type', ['Content-Type: text/plain']],
    ['no boundary', ['Content-Type: multipart/form-data']],
    ['another boundary', ['Content-Type: multipart/form-data; boundary=y']],
  ])('is not a form with %s: 400', async (_, fields) => {
    const refusal = { name: 'HttpError', status: 400, message: 'the body is not valid form data' }
    await expect(withBody('--x\r\n', fields).formData()).rejects.toMatchObject(refusal)
  })

  it.each(READERS)('is read once, the second time not by %s either', async (method) => {
    const request = withBody('{}', ['Content-Type: application/x-www-form-urlencoded'])
    await request.text()
    await expect(request[method]()).rejects.toThrow(new TypeError('the body has been read already'))
  })

  it.each(READERS)('is limited: %s answers 413 (RFC 9110 §15.5.14)', async (method) => {
    const request = withBody('{"a":1}')
    request.limitBody(6)
    await expect(request[method]()).rejects.toMatchObject({ name: 'HttpError', status: 413 })
  })

  it('is read as a stream', async () => {
    const request = withBody('hello')
    const pieces: Uint8Array[] = []
    for await (const piece of request.body ?? []) pieces.push(piece)
    expect(Buffer.concat(pieces).toString()).toBe('hello')
    expect(request.bodyUsed).toBe(true)
    expect(request.body).toBe(request.body)
  })
})
