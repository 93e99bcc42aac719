import * as fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import type { App, HttpReply, HttpRequest } from '../../src/app.ts'
import { fetchFactory, type FetchEnv } from '../../src/compose/fetch-app.ts'
import { ConfigError } from '../../src/errors.ts'
import { makeRequest } from '../support/make-request.ts'
import { exporting, mount, serveByNode } from '../support/side-by-side.ts'

type Handler = (request: Request, env: FetchEnv) => unknown

/** The reply to `request` of a handler mounted at the root. */
async function answer(handler: Handler, request: HttpRequest = makeRequest()): Promise<HttpReply> {
  return (await mount(fetchFactory, handler))(request)
}

/** What the handler got. */
async function given(request: HttpRequest, conf: Record<string, string> = {}): Promise<Request> {
  const handler = vi.fn<Handler>(() => new Response(null))
  await (await mount(fetchFactory, handler, conf))(request)
  return handler.mock.calls[0]![0]
}

async function textOf({ body }: HttpReply): Promise<string[]> {
  const pieces: string[] = []
  for await (const piece of body as AsyncIterable<Uint8Array>) pieces.push(Buffer.from(piece).toString())
  return pieces
}

describe('the Request of a fetch handler', () => {
  test('is a Request, with method, fields and the absolute URL', async () => {
    const request = await given(makeRequest({ method: 'DELETE', rawPathInfo: '/a%2Fb', queryString: 'q=%20', headers: { cookie: 'a=1; b=2', 'x-a': 'é' } }))
    expect(request).toBeInstanceOf(Request)
    expect(request).toMatchObject({ method: 'DELETE', url: 'http://api.example/a%2Fb?q=%20', body: null })
    expect([...request.headers]).toEqual([['cookie', 'a=1; b=2'], ['x-a', 'é']])
  })

  test('has fields that a filter has set in UTF-8, as a wire would', async () => {
    const headers = new Map([['x-user-name', 'ада']]) as never
    const { headers: got } = await given(Object.assign(makeRequest(), { headers }))
    expect(got.get('x-user-name')).toBe(Buffer.from('ада').toString('latin1'))
  })

  test('has the scheme and host that a filter has set', async () => {
    expect((await given(makeRequest({ scheme: 'https', host: 'public.example' }))).url).toBe('https://public.example/')
  })

  test('has the host that the client connected to when it sent none', async () => {
    expect((await given(makeRequest({ host: '', url: 'http://192.0.2.1:8774/' }))).url).toBe('http://192.0.2.1:8774/')
  })

  test.each([
    ['/v2/users', '/users', 'true'],
    ['/v2', '/', 'true'],
    ['/v2/', '/', 'true'],
    ['/v2/users', '/v2/users', 'false'],
    ['/v2', '/v2', 'false'],
  ])('for %s at the mount point /v2 is for %s when strip_mount is %s', async (rawPathInfo, path, strip) => {
    const request = await given(makeRequest({ rawPathInfo, queryString: 'q=1' }), { at: '/v2', strip_mount: strip })
    expect(request.url).toBe(`http://api.example${path}?q=1`)
  })

  test('is for the root when nothing is mounted and the path is empty', async () => {
    expect((await given(makeRequest({ rawPathInfo: '' }), { strip_mount: 'false' })).url).toBe('http://api.example/')
  })

  test('is for the root when the request is about the server', async () => {
    const app = await fetchFactory(exporting((request: Request) => new Response(request.url)), {}, { handler: 'a:b' })
    const reply = await app(makeRequest({ method: 'OPTIONS', rawPathInfo: '*' }))
    expect(Buffer.from(reply.body as string).toString()).toBe('http://api.example/')
  })

  test('streams the body', async () => {
    const { body } = new Response('some text')
    expect(await (await given(makeRequest({ method: 'POST', body }))).text()).toBe('some text')
  })

  test('has no body with GET, as fetch gives that none', async () => {
    expect((await given(makeRequest({ body: new Response('x').body }))).body).toBeNull()
  })

  test("has the request's signal, made when it is asked for", async () => {
    const controller = new AbortController()
    const source = makeRequest()
    const asked = vi.fn(() => controller.signal)
    const request = await given(Object.defineProperty(source, 'signal', { get: asked }))
    expect(asked).not.toHaveBeenCalled()
    expect(request.signal).toBe(controller.signal)
  })

  test("comes with Millrace's own", async () => {
    const source = makeRequest()
    const handler = vi.fn<Handler>(() => new Response(null))
    await answer(handler, source)
    expect(handler.mock.calls[0]![1].request).toBe(source)
  })

  test.each(['TRACE', 'track'])('cannot be one of %s, which is a 501', async (method) => {
    await expect(answer(() => new Response(), makeRequest({ method }))).rejects.toMatchObject({ status: 501, expose: true })
  })

  test('cannot be one for a host that no URL has, which is a 400', async () => {
    await expect(answer(() => new Response(), makeRequest({ host: '[v1.a]' }))).rejects.toMatchObject({ status: 400 })
  })

  test('cannot have a field that a filter made wrong, which is the error that fetch throws', async () => {
    const request = Object.assign(makeRequest(), { headers: new Map([['x-a', 'a\nb']]) })
    const app: App = await fetchFactory(exporting(({ headers }: Request) => new Response(null, { headers })), {}, { handler: 'a:b' })
    await expect((async () => app(request))()).rejects.toThrow(TypeError)
    await expect((async () => app(Object.assign(request, { method: 'PROPFIND' })))()).rejects.toThrow(TypeError)
  })
})

/** A request with everything that another Request made of it can have. */
function posted(): HttpRequest {
  return makeRequest({ method: 'POST', rawPathInfo: '/a', queryString: 'b=1', headers: { 'content-type': 'text/a' }, body: new Response('some text').body })
}

async function essence(request: Request): Promise<unknown> {
  const { method, url, headers } = request
  return { method, url, type: headers.get('content-type'), body: await request.text() }
}

const POSTED = { method: 'POST', url: 'http://api.example/a?b=1', type: 'text/a', body: 'some text' }

describe('whatever takes a Request takes that of a fetch handler', () => {
  test('new Request', async () => {
    const request = await given(posted())
    const copy = new Request(request)
    expect(request.bodyUsed).toBe(true)
    expect(await essence(copy)).toEqual(POSTED)
  })

  test('new Request, with changes', async () => {
    const copy = new Request(await given(posted()), { method: 'PUT', headers: { 'content-type': 'text/b' } })
    expect(await essence(copy)).toEqual({ ...POSTED, method: 'PUT', type: 'text/b' })
  })

  test('new Request, for another URL', async () => {
    const copy = new Request('http://other.example/', await given(posted()))
    expect(await essence(copy)).toEqual({ ...POSTED, url: 'http://other.example/' })
  })

  test('clone()', async () => {
    const request = await given(posted())
    const clone = request.clone()
    expect(clone).toBeInstanceOf(Request)
    expect(await essence(clone)).toEqual(POSTED)
    expect(await essence(request)).toEqual(POSTED)
  })

  test('fetch', async () => {
    const port = await serveByNode((req, res) => req.pipe(res.writeHead(200, { 'x-asked': `${req.method} ${req.url} ${req.headers['content-type']}` })))
    const response = await fetch(await given(Object.assign(posted(), { host: `127.0.0.1:${port}` })))
    expect(response.headers.get('x-asked')).toBe('POST /a?b=1 text/a')
    expect(await response.text()).toBe('some text')
  })

  test('with the fields as the handler has changed them', async () => {
    const request = await given(posted())
    request.headers.set('content-type', 'text/b')
    const copy = new Request(request)
    expect(copy.headers.get('content-type')).toBe('text/b')
    request.headers.set('content-type', 'text/c')
    expect(new Request(request, { method: 'PUT', body: 'x' }).headers.get('content-type')).toBe('text/c')
  })
})

describe('the body of a fetch handler\'s Request', () => {
  test.each<[string, (request: Request) => Promise<unknown>, unknown]>([
    ['text', (request) => request.text(), '{"a":"é"}'],
    ['json', (request) => request.json(), { a: 'é' }],
    ['arrayBuffer', async (request) => (await request.arrayBuffer()).byteLength, 10],
    ['blob', async (request) => (await request.blob()).type, 'application/json'],
    ['body', async (request) => new Response(request.body).text(), '{"a":"é"}'],
  ])('is read by %s', async (_name, read, expected) => {
    const request = await given(makeRequest({ method: 'POST', headers: { 'content-type': 'application/json' }, body: new Response('{"a":"é"}').body }))
    expect(request.bodyUsed).toBe(false)
    expect(await read(request)).toEqual(expected)
    expect(request.bodyUsed).toBe(true)
    await expect(request.text()).rejects.toThrow(TypeError)
  })

  test('is read as a form', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const request = await given(makeRequest({ method: 'POST', headers, body: new Response('a=1').body }))
    expect((await request.formData()).get('a')).toBe('1')
  })

  test('that is none is empty', async () => {
    const request = await given(makeRequest({ method: 'POST' }))
    expect(request.body).toBeNull()
    expect(await request.text()).toBe('')
    expect(request.bodyUsed).toBe(false)
  })

  test('that is none is none of GET', async () => {
    expect(await (await given(makeRequest())).text()).toBe('')
  })
})

describe('method and URL of a fetch handler\'s Request', () => {
  const paths = fc.array(fc.constantFrom('/', '.', '..', '%2e', '%2E', '%41', 'a', ';', "'", '"', '|', '\\', '[', '?', '#', '<', ' ', 'é', '//', ':', '@'), { maxLength: 8 })

  test('are as fetch has them, for any path', async () => {
    const app = await fetchFactory(exporting(({ url }: Request) => new Response(null, { headers: { url } })), {}, { handler: 'a:b' })
    await fc.assert(
      fc.asyncProperty(paths, paths, async (path, query) => {
        const source = makeRequest({ rawPathInfo: `/${path.join('')}`, queryString: query.join('') })
        const whole = `http://api.example${source.rawPathInfo}${source.queryString === '' ? '' : `?${source.queryString}`}`
        expect((await app(source)).headers).toEqual({ url: new Request(whole).url })
      }),
    )
  })

  test.each(['api.example', 'API.example', 'api.example:80', 'api.example:8080', '127.1', '0x7f.1', '[::1]', '[0:0::1]', 'bücher.example', 'a_b'])('are as fetch has them, for %s', async (host) => {
    expect((await given(makeRequest({ host }))).url).toBe(new Request(`http://${host}/`).url)
  })

  test.each(['GET', 'get', 'PATCH', 'patch', 'PROPFIND'])('are as fetch has them, for %s', async (method) => {
    expect((await given(makeRequest({ method }))).method).toBe(new Request('http://a/', { method }).method)
  })

  test('cannot be set', async () => {
    const request = await given(makeRequest())
    expect(() => Object.assign(request, { url: '/' })).toThrow(TypeError)
    expect(request.cache).toBe('default')
  })
})

function fail(): never {
  throw new Error('thrown')
}

describe('the Response of a fetch handler', () => {
  test('is the reply: status, reason, fields', async () => {
    const response = new Response(null, { status: 418, statusText: 'Short and stout', headers: { 'X-A': '1', etag: '"x"' } })
    expect(await answer(() => response)).toEqual({ status: 418, statusText: 'Short and stout', headers: { 'x-a': '1', etag: '"x"' }, body: null })
  })

  test('may be promised', async () => {
    expect(await answer(async () => new Response(null, { status: 204 }))).toMatchObject({ status: 204, body: null })
  })

  test('keeps cookies apart', async () => {
    const response = new Response(null)
    response.headers.append('set-cookie', 'a=1')
    response.headers.append('set-cookie', 'b=2; Expires=Thu, 01 Jan 2026 00:00:00 GMT')
    expect((await answer(() => response)).headers).toEqual({ 'set-cookie': ['a=1', 'b=2; Expires=Thu, 01 Jan 2026 00:00:00 GMT'] })
  })

  test('has no say about the connection, but that it is to close', async () => {
    const fields = { 'keep-alive': 'timeout=5', 'transfer-encoding': 'chunked', upgrade: 'h2c', connection: 'keep-alive' }
    expect((await answer(() => new Response(null, { headers: fields }))).headers).toEqual({})
    expect((await answer(() => new Response(null, { headers: { connection: 'Close' } }))).headers).toEqual({ connection: 'Close' })
  })

  test.each(['text', new TextEncoder().encode('text')])('is whole when its body is: %s', async (given) => {
    const { body, headers } = await answer(() => new Response(given, { headers: { 'content-type': 'a/b' } }))
    expect(Buffer.from(body as Uint8Array).toString()).toBe('text')
    expect(headers).toEqual({ 'content-type': 'a/b' })
  })

  test.each(['plain', 'é', '\ud800', 'x'.repeat(5000)])('has the octets of the text that was given: %s', async (text) => {
    expect(Buffer.from((await answer(() => new Response(text))).body as string)).toEqual(Buffer.from(text))
  })

  test.each([new ArrayBuffer(3), new Uint8Array(3).subarray(1), new URLSearchParams('a=1')])('has the octets that were given: %o', async (given) => {
    const { body } = await answer(() => new Response(given))
    expect(Buffer.from(body as Uint8Array)).toEqual(Buffer.from(await new Response(given).arrayBuffer()))
  })

  test('that says no content-type gets none made up', async () => {
    expect((await answer(() => new Response(new Uint8Array(1)))).headers).toEqual({ 'content-type': [] })
    expect((await answer(() => new Response(null))).headers).toEqual({})
  })

  test('with an empty body has none', async () => {
    for (const body of ['', new Uint8Array(0), new Response('').body]) expect((await answer(() => new Response(body))).body).toBeNull()
  })

  test('of one piece that is there at once is whole', async () => {
    const octets = new TextEncoder().encode('text')
    expect((await answer(() => new Response(new Response(octets).body))).body).toEqual(octets)
  })

  test('that takes its time is a stream', async () => {
    const body = new ReadableStream({
      async pull(controller) {
        await new Promise(setImmediate)
        controller.enqueue(new TextEncoder().encode('late'))
        await new Promise(setImmediate)
        controller.close()
      },
    })
    expect(await textOf(await answer(() => new Response(body)))).toEqual(['late'])
  })

  test('of several pieces is a stream', async () => {
    const pieces = ['one', 'two', 'three']
    const body = new ReadableStream({
      pull(controller) {
        const piece = pieces.shift()
        if (piece === undefined) controller.close()
        else controller.enqueue(new TextEncoder().encode(piece))
      },
    })
    expect(await textOf(await answer(() => new Response(body)))).toEqual(['one', 'two', 'three'])
  })

  test('is let go when nobody reads it to its end', async () => {
    const cancel = vi.fn()
    const body = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(1)), cancel })
    const reply = await answer(() => new Response(body))
    for await (const piece of reply.body as AsyncIterable<Uint8Array>) {
      expect(piece).toHaveLength(1)
      break
    }
    expect(cancel).toHaveBeenCalled()
  })

  test('whose body fails at once is an error', async () => {
    const body = new ReadableStream({ start: (controller) => controller.error(new Error('no paper')) })
    await expect(answer(() => new Response(body))).rejects.toThrow('no paper')
  })

  test('whose body was read already is an error', async () => {
    const response = new Response('text')
    await response.text()
    await expect(answer(() => response)).rejects.toThrow(TypeError)
  })

  test('whose body somebody has begun to read is an error', async () => {
    const response = new Response('text')
    response.body!.getReader()
    await expect(answer(() => response)).rejects.toThrow(TypeError)
  })

  test('may be of another copy of fetch', async () => {
    const { status, statusText, headers, body } = new Response('text', { status: 201 })
    const reply = await answer(() => ({ status, statusText, headers, body }))
    expect(reply.status).toBe(201)
    expect(Buffer.from(reply.body as Uint8Array).toString()).toBe('text')
  })

  test('is the reply at once when the handler answers at once', async () => {
    const app = await mount(fetchFactory, () => new Response(null, { status: 204 }))
    expect(app(makeRequest())).toMatchObject({ status: 204 })
  })

  test.each([[undefined, 'undefined'], [null, 'null'], ['text', "'text'"], [{ status: 200 }, '{ status: 200 }']])('cannot be %j', async (value, shown) => {
    await expect(answer(() => value)).rejects.toThrow(`the fetch handler answered with ${shown}, which is no Response`)
  })

  test('is an error when the handler throws', async () => {
    await expect(answer(fail)).rejects.toThrow('thrown')
    await expect(answer(async () => fail())).rejects.toThrow('thrown')
  })
})

function made(conf: Record<string, string>): unknown {
  return fetchFactory(exporting(() => new Response()), {}, conf)
}

describe('the handler', () => {
  test('may be an object that has it as fetch', async () => {
    const object = { status: 202, fetch(): Response { return new Response(null, { status: this.status }) } }
    expect(await (await mount(fetchFactory, object))(makeRequest())).toMatchObject({ status: 202 })
  })

  test.each([7, null, { fetch: 'it' }])('cannot be %j', async (exported) => {
    await expect(mount(fetchFactory, exported)).rejects.toThrow(/^handler: is .* \(got "\.\/app\.js:app"; expected a function from a Request/)
  })

  test('must be named, and there are no other options', async () => {
    await expect(made({})).rejects.toThrow(ConfigError)
    await expect(made({})).rejects.toThrow('handler: is not set (expected module:export, for instance ./app.js:app)')
    await expect(made({ handler: './a.js:b', strip: 'no' })).rejects.toThrow('strip: there is no such option')
    await expect(made({ handler: './a.js:b', strip_mount: 'maybe' })).rejects.toThrow('strip_mount: is not a boolean')
  })
})
