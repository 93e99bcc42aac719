import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { App, Conf, HttpReply } from '../../src/app.ts'
import { lintApp } from '../../src/compose/lint.ts'
import { staticFactory } from '../../src/compose/static.ts'
import { HttpError } from '../../src/errors.ts'
import { makeRequest } from '../support/make-request.ts'

const MODIFIED = 'Thu, 01 Jan 2026 00:00:00 GMT'
let base = ''
/** What is no file, though it has a place among them. */
const special = createServer()

beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), 'static-'))
  mkdirSync(join(base, 'root/sub/.hidden'), { recursive: true })
  mkdirSync(join(base, 'root/bare'))
  const files = {
    'root/index.html': '<p>root</p>',
    'root/data.json': '{"a": 1}',
    'root/sub/index.html': '<p>sub</p>',
    'root/sub/.hidden/x': 'x',
    'root/.env': 'secret',
    'root/bare/start.htm': 'start',
    'root/a b%.txt': 'odd',
    'root/empty': '',
    'secret.txt': 'outside',
  }
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(base, name), content)
    utimesSync(join(base, name), new Date(MODIFIED), new Date(MODIFIED))
  }
  symlinkSync(join(base, 'secret.txt'), join(base, 'root/link.txt'))
  await once(special.listen(join(base, 'root/socket')), 'listening')
})

afterAll(() => {
  special.close()
  rmSync(base, { recursive: true })
})

async function serve(conf: Conf = {}): Promise<App> {
  return lintApp(await staticFactory({ here: base }, { document_root: 'root', ...conf }))
}

async function get(path: string, overrides: Parameters<typeof makeRequest>[0] = {}, conf: Conf = {}): Promise<HttpReply & { text: string }> {
  const reply = await (await serve(conf))(makeRequest({ rawPathInfo: path, ...overrides }))
  return { ...reply, text: await text((reply.body ?? []) as AsyncIterable<Buffer>) }
}

async function statusOf(path: string, overrides: Parameters<typeof makeRequest>[0] = {}, conf: Conf = {}): Promise<unknown> {
  return get(path, overrides, conf).then(
    ({ status }) => status,
    (error: unknown) => (error instanceof HttpError ? error.status : error),
  )
}

describe('a file', () => {
  test('is sent with its type, length, time and tag', async () => {
    const { headers, text: content, status } = await get('/data.json')
    expect([status, content]).toEqual([200, '{"a": 1}'])
    expect(headers).toEqual({
      'accept-ranges': 'bytes',
      'content-length': 8,
      'content-type': 'application/json; charset=utf-8',
      'last-modified': MODIFIED,
      etag: expect.stringMatching(/^W\/"8-\w+"$/) as string,
    })
  })

  test('has its name percent-decoded once', async () => {
    expect((await get('/a%20b%25.txt')).text).toBe('odd')
    expect(await statusOf('/a%2520b%2525.txt')).toBe(404)
  })

  test('may be empty', async () => {
    expect(await get('/empty')).toMatchObject({ text: '', headers: { 'content-length': 0 } })
  })

  test('is told of, but not sent, to HEAD', async () => {
    const reply = await (await serve())(makeRequest({ method: 'HEAD', rawPathInfo: '/data.json' }))
    expect(reply).toMatchObject({ status: 200, headers: { 'content-length': 8 } })
    expect(reply.body).toBeUndefined()
  })

  test('may be kept by caches for as long as the option says', async () => {
    expect((await get('/data.json', {}, { cache_max_age: '60' })).headers).toMatchObject({ 'cache-control': 'public, max-age=60' })
  })

  test('that a link leads to may be outside', async () => {
    expect((await get('/link.txt')).text).toBe('outside')
  })
})

describe('a part of a file (RFC 9110 §14)', () => {
  test('is sent for a range', async () => {
    expect(await get('/data.json', { headers: { range: 'bytes=1-3' } })).toMatchObject({
      status: 206,
      text: '"a"',
      headers: { 'content-range': 'bytes 1-3/8', 'content-length': 3 },
    })
  })

  test('is the whole when the file is another by now', async () => {
    const headers = { range: 'bytes=1-3', 'if-range': '"other"' }
    expect(await get('/data.json', { headers })).toMatchObject({ status: 200, text: '{"a": 1}' })
  })

  test('that is beyond its end is a 416 that says how long it is', async () => {
    const error = await get('/data.json', { headers: { range: 'bytes=9-' } }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ status: 416, headers: { 'content-range': 'bytes */8' } })
  })
})

describe('a condition (RFC 9110 §13)', () => {
  test('answers 304 without content when the client has it', async () => {
    const { headers } = await get('/data.json')
    const etag = String(headers?.['etag'])
    const reply = await get('/data.json', { headers: { 'if-none-match': etag } })
    expect(reply).toMatchObject({ status: 304, text: '', headers: { etag } })
    expect(await statusOf('/data.json', { headers: { 'if-modified-since': MODIFIED } })).toBe(304)
  })

  test.each([
    [{ 'if-none-match': '"other"' }, 200],
    [{ 'if-none-match': '*' }, 304],
    [{ 'if-none-match': '*', 'cache-control': 'no-cache' }, 200],
    [{ 'if-match': '"other"' }, 412],
    [{ 'if-unmodified-since': 'Thu, 01 Jan 2015 00:00:00 GMT' }, 412],
  ])('%j is %i', async (headers, status) => {
    expect(await statusOf('/data.json', { headers })).toBe(status)
  })
})

describe('a directory', () => {
  test('is its index file', async () => {
    expect((await get('/')).text).toBe('<p>root</p>')
    expect((await get('/sub/')).text).toBe('<p>sub</p>')
    expect((await get('/bare/', {}, { index: 'index.html, start.htm' })).text).toBe('start')
  })

  test('without one is not there', async () => {
    expect(await statusOf('/bare/')).toBe(404)
    expect(await statusOf('/sub/', {}, { index: '' })).toBe(403)
  })

  test.each([
    ['/docs', '/sub', 'a=1', '/docs/sub/?a=1'],
    ['/docs', '', '', '/docs/'],
    ['', '//sub', '', '/sub/'],
  ])('mounted at %j: %j redirects to where its links work', async (rawScriptName, rawPathInfo, queryString, location) => {
    expect(await get(rawPathInfo, { rawScriptName, queryString })).toMatchObject({ status: 301, headers: { location } })
  })
})

describe('what is not served', () => {
  test.each([
    ['/missing', 404],
    ['/data.json/', 404],
    ['/data.json/x', 404],
    ['/socket', 404],
    ['/../secret.txt', 403],
    ['/%2e%2e/secret.txt', 403],
    ['/..%2fsecret.txt', 403],
    ['/sub/..%2f..%2f..%2fsecret.txt', 403],
    ['/sub/../../secret.txt', 403],
    ['/..%5csecret.txt', 403],
    ['/data.json%00', 400],
    ['/%ff', 400],
    ['/.env', 404],
    ['/%2eenv', 404],
    ['/sub/.hidden/x', 404],
    [`/${'x'.repeat(300)}`, 404],
  ])('%j is %i', async (path, status) => {
    expect(await statusOf(path)).toBe(status)
  })

  test('names with a dot are as the option says', async () => {
    expect(await statusOf('/.env', {}, { dotfiles: 'deny' })).toBe(403)
    expect((await get('/.env', {}, { dotfiles: 'allow' })).text).toBe('secret')
  })

  test('other methods are a 405 that tells which are', async () => {
    const error = await get('/data.json', { method: 'PUT' }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } })
    expect([await statusOf('', { method: 'POST' }), await statusOf('/sub', { method: 'DELETE' })]).toEqual([405, 405])
  })

  test('other methods for what is not there are a 404, so that a cascade can ask the next app', async () => {
    expect(await statusOf('/missing', { method: 'POST' })).toBe(404)
  })
})

test.each([
  ['ENOENT', 404],
  ['EACCES', 403],
  ['EMFILE', 500],
  [undefined, 500],
])('a file that cannot be opened, %s, is a %i before anything is sent', async (code, status) => {
  const open = vi.spyOn((await import('node:fs')).ReadStream.prototype, '_construct')
  open.mockImplementation((callback) => callback(Object.assign(new Error('not opened'), { code })))
  expect(await statusOf('/data.json')).toBe(status)
  open.mockRestore()
})

test.each<[Conf, string]>([
  [{ document_root: '' }, 'document_root: is missing (expected a directory)'],
  [{ document_root: 'secret.txt' }, 'document_root: is no directory'],
  [{ document_root: 'nowhere' }, 'document_root: is no directory'],
  [{ dotfiles: 'show' }, 'dotfiles: is not known (got "show"; expected ignore, deny, allow)'],
  [{ cache_max_age: '-1', document_rot: 'x' }, 'document_rot: there is no such option'],
])('%j fails the start', async (conf, message) => {
  await expect(serve(conf)).rejects.toThrow(message)
})

test('without the file of its section, document_root is relative to the working directory', async () => {
  const app = await staticFactory({}, { document_root: join(base, 'root') })
  expect(await app(makeRequest({ rawPathInfo: '/data.json', method: 'HEAD' }))).toMatchObject({ status: 200 })
})
