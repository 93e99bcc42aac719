import { Readable } from 'node:stream'
import { describe, expect, test, vi } from 'vitest'
import type { App, HttpReply, HttpRequest } from '../../src/app.ts'
import { lint, lintApp } from '../../src/compose/lint.ts'
import { makeRequest } from '../support/make-request.ts'

const ok: App = () => ({ status: 200 })

/** What is said of a reply, or of none. */
function check(reply: unknown, request: HttpRequest = makeRequest()): Promise<HttpReply> {
  return Promise.resolve(lintApp(async () => reply as HttpReply)(request))
}

describe('a request that keeps the contract', () => {
  test.each([
    {},
    { rawScriptName: '/v2', rawPathInfo: '' },
    { rawPathInfo: '*', method: 'OPTIONS' },
    { params: { id: '1' }, queryString: 'a=?' },
    { client: { address: 'unix', port: 0 }, scheme: 'https', host: '' },
  ])('%j is passed on', async (overrides) => {
    expect(await lintApp(ok)(makeRequest(overrides))).toEqual({ status: 200 })
  })
})

describe('a request that breaks the contract', () => {
  test.each([
    [{ method: 'GE T' }, /method is 'GE T'/],
    [{ method: 7 }, /method is 7/],
    [{ rawScriptName: '/' }, /rawScriptName is '\/'/],
    [{ rawScriptName: 'v2' }, /rawScriptName is 'v2'/],
    [{ rawScriptName: undefined }, /rawScriptName is undefined/],
    [{ rawPathInfo: 'a' }, /rawPathInfo is 'a'/],
    [{ rawPathInfo: null }, /rawPathInfo is null/],
    [{ queryString: '?a' }, /queryString is '\?a'/],
    [{ queryString: undefined }, /queryString is undefined/],
    [{ scheme: 'ftp' }, /scheme is 'ftp'/],
    [{ host: 'a b' }, /host is 'a b'/],
    [{ host: 1 }, /host is 1/],
    [{ id: '' }, /id is ''/],
    [{ id: 3 }, /id is 3/],
    [{ client: { address: '::1', port: '1' } }, /client is .*a port/],
    [{ client: { address: null, port: 1 } }, /client is .*an address/],
    [{ params: { id: 1 } }, /params.id is 1/],
    [{ environ: null }, /environ is null/],
    [{ environ: 'bag' }, /environ is 'bag'/],
  ])('%j is not', (overrides, message) => {
    const request = Object.defineProperties<HttpRequest>(makeRequest(), Object.getOwnPropertyDescriptors(overrides) as PropertyDescriptorMap)
    expect(() => lintApp(ok)(request)).toThrow(message)
  })

  test.each([{}, { get: () => null }])('headers that are %j are not', (headers) => {
    const request = Object.assign(makeRequest(), { headers })
    expect(() => lintApp(ok)(request)).toThrow(/headers cannot be read/)
  })
})

describe('a reply that keeps the contract', () => {
  test.each([
    {},
    { status: 599, statusText: 'All of it', headers: { 'x-a': 'é', 'x-n': 1, 'set-cookie': ['a=1', 'b=2'], connection: 'close' } },
    { status: 204, body: null },
    { status: 304, body: '' },
    { headers: { 'content-length': 2 }, body: 'é' },
    { headers: { 'content-length': '3' }, body: new Uint8Array(3) },
    { headers: { 'content-length': 7 }, body: { json: 1 } },
    { headers: { 'content-type': [] }, body: 'of no type that is told' },
  ])('%j is passed on as it is', async (reply) => {
    expect(await check(reply)).toBe(reply)
    expect(lintApp(() => reply)(makeRequest())).toBe(reply)
  })

  test('to a HEAD may say how long the body would be', async () => {
    const reply = { headers: { 'content-length': 10 } }
    expect(await check(reply, makeRequest({ method: 'HEAD' }))).toBe(reply)
  })

  test('may have a stream of text and bytes', async () => {
    const { body } = await check({ body: Readable.from(['a', Buffer.from('b')]) })
    const pieces: string[] = []
    for await (const piece of body as AsyncIterable<unknown>) pieces.push(String(piece))
    expect(pieces).toEqual(['a', 'b'])
  })

  test.each([true, false])('is let go while a piece of its stream is waited for, if it can be: %s', async (can) => {
    const letGo = vi.fn(() => Promise.resolve({ done: true as const, value: undefined }))
    const iterator = { next: () => new Promise<never>(() => undefined), ...(can ? { return: letGo } : {}) }
    const { body } = await check({ body: { [Symbol.asyncIterator]: () => iterator } })
    const passed = (body as AsyncIterable<unknown>)[Symbol.asyncIterator]()
    void passed.next()
    expect(await passed.return!()).toEqual({ done: true, value: undefined })
    expect(letGo).toHaveBeenCalledTimes(can ? 1 : 0)
  })

  test('may be of another realm', async () => {
    expect(await check(Object.create(null))).toEqual({})
  })
})

describe('a reply that breaks the contract', () => {
  test.each([
    [undefined, /undefined is not a plain object/],
    ['text', /'text' is not a plain object/],
    [new Map(), /Map\(0\) {} is not a plain object/],
    [null, /null is not a plain object/],
    [{ statusCode: 200 }, /it has 'statusCode'/],
    [{ status: 100 }, /status is 100/],
    [{ status: 600 }, /status is 600/],
    [{ status: '200' }, /status is '200'/],
    [{ statusText: 'a\r\nb' }, /statusText is/],
    [{ headers: new Map() }, /headers is Map/],
    [{ headers: 'a: b' }, /headers is 'a: b'/],
    [{ headers: { 'X-A': '1' } }, /'X-A' is not the name of a field in lower case/],
    [{ headers: { 'a b': '1' } }, /'a b' is not the name/],
    [{ headers: { 'transfer-encoding': 'chunked' } }, /transfer-encoding is the server's/],
    [{ headers: { a: 'b\nc' } }, /the field a is/],
    [{ headers: { a: Number.NaN } }, /the field a is NaN/],
    [{ headers: { a: [] } }, /the field a is \[\]/],
    [{ headers: { a: ['b', null] } }, /the field a is/],
    [{ headers: { a: '✓' } }, /the field a is/],
    [{ headers: { a: undefined } }, /the field a is undefined/],
    [{ body: 7 }, /the body is 7/],
    [{ body: Promise.resolve('') }, /the body is a promise/],
    [{ status: 204, body: 'text' }, /the body of a 204/],
    [{ status: 304, body: { a: 1 } }, /the body of a 304/],
    [{ headers: { 'content-length': 1 }, body: 'é' }, /content-length is 1, the body has 2 octets/],
    [{ headers: { 'content-length': 1 } }, /content-length is 1, the body has 0 octets/],
  ])('%j is an error', async (reply, message) => {
    await expect(check(reply)).rejects.toThrow(message)
  })

  test('by a piece of its stream is an error when that piece comes', async () => {
    const { body } = await check({ body: Readable.from(['a', { b: 1 }]) })
    const read = async (): Promise<void> => {
      for await (const piece of body as AsyncIterable<unknown>) expect(piece).toBe('a')
    }
    await expect(read()).rejects.toMatchObject({ name: 'ContractError', message: expect.stringMatching(/a piece of the body is { b: 1 }/) })
  })
})

describe('the filter', () => {
  test('is lintApp, and has no options', async () => {
    const filter = await lint({}, {})
    expect(() => filter(() => ({ status: 1 }))(makeRequest())).toThrow(/status is 1/)
    expect(() => lint({}, { strict: '1' })).toThrow('strict: there is no such option (expected no options)')
  })
})
