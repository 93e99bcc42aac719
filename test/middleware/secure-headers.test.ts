import { describe, expect, test } from 'vitest'
import type { App, Conf, HttpReply, HttpRequest } from '../../src/app.ts'
import { secureHeaders } from '../../src/middleware/secure-headers.ts'
import { makeLinted } from '../support/linted.ts'
import { makeRequest } from '../support/make-request.ts'

const DEFAULTS = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

async function fieldsOf(localConf: Conf, app: App = () => ({}), request: HttpRequest = makeRequest()): Promise<HttpReply['headers']> {
  return (await (await makeLinted(secureHeaders, localConf, app))(request)).headers
}

test('an API that says nothing gets what its replies need', async () => {
  expect(await fieldsOf({})).toEqual(DEFAULTS)
})

test('an app that answers at once is answered for at once', async () => {
  const app = await makeLinted(secureHeaders, {}, () => ({ status: 201 }))
  expect(app(makeRequest())).toEqual({ status: 201, headers: DEFAULTS })
})

test('HSTS is sent by https only (RFC 6797 §7.2)', async () => {
  const fields = await fieldsOf({}, () => ({}), makeRequest({ scheme: 'https' }))
  expect(fields).toEqual({ ...DEFAULTS, 'strict-transport-security': 'max-age=31536000' })
})

describe('the app', () => {
  test('has the last word on a field', async () => {
    const own = { 'x-frame-options': 'SAMEORIGIN', 'referrer-policy': 'origin' }
    expect(await fieldsOf({ frame_options: 'DENY' }, () => Promise.resolve({ headers: { ...own } }))).toEqual({ ...DEFAULTS, ...own })
  })

  test('is not named to the client', async () => {
    const headers = { server: 'a', 'x-powered-by': 'b', 'x-version': '1' }
    expect(await fieldsOf({}, () => ({ headers: { ...headers } }))).toEqual({ ...DEFAULTS, 'x-version': '1' })
    expect(await fieldsOf({ remove: 'X-Version' }, () => ({ headers: { ...headers } }))).toEqual({ ...DEFAULTS, server: 'a', 'x-powered-by': 'b' })
  })
})

describe('an option', () => {
  test('is sent as it stands', async () => {
    expect(await fieldsOf({ permissions_policy: 'camera=(), geolocation=()' })).toEqual({ ...DEFAULTS, 'permissions-policy': 'camera=(), geolocation=()' })
  })

  test.each(Object.keys(DEFAULTS))('for %s can be off', async (name) => {
    const option = name.replace(/^x-/, '').replaceAll('-', '_')
    expect(await fieldsOf({ [option]: 'off' })).not.toHaveProperty([name])
  })

  test('for HSTS, or for what is removed, can be off', async () => {
    const conf = { strict_transport_security: 'OFF', remove: 'off' }
    const fields = await fieldsOf(conf, () => ({ headers: { server: 'mine' } }), makeRequest({ scheme: 'https' }))
    expect(fields).toEqual({ ...DEFAULTS, server: 'mine' })
  })

  test.each([
    ['frame_options', 'DENY\nx: y', 'is not the value of a header field'],
    ['referrer_policy', '', 'is not the value of a header field'],
    ['remove', 'a:b', 'is not the name of a header field'],
    ['frame_option', 'DENY', 'there is no such option'],
  ])('%s = %j is refused when the file is loaded', (option, value, message) => {
    expect(() => secureHeaders({}, { [option]: value })).toThrow(`${option}: ${message}`)
  })
})
