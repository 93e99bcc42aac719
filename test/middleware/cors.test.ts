import { describe, expect, test, vi } from 'vitest'
import type { App, HttpReply } from '../../src/app.ts'
import { cors } from '../../src/middleware/cors.ts'
import { makeRequest } from '../support/make-request.ts'

const DASHBOARD = 'https://dashboard.example'
const ALLOW = { allowed_origin: `${DASHBOARD}, https://Other.example/` }

type Strings = Record<string, string>

async function ask(localConf: Strings, headers: Strings, method = 'GET', next: App = () => ({})): Promise<HttpReply> {
  const app = (await cors({}, localConf))(next)
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

  test.each([
    ['another origin', ALLOW, { origin: 'https://evil.example' }],
    ['a method that is not allowed', { ...ALLOW, allow_methods: 'GET' }, {}],
    ['a method in another case', ALLOW, { 'access-control-request-method': 'put' }],
    ['a field that is not allowed', ALLOW, { 'access-control-request-headers': 'x-secret' }],
  ])('from or for %s goes on to the app, whose reply allows nothing', async (_, localConf, headers) => {
    expect(await preflight(localConf, headers, () => ({ status: 404 }))).toEqual({ status: 404, headers: { vary: 'Origin' } })
  })
})
