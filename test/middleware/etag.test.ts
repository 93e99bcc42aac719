import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import type { App, Conf, HttpReply } from '../../src/app.ts'
import { etag } from '../../src/middleware/etag.ts'
import { makeLinted } from '../support/linted.ts'
import { makeRequest } from '../support/make-request.ts'

type Asked = Parameters<typeof makeRequest>[0]

async function ask(app: App, asked: Asked = {}, localConf: Conf = {}): Promise<HttpReply> {
  return await (await makeLinted(etag, localConf, app))(makeRequest(asked))
}

const hello: App = () => ({ body: 'hello' })
const tagOf = async (app: App, localConf: Conf = {}): Promise<string> => String((await ask(app, {}, localConf)).headers?.['etag'])
const withTag = (tag: string): Asked => ({ headers: { 'if-none-match': tag } })

describe('a whole body', () => {
  test.each<[string, HttpReply, string]>([
    ['text', { body: 'é' }, 'text/plain; charset=utf-8'],
    ['octets', { body: new Uint8Array([1, 2]) }, 'application/octet-stream'],
    ['an object', { body: { a: 1 } }, 'application/json'],
    ['a list', { body: [1] }, 'application/json'],
    ['an object without a prototype', { body: Object.create(null) as object }, 'application/json'],
    ['what says its own JSON', { body: new Date(0) }, 'application/json'],
  ])('of %s gets a strong ETag and keeps its type', async (_kind, reply, type) => {
    const { headers } = await ask(() => ({ ...reply }))
    expect(headers).toEqual({ etag: expect.stringMatching(/^"[^"]+"$/), 'content-type': type })
  })

  test('gets the same one each time, and another one when it changes', async () => {
    expect(await tagOf(hello)).toBe(await tagOf(async () => ({ body: new TextEncoder().encode('hello') })))
    expect(await tagOf(hello)).not.toBe(await tagOf(() => ({ body: 'hellp' })))
  })

  test('gets one of its own also when the app sends the same fields with each', async () => {
    const headers = Object.freeze({ 'x-a': '1' })
    const app = await makeLinted(etag, {}, ({ pathInfo }) => Object.freeze({ headers, body: pathInfo }))
    const tags = ['/a', '/b'].map((rawPathInfo) => (app(makeRequest({ rawPathInfo })) as HttpReply).headers?.['etag'])
    expect(tags[0]).not.toBe(tags[1])
  })

  test('gets a weak one where that is asked for', async () => {
    expect(await tagOf(hello, { weak: 'true' })).toMatch(/^W\/"/)
  })

  test('is answered for at once when the app answers at once', async () => {
    expect((await makeLinted(etag, {}, hello))(makeRequest())).toMatchObject({ body: 'hello' })
  })

  test('that the client has is not sent again (RFC 9110 §13.1.2)', async () => {
    const tag = await tagOf(hello)
    expect(await ask(hello, withTag(`"other", W/${tag}`))).toEqual({ status: 304, headers: { etag: tag } })
    expect(await ask(hello, { ...withTag(tag), method: 'HEAD' })).toEqual({ status: 304, headers: { etag: tag } })
    expect((await ask(hello, withTag('"other"'))).body).toBe('hello')
  })

  test('is sent again to who reloads', async () => {
    expect((await ask(hello, { headers: { 'if-none-match': await tagOf(hello), 'cache-control': 'no-cache' } })).body).toBe('hello')
  })
})

describe('a 304', () => {
  test('keeps what the 200 would have said of the copy, and nothing of the body (RFC 9110 §15.4.5)', async () => {
    const kept = { etag: '"1"', vary: 'Accept', 'cache-control': 'max-age=5', expires: 'x', 'content-location': '/a', date: 'x', 'set-cookie': ['a=1', 'b=2'] }
    const dropped = { 'content-type': 'a/b', 'content-length': 5, 'content-encoding': 'x', 'content-language': 'de', 'content-range': 'x', 'last-modified': 'x' }
    const reply = await ask(() => ({ statusText: 'Fine', headers: { ...kept, ...dropped }, body: 'hello' }), withTag('"1"'))
    expect(reply).toEqual({ status: 304, headers: kept })
  })

  test('keeps Last-Modified where there is no ETag', async () => {
    const modified = 'Thu, 01 Jan 2026 00:00:00 GMT'
    const app: App = () => ({ headers: { 'last-modified': modified }, body: Readable.from(['a']) })
    const reply = await ask(app, { headers: { 'if-modified-since': modified } })
    expect(reply).toEqual({ status: 304, headers: { 'last-modified': modified } })
    expect((await ask(app, { headers: { 'if-modified-since': 'Wed, 31 Dec 2025 23:59:59 GMT' } })).status).toBeUndefined()
  })

  test("lets the app's stream go", async () => {
    const stream = Readable.from(['a'])
    const filter = await etag({}, {})
    expect(await filter(() => ({ headers: { etag: '"1"' }, body: stream }))(makeRequest(withTag('"1"')))).toEqual({ status: 304, headers: { etag: '"1"' } })
    expect(stream.destroyed).toBe(true)
  })
})

describe('left alone is', () => {
  test("an app's own ETag", async () => {
    expect((await ask(() => ({ headers: { etag: 'W/"mine"' }, body: 'a' }))).headers).toMatchObject({ etag: 'W/"mine"' })
  })

  test.each<[string, HttpReply, Asked]>([
    ['a stream', { body: Readable.from(['a']) }, {}],
    ['no body', {}, {}],
    ['a null body', { body: null }, {}],
    ['what JSON cannot say', { body: { toJSON: () => undefined } }, {}],
    ['a Map', { body: new Map() }, {}],
    ['another status', { status: 201, body: 'a' }, {}],
    ['an error', { status: 404, body: 'a' }, {}],
    ['another method', { body: 'a' }, { method: 'POST' }],
  ])('%s', async (_kind, reply, asked) => {
    expect((await ask(() => ({ ...reply }), asked)).headers?.['etag']).toBeUndefined()
  })
})

test('an option nobody knows is refused', async () => {
  await expect(Promise.resolve(etag({}, { week: '1' }))).rejects.toThrow('did you mean "weak"')
})
