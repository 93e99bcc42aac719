import { describe, expect, test } from 'vitest'
import type { App, Conf, HttpReply, HttpRequest } from '../../src/app.ts'
import { makeRateLimit, rateLimit } from '../../src/middleware/rate-limit.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { wrapLinted } from '../support/linted.ts'
import { makeRequest } from '../support/make-request.ts'

async function limited(localConf: Conf, app: App = () => ({})): Promise<{ app: App; clock: FakeClock; statuses(...requests: HttpRequest[]): number[] }> {
  const clock = new FakeClock()
  const linted = wrapLinted(await makeRateLimit(localConf, clock), app)
  return { app: linted, clock, statuses: (...requests) => requests.map((request) => statusOf(linted, request)) }
}

function statusOf(app: App, request: HttpRequest): number {
  try {
    return (app(request) as HttpReply).status ?? 200
  } catch (error) {
    return (error as { status: number }).status
  }
}

const from = (address: string, headers: Record<string, string> = {}): HttpRequest => makeRequest({ client: { address, port: 1 }, headers })
const keyed = (key: string): HttpRequest => from('192.0.2.9', { 'x-api-key': key })
const A = from('192.0.2.1')
const B = from('192.0.2.2')

describe('a client', () => {
  test('may do so much at once, and no other is held for it', async () => {
    const { statuses } = await limited({ limit: '2/minute' })
    expect(statuses(A, A, A, B)).toEqual([200, 200, 429, 200])
  })

  test('may go on as its bucket fills', async () => {
    const { statuses, clock } = await limited({ limit: '2/minute' })
    expect(statuses(A, A, A)).toEqual([200, 200, 429])
    clock.advance(29_999)
    expect(statuses(A)).toEqual([429])
    clock.advance(1)
    expect(statuses(A, A)).toEqual([200, 429])
    clock.advance(3_600_000)
    expect(statuses(A, A, A)).toEqual([200, 200, 429])
  })

  test('may have a smaller or larger burst than its limit', async () => {
    expect((await limited({ limit: '60/minute', burst: '1' })).statuses(A, A)).toEqual([200, 429])
    expect((await limited({ limit: '1/minute', burst: '3' })).statuses(A, A, A, A)).toEqual([200, 200, 200, 429])
  })

  test.each([['1/second', 1], ['1/5 seconds', 5], ['1 / hour', 3600], ['2/days', 43_200]])('has a new request under %s after %d s', async (limit, seconds) => {
    const { statuses, clock } = await limited({ limit, burst: '1' })
    expect(statuses(A, A)).toEqual([200, 429])
    clock.advance(seconds * 1000 - 1)
    expect(statuses(A)).toEqual([429])
    clock.advance(1)
    expect(statuses(A)).toEqual([200])
  })

  test('has a hundred a minute when nothing is said', async () => {
    const { statuses } = await limited({})
    expect(statuses(...Array.from({ length: 101 }, () => A)).slice(-2)).toEqual([200, 429])
  })
})

async function same(conf: Conf, ...requests: HttpRequest[]): Promise<number[]> {
  return (await limited({ limit: '1/minute', ...conf })).statuses(...requests)
}

describe('counted together are', () => {
  test.each([
    ['2001:db8::1', '2001:db8::2'],
    ['2001:db8::1', '2001:db8:0:0:ffff:1:2:3'],
    ['2001:DB8:0000:0::1', '2001:db8::'],
    ['::1', '::2'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4::'],
    ['64:ff9b::192.0.2.1', '64:ff9b::192.0.2.9'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['unix', 'unix'],
  ])('%s and %s', async (one, other) => {
    expect(await same({}, from(one), from(other))).toEqual([200, 429])
  })

  test.each([
    ['2001:db8::1', '2001:db8:0:1::1'],
    ['2001:db8:0:1::', '2001:db8:1::'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.2'],
    ['no:address', 'no:addresses'],
    [`${'x'.repeat(100)}1`, `${'x'.repeat(100)}2`],
  ])('not %s and %s', async (one, other) => {
    expect(await same({}, from(one), from(other))).toEqual([200, 200])
  })

  test('clients by address, also when that is said', async () => {
    expect(await same({ key: 'client' }, A, A, B)).toEqual([200, 429, 200])
  })

  test('a user wherever it is, and who is none by address', async () => {
    const one = from('192.0.2.1', { 'x-user-id': 'u' })
    const other = from('192.0.2.2', { 'x-user-id': 'u' })
    expect(await same({ key: 'user' }, one, other, A, A, B)).toEqual([200, 429, 200, 429, 200])
    expect(await same({ key: 'user' }, from('192.0.2.1', { 'x-user': 'u' }), from('192.0.2.2', { 'x-user': 'u' }))).toEqual([200, 429])
  })

  test('who sends one key, which cannot pass for an address', async () => {
    expect(await same({ key: 'header:X-Api-Key' }, keyed('192.0.2.1'), A, keyed('192.0.2.1'), keyed('k'))).toEqual([200, 200, 429, 200])
  })

  test('none of the exempt', async () => {
    expect(await same({ exempt: '192.0.2.1, unix' }, A, A, from('unix'), from('unix'), B, B)).toEqual([200, 200, 200, 200, 200, 429])
  })
})

test('who has been silent longest is forgotten when there are too many', async () => {
  const { statuses } = await limited({ limit: '1/minute', max_keys: '2' })
  expect(statuses(A, B, A, from('192.0.2.3'), A, B)).toEqual([200, 200, 429, 200, 429, 200])
})

describe('what is told', () => {
  test('with each reply (draft-ietf-httpapi-ratelimit-headers)', async () => {
    const { app, clock } = await limited({ limit: '10/minute', policy: 'api' }, () => ({ headers: { a: 'b' } }))
    expect(app(A)).toEqual({ headers: { a: 'b', 'ratelimit-policy': '"api";q=10;w=60', ratelimit: '"api";r=9;t=6' } })
    clock.advance(1000)
    expect(app(A)).toMatchObject({ headers: { ratelimit: '"api";r=8;t=5' } })
  })

  test('with a reply that comes later', async () => {
    const { app } = await limited({}, () => Promise.resolve({ status: 201 }))
    expect(await app(A)).toEqual({ status: 201, headers: { 'ratelimit-policy': '"default";q=100;w=60', ratelimit: '"default";r=99;t=1' } })
  })

  test('with a refusal, where both name the same moment', async () => {
    const { app } = await limited({ limit: '1/minute' })
    void app(A)
    const fields = { 'retry-after': '60', 'ratelimit-policy': '"default";q=1;w=60', ratelimit: '"default";r=0;t=60' }
    expect(() => app(A)).toThrow(expect.objectContaining({ name: 'HttpError', status: 429, expose: true, headers: fields }))
  })

  test('can be no more than Retry-After (RFC 6585 §4)', async () => {
    const { app } = await limited({ limit: '1/minute', fields: 'false' })
    expect(app(A)).toEqual({})
    expect(() => app(A)).toThrow(expect.objectContaining({ headers: { 'retry-after': '60' } }))
  })
})

test.each([
  ['limit', '100', 'is not a limit'],
  ['limit', '0/minute', 'is not a limit'],
  ['limit', '5/0 seconds', 'is not a limit'],
  ['limit', '5/fortnight', 'is not a limit'],
  ['burst', '-1', 'is out of range'],
  ['key', 'address', 'is no key'],
  ['key', 'header:a b', 'is no key'],
  ['max_keys', '0', 'is out of range'],
  ['exempt', '10.0.0.0/33', 'is no network'],
  ['policy', 'a"b', 'is no name'],
  ['limits', '1/second', 'did you mean "limit"'],
])('%s = %j is refused when the file is loaded', async (option, value, message) => {
  await expect(Promise.resolve(rateLimit({}, { [option]: value }))).rejects.toThrow(message)
})
