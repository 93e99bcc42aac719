import { once } from 'node:events'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import * as zlib from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { App, Conf, HttpReply } from '../../src/app.ts'
import { compress } from '../../src/middleware/compress.ts'
import { etag } from '../../src/middleware/etag.ts'
import { makeLinted, wrapLinted } from '../support/linted.ts'
import { makeRequest } from '../support/make-request.ts'

const TEXT = 'Compressible. '.repeat(100)
/** Words in no order, which take pains to find again. */
const RANDOM = Array.from({ length: 4000 }, (_, index) => `word${(index * 7919) % 1013}`).join(' ')
const GZIP = { 'accept-encoding': 'gzip' }

async function ask(reply: HttpReply | App, headers: Record<string, string> = GZIP, localConf: Conf = {}, method = 'GET'): Promise<HttpReply> {
  const app: App = typeof reply === 'function' ? reply : () => ({ ...reply, ...(reply.headers && { headers: { ...reply.headers } }) })
  return await (await makeLinted(compress, localConf, app))(makeRequest({ headers, method }))
}

const DECODERS: Record<string, (octets: Uint8Array) => Uint8Array> = { gzip: zlib.gunzipSync, br: zlib.brotliDecompressSync }
const decode = ({ headers, body }: HttpReply): string => Buffer.from(DECODERS[String(headers?.['content-encoding'])]!(body as Uint8Array)).toString()
const encodingOf = ({ headers }: HttpReply): unknown => headers?.['content-encoding']

describe('a whole body', () => {
  test.each<[string, HttpReply, string, string]>([
    ['text', { body: TEXT }, TEXT, 'text/plain; charset=utf-8'],
    ['an object', { body: { text: TEXT } }, JSON.stringify({ text: TEXT }), 'application/json'],
    ['octets of a named type', { headers: { 'content-type': 'image/svg+xml' }, body: Buffer.from(TEXT) }, TEXT, 'image/svg+xml'],
  ])('of %s is compressed, and keeps its type', async (_what, reply, text, type) => {
    const encoded = await ask(reply)
    expect(encoded.headers).toEqual({ 'content-type': type, 'content-encoding': 'gzip', vary: 'Accept-Encoding' })
    expect(decode(encoded)).toBe(text)
  })

  test('is compressed at once when the app answers at once', async () => {
    const app = await makeLinted(compress, {}, () => ({ body: TEXT }))
    expect(app(makeRequest({ headers: GZIP }))).not.toBeInstanceOf(Promise)
  })

  test.each(['gzip', 'br'])('that is large is compressed with %s by another thread', async (encodings) => {
    const large = TEXT.repeat(100)
    const app = await makeLinted(compress, { encodings }, () => ({ body: large }))
    const answer = app(makeRequest({ headers: { 'accept-encoding': encodings } }))
    expect(answer).toBeInstanceOf(Promise)
    expect(decode(await answer)).toBe(large)
  })

  test('whose app answers later is the same', async () => {
    expect(decode(await ask(() => Promise.resolve({ body: TEXT })))).toBe(TEXT)
  })

  test('has the length it was announced with no more, and cannot be asked for in parts', async () => {
    const { headers } = await ask({ headers: { 'content-length': TEXT.length, 'accept-ranges': 'bytes', vary: 'Origin' }, body: TEXT })
    expect(headers).toEqual({ 'content-type': 'text/plain; charset=utf-8', 'content-encoding': 'gzip', vary: 'Origin, Accept-Encoding' })
  })

  test.each([['"a"', 'W/"a"'], ['W/"a"', 'W/"a"']])('with the ETag %s has %s then', async (before, tag) => {
    expect((await ask({ headers: { etag: before }, body: TEXT })).headers).toMatchObject({ etag: tag })
  })
})

describe('the client', () => {
  test.each<[string, string | undefined]>([
    ['gzip, br', 'br'],
    ['gzip;q=1, br;q=0.5', 'gzip'],
    ['gzip;q=0.5', 'gzip'],
    ['GZIP', 'gzip'],
    ['*', 'br'],
    ['br;q=0, *', 'gzip'],
    ['identity, gzip;q=0.5', undefined],
    ['gzip;q=0', undefined],
    ['deflate', undefined],
    ['', undefined],
  ])('that says %j gets %s', async (accept, encoding) => {
    const reply = await ask({ body: TEXT }, { 'accept-encoding': accept }, { encodings: 'br gzip' })
    expect(encodingOf(reply)).toBe(encoding)
    expect(reply.headers).toMatchObject({ vary: 'Accept-Encoding' })
  })

  test('that says nothing gets the body as it is, and caches are told why (RFC 9110 §12.5.5)', async () => {
    expect(await ask({ body: TEXT }, {})).toEqual({ headers: { 'content-type': 'text/plain; charset=utf-8', vary: 'Accept-Encoding' }, body: TEXT })
  })

  test.each(['identity;q=0, gzip', 'gzip, *;q=0', 'gzip, identity;q=0.000'])('that refuses what is not encoded, %s, gets every size and type encoded', async (accept) => {
    const reply = await ask({ headers: { 'content-type': 'image/png' }, body: Buffer.from('a') }, { 'accept-encoding': accept })
    expect(decode(reply)).toBe('a')
  })

  test('that refuses everything gets the body as it is', async () => {
    expect((await ask({ body: TEXT }, { 'accept-encoding': '*;q=0' })).body).toBe(TEXT)
  })

  test('may be offered less, or in another order', async () => {
    expect(encodingOf(await ask({ body: TEXT }, { 'accept-encoding': 'br, gzip' }, { encodings: 'gzip, br' }))).toBe('gzip')
    expect(encodingOf(await ask({ body: TEXT }, { 'accept-encoding': 'br, gzip' }, { encodings: 'gzip' }))).toBe('gzip')
  })

  test('gets what the file says is worth the time', async () => {
    const sizes = await Promise.all(['1', '9'].map(async (level) => ((await ask({ body: { text: RANDOM } }, GZIP, { gzip_level: level })).body as Uint8Array).length))
    expect(sizes[1]).toBeLessThan(sizes[0]!)
  })

  test('gets zstd where this Node has it', async () => {
    const reply = await ask({ body: TEXT }, { 'accept-encoding': 'zstd' })
    const { zstdDecompressSync: decompress } = zlib as { zstdDecompressSync?: typeof zlib.gunzipSync }
    expect(encodingOf(reply)).toBe(decompress === undefined ? undefined : 'zstd')
    expect(decompress === undefined ? reply.body : decompress(reply.body as Uint8Array).toString()).toBe(TEXT)
  })
})

test('an app may send the same fields, and the same object, again and again', async () => {
  const headers = Object.freeze({ 'content-type': 'text/plain' })
  const constant = Object.freeze({ headers, body: TEXT })
  const app = await makeLinted(compress, {}, () => constant)
  const replies = [GZIP, {}, GZIP].map((accept) => app(makeRequest({ headers: accept })) as HttpReply)
  expect(replies.map(encodingOf)).toEqual(['gzip', undefined, 'gzip'])
})

describe('left alone is', () => {
  test.each<[string, HttpReply]>([
    ['a small body', { body: 'a'.repeat(1023) }],
    ['a type that gains nothing', { headers: { 'content-type': 'image/png' }, body: Buffer.alloc(2000) }],
    ['a type nobody knows', { headers: { 'content-type': 'a/b' }, body: TEXT }],
    ['no body', {}],
    ['no body of a type', { headers: { 'content-type': 'text/plain' }, body: null }],
    ['what the server will refuse', { headers: { 'content-type': 'text/plain' }, body: new Map() }],
    ['what is encoded', { headers: { 'content-encoding': 'br' }, body: TEXT }],
    ['no-transform', { headers: { 'cache-control': 'public, No-Transform' }, body: TEXT }],
    ['a part', { status: 206, headers: { 'content-range': 'bytes 0-1/2' }, body: TEXT }],
    ['204', { status: 204 }],
    ['a stream of no type', { body: Readable.from(['hello']) }],
    ['a short stream', { headers: { 'content-type': 'text/plain', 'content-length': 5 }, body: Readable.from(['hello']) }],
  ])('%s', async (_what, reply) => {
    const { headers } = await ask(reply)
    expect(headers?.['vary']).toBeUndefined()
    expect(headers?.['content-encoding']).toBe(reply.headers?.['content-encoding'])
  })

  test('what is no reply: the server says which app it was', async () => {
    const filter = await compress({}, {})
    expect(filter(() => undefined as never)(makeRequest({ headers: GZIP }))).toBeUndefined()
  })

  test('what is as small as the option says', async () => {
    expect(encodingOf(await ask({ body: 'aaa' }, GZIP, { min_size: '4' }))).toBeUndefined()
    expect(encodingOf(await ask({ body: 'aaaa' }, GZIP, { min_size: '4' }))).toBe('gzip')
    expect(encodingOf(await ask({ body: 'é'.repeat(2) }, GZIP, { min_size: '4' }))).toBe('gzip')
  })
})

describe('HEAD has the fields that GET would have (RFC 9110 §9.3.2)', () => {
  const fields = { 'content-type': 'text/plain', 'content-encoding': 'gzip', vary: 'Accept-Encoding', etag: 'W/"a"' }
  const headers = { 'content-type': 'text/plain', etag: '"a"', 'content-length': TEXT.length }

  test.each<[string, HttpReply]>([
    ['a body', { headers, body: TEXT }],
    ['none', { headers }],
    ['none, and no length', { headers: { 'content-type': 'text/plain', etag: '"a"' } }],
  ])('when the app gives %s', async (_what, reply) => {
    expect(await ask(reply, GZIP, {}, 'HEAD')).toEqual({ headers: fields, body: null })
  })

  test('when the app gives a stream, which is the server’s to let go', async () => {
    const stream = Readable.from([TEXT])
    const filter = await compress({}, {})
    const reply = await filter(() => ({ headers: { ...headers }, body: stream }))(makeRequest({ method: 'HEAD', headers: GZIP }))
    expect(reply).toEqual({ headers: fields, body: stream })
  })

  test('when there is too little', async () => {
    expect(encodingOf(await ask({ headers: { 'content-type': 'text/plain', 'content-length': 5 } }, GZIP, {}, 'HEAD'))).toBeUndefined()
  })
})

describe('a stream', () => {
  const headers = { 'content-type': 'text/plain' }

  test.each<[string, () => AsyncIterable<string | Uint8Array>]>([
    ['Node', () => Readable.from(pieces())],
    ['the web', () => new Blob(['one two']).stream()],
    ['any kind', pieces],
  ])('of %s is compressed', async (_kind, make) => {
    const filter = await compress({}, {})
    const reply = await filter(() => ({ headers: { ...headers, 'content-length': 5000 }, body: make() }))(makeRequest({ headers: GZIP }))
    expect(reply.headers).toEqual({ ...headers, 'content-encoding': 'gzip', vary: 'Accept-Encoding' })
    expect(zlib.gunzipSync(await buffer(reply.body as Readable)).toString()).toBe('one two')
  })

  test.each(['gzip', 'br'])('is sent on piece by piece with %s', async (encodings) => {
    const source = new Readable({ read() {} })
    const filter = await compress({}, { encodings })
    const reply = await filter(() => ({ headers: { ...headers }, body: source }))(makeRequest({ headers: { 'accept-encoding': encodings } }))
    const decoded = (reply.body as Readable).pipe(encodings === 'gzip' ? zlib.createGunzip() : zlib.createBrotliDecompress())
    for (const piece of ['one', 'two']) {
      source.push(piece)
      expect(String((await once(decoded, 'data'))[0])).toBe(piece)
    }
    source.push(null)
    await once(decoded.resume(), 'end')
  })

  test('that fails fails what is sent', async () => {
    const reply = await ask(() => ({ headers: { ...headers }, body: failing() }))
    await expect(buffer(reply.body as Readable)).rejects.toThrow('broken')
  })

  test('of Node is ended when the client has gone', async () => {
    const source = new Readable({ read() {} })
    const filter = await compress({}, {})
    const reply = await filter(() => ({ headers: { ...headers }, body: source }))(makeRequest({ headers: GZIP }))
    const closed = new Promise((resolve) => source.once('close', resolve))
    ;(reply.body as Readable).destroy()
    await closed
    expect(source.destroyed).toBe(true)
  })

  test('of the web is cancelled when the client has gone, also while it waits', async () => {
    const { promise, source } = cancellable()
    const filter = await compress({}, {})
    const reply = await filter(() => ({ headers: { ...headers }, body: source }))(makeRequest({ headers: GZIP }))
    ;(reply.body as Readable).destroy()
    await promise
  })
})

async function* pieces(): AsyncGenerator<string | Uint8Array> {
  yield 'one '
  yield Buffer.from('two')
}

async function* failing(): AsyncGenerator<string> {
  yield 'one'
  throw new Error('broken')
}

function cancellable(): { promise: Promise<void>; source: ReadableStream<Uint8Array> } {
  let cancel!: () => void
  const promise = new Promise<void>((resolve) => {
    cancel = resolve
  })
  return { promise, source: new ReadableStream({ cancel }) }
}

test('with etag inside it, the client that has the encoded reply gets 304 with the same fields', async () => {
  const [outer, inner] = await Promise.all([compress({}, {}), etag({}, {})])
  const app = wrapLinted((next) => outer(inner(next)), () => ({ body: TEXT }))
  const { headers } = await app(makeRequest({ headers: GZIP }))
  const tag = String(headers?.['etag'])
  expect(tag).toMatch(/^W\/"/)
  expect(await app(makeRequest({ headers: { ...GZIP, 'if-none-match': tag } }))).toEqual({ status: 304, headers: { etag: tag, vary: 'Accept-Encoding' } })
  expect(await app(makeRequest({ headers: { 'if-none-match': tag } }))).toMatchObject({ status: 304, headers: { etag: tag.slice(2) } })
})

test.each([
  ['encodings', 'gzip deflate', 'is not known (got "deflate"'],
  ['min_size', '-1', 'is out of range'],
  ['gzip_level', '10', 'is out of range (got "10"; expected 1 to 9)'],
  ['br_level', '12', 'is out of range'],
  ['zstd_level', '0', 'is out of range'],
  ['level', '1', 'there is no such option'],
])('%s = %j is refused when the file is loaded', async (option, value, message) => {
  await expect(Promise.resolve(compress({}, { [option]: value }))).rejects.toThrow(message)
})
