import { describe, expect, test, vi } from 'vitest'
import type { App, HttpReply } from '../../src/app.ts'
import { lintApp } from '../../src/compose/lint.ts'
import { cors } from '../../src/middleware/cors.ts'
import { makeRequest } from '../support/make-request.ts'

const DASHBOARD = 'https://dashboard.example'
const ALLOW = { allowed_origin: `${DASHBOARD}, https://Other.example/` }

type Strings = Record<string, string>

async function ask(localConf: Strings, headers: Strings, method = 'GET', next: App = () => ({})): Promise<HttpReply> {
  const app = lintApp((await cors({}, localConf))(lintApp(next)))
  return await app(makeRequest({ method, headers }))
}

const preflight = (localConf: Strings, headers: Strings, next?: App): Promise<HttpReply> =>
  ask(localConf, { origin: DASHBOARD, 'access-control-request-method': 'PUT', ...headers }, 'OPTIONS', next)

describe('a request', () => {
  test('of an allowed origin may be read by it', async () => {
    expect(await ask(ALLOW, { origin: DASHBOARD })).toEqual({
      headers: { vary: 'Origin', 'access-control-allow-origin': DASHBOARD, 'access-control-allow-credentials': 'true' },
    })
  })

  test('answered later is treated the same', async () => {
    const reply = await ask(ALLOW, { origin: 'https://other.example' }, 'GET', () => Promise.resolve({ status: 201 }))
    expect(reply).toMatchObject({ status: 201, headers: { 'access-control-allow-origin': 'https://other.example' } })
  })

  test.each([{}, { origin: 'https://evil.example' }, { origin: 'null' }])('with %j gets nothing but Vary', async (headers) => {
    expect(await ask(ALLOW, headers)).toEqual({ headers: { vary: 'Origin' } })
  })

  test('gets nothing at all when no origin is allowed', async () => {
    expect(await ask({}, { origin: DASHBOARD })).toEqual({ headers: {} })
  })

  test('of any origin gets *, never with credentials (Fetch, CORS protocol and credentials)', async () => {
    expect(await ask({ allowed_origin: '*' }, { origin: DASHBOARD })).toEqual({ headers: { 'access-control-allow-origin': '*' } })
  })

  test('of an origin named beside * gets its own name, and Vary', async () => {
    const conf = { allowed_origin: `* ${DASHBOARD}` }
    expect((await ask(conf, { origin: DASHBOARD })).headers).toMatchObject({ vary: 'Origin', 'access-control-allow-origin': DASHBOARD })
    expect((await ask(conf, { origin: 'https://x.example' })).headers).toEqual({ vary: 'Origin', 'access-control-allow-origin': '*' })
  })

  test('gets no credentials where they are not allowed, and the exposed fields', async () => {
    const reply = await ask({ ...ALLOW, allow_credentials: 'false', expose_headers: 'X-A X-B' }, { origin: DASHBOARD })
    expect(reply.headers).toEqual({ vary: 'Origin', 'access-control-allow-origin': DASHBOARD, 'access-control-expose-headers': 'x-a, x-b' })
  })

  test('that the app answers with CORS fields itself is left alone', async () => {
    const headers = { 'access-control-allow-origin': 'https://mine.example' }
    expect(await ask(ALLOW, { origin: DASHBOARD }, 'GET', () => ({ headers: { ...headers } }))).toEqual({ headers })
  })

  test('OPTIONS that is no preflight is a request like others', async () => {
    const reply = await ask(ALLOW, { origin: DASHBOARD }, 'OPTIONS', () => ({ status: 204 }))
    expect(reply).toMatchObject({ status: 204, headers: { 'access-control-allow-origin': DASHBOARD } })
  })

  test.each([
    ['Accept', 'Accept, Origin'],
    [['Accept', 'Cookie'], 'Accept, Cookie, Origin'],
    ['origin', 'origin'],
    ['*', '*'],
  ])('Vary %j becomes %j', async (before, vary) => {
    expect((await ask(ALLOW, {}, 'GET', () => ({ headers: { vary: before } }))).headers).toEqual({ vary })
  })
})

describe('a preflight', () => {
  test('that may pass is answered without the app', async () => {
    const next = vi.fn<App>(() => ({}))
    const localConf = { ...ALLOW, max_age: '60', allow_headers: 'X-Auth-Token' }
    expect(await preflight(localConf, { 'access-control-request-headers': 'x-auth-token,Content-Type' }, next)).toEqual({
      status: 204,
      headers: {
        vary: 'Origin',
        'access-control-allow-origin': DASHBOARD,
        'access-control-allow-credentials': 'true',
        'access-control-max-age': 60,
        'access-control-allow-methods': 'PUT',
        'access-control-allow-headers': 'x-auth-token, Content-Type',
      },
    })
    expect(next).not.toHaveBeenCalled()
  })

  test('that asks for no fields is told of none', async () => {
    expect((await preflight(ALLOW, {})).headers).not.toHaveProperty('access-control-allow-headers')
  })

  test('without an origin is none', async () => {
    expect(await ask(ALLOW, { 'access-control-request-method': 'PUT' }, 'OPTIONS', () => ({ status: 404 }))).toEqual({ status: 404, headers: { vary: 'Origin' } })
  })

  test('of any origin needs no Vary', async () => {
    expect((await preflight({ allowed_origin: '*' }, {})).headers).toEqual({
      'access-control-allow-origin': '*', 'access-control-max-age': 3600, 'access-control-allow-methods': 'PUT',
    })
  })

  test.each([
    ['another origin', ALLOW, { origin: 'https://evil.example' }],
    ['a method that is not allowed', { ...ALLOW, allow_methods: 'GET' }, {}],
    ['a method in another case', ALLOW, { 'access-control-request-method': 'put' }],
    ['a field that is not allowed', ALLOW, { 'access-control-request-headers': 'x-secret' }],
  ])('from or for %s goes on to the app, whose reply allows nothing', async (_, localConf, headers) => {
    expect(await preflight(localConf, headers, () => ({ status: 404 }))).toEqual({ status: 404, headers: { vary: 'Origin' } })
  })
})

test('with * alone a request without an origin is treated as all others, as a cache may give its reply to a page', async () => {
  expect(await ask({ allowed_origin: '*', expose_headers: 'x-a' }, {})).toEqual({
    headers: { 'access-control-allow-origin': '*', 'access-control-expose-headers': 'x-a' },
  })
})

test.each([
  ['https://dashboard.example:443', DASHBOARD],
  ['HTTPS://Dashboard.Example/', DASHBOARD],
  ['http://localhost:3000', 'http://localhost:3000'],
  ['chrome-extension://abcdef', 'chrome-extension://abcdef'],
  ['null', 'null'],
])('the origin %s is that of browsers that send %s', async (configured, origin) => {
  expect((await ask({ allowed_origin: configured }, { origin })).headers).toMatchObject({ 'access-control-allow-origin': origin })
})

describe('latent options', () => {
  const conf = {
    ...ALLOW, allow_methods: 'GET', allow_headers: 'x-a', expose_headers: 'x-b',
    latent_allow_methods: 'PUT', latent_allow_headers: 'x-c', latent_expose_headers: 'x-d',
  }

  test('add to what is allowed, as in the paste files of the time', async () => {
    expect(await preflight(conf, { 'access-control-request-headers': 'x-a, x-c' })).toMatchObject({ status: 204 })
    expect((await ask(conf, { origin: DASHBOARD })).headers).toMatchObject({ 'access-control-expose-headers': 'x-b, x-d' })
  })

  test('hold for groups too', async () => {
    const grouped = { ...conf, 'cors.a.allowed_origin': 'https://a.example', 'cors.a.allow_methods': '', 'cors.a.allow_headers': '' }
    expect(await preflight(grouped, { origin: 'https://a.example', 'access-control-request-headers': 'x-c' })).toMatchObject({ status: 204 })
  })
})

describe('a group', () => {
  const PARTNER = 'https://partner.example'
  const conf = { ...ALLOW, max_age: '60', expose_headers: 'x-a', 'cors.partner.allowed_origin': PARTNER, 'cors.partner.allow_methods': 'GET', 'cors.partner.allow_credentials': 'no' }

  test('has its own options, and of the others what the section says', async () => {
    const got = await preflight(conf, { origin: PARTNER, 'access-control-request-method': 'GET' })
    expect(got).toEqual({
      status: 204,
      headers: { vary: 'Origin', 'access-control-allow-origin': PARTNER, 'access-control-max-age': 60, 'access-control-allow-methods': 'GET' },
    })
    expect((await ask(conf, { origin: PARTNER })).headers).toEqual({ vary: 'Origin', 'access-control-allow-origin': PARTNER, 'access-control-expose-headers': 'x-a' })
  })

  test('changes nothing for others', async () => {
    expect(await preflight(conf, {})).toMatchObject({ status: 204, headers: { 'access-control-allow-credentials': 'true' } })
    expect(await preflight(conf, { origin: PARTNER }, () => ({ status: 404 }))).toMatchObject({ status: 404 })
  })

  test.each([
    [{ 'cors.partner.allow_methods': 'GET' }, 'cors.partner.allowed_origin: is missing: the group is for no origin'],
    [{ ...conf, 'cors.partner.allow_method': 'GET' }, 'cors.partner.allow_method: there is no such option'],
    [{ ...conf, 'cors.partner.max_age': 'x' }, 'cors.partner.max_age: is not an integer'],
    [{ ...conf, 'cors.partner': 'x' }, 'cors.partner: there is no such option'],
    [{ ...conf, 'cors.other.allowed_origin': `${PARTNER}/` }, `allowed_origin: is in two groups (got "${PARTNER}")`],
    [{ allowed_origin: 'https://a.example/path' }, 'allowed_origin: is no origin (got "https://a.example/path"; expected scheme://host'],
    [{ allowed_origin: 'dashboard.example' }, 'allowed_origin: is no origin'],
    [{ allowed_origin: 'https://a.example:99999' }, 'allowed_origin: is no origin'],
  ])('%j is refused', (localConf, message) => {
    expect(() => cors({}, localConf)).toThrow(message)
  })

  test('everything that is wrong is told at once', () => {
    expect(() => cors({}, { max_age: 'x', 'cors.a.allow_credentials': 'maybe', 'cors.b.max_age': '1' })).toThrow(
      /max_age: is not an integer.*\ncors\.a\.allow_credentials: is not a boolean.*\ncors\.b\.allowed_origin: is missing/,
    )
  })
})

describe('two filters in one pipeline', () => {
  const inner = { allowed_origin: 'https://a.example', allow_methods: 'GET' }

  async function both(headers: Strings, method = 'GET'): Promise<HttpReply> {
    const next = (await cors({}, inner))(lintApp(() => ({ status: 200 })))
    return await ask({ ...ALLOW, allow_methods: 'PUT' }, headers, method, next)
  }

  test('each answers the preflights of its origins, and of them only', async () => {
    const asking = { 'access-control-request-method': 'GET' }
    expect(await both({ ...asking, origin: 'https://a.example' }, 'OPTIONS')).toMatchObject({ status: 204, headers: { 'access-control-allow-origin': 'https://a.example' } })
    expect(await both({ 'access-control-request-method': 'PUT', origin: DASHBOARD }, 'OPTIONS')).toMatchObject({ status: 204 })
    expect(await both({ ...asking, origin: DASHBOARD }, 'OPTIONS')).toEqual({ status: 200, headers: { vary: 'Origin' } })
  })

  test('each lets its origins read replies', async () => {
    for (const origin of ['https://a.example', DASHBOARD]) expect((await both({ origin })).headers).toMatchObject({ vary: 'Origin', 'access-control-allow-origin': origin })
    expect((await both({ origin: 'https://evil.example' })).headers).toEqual({ vary: 'Origin' })
  })
})
