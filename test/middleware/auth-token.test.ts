import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { App, Conf, HttpRequest } from '../../src/app.ts'
import { HttpError } from '../../src/errors.ts'
import { authToken, makeAuthToken } from '../../src/middleware/auth-token.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { FakeKeystone } from '../support/fake-keystone.ts'
import { wrapLinted } from '../support/linted.ts'
import { makeRequest } from '../support/make-request.ts'

const DEFAULT = { id: 'default', name: 'Default' }
const ADA = {
  expires_at: '2026-01-01T01:00:00.000000Z',
  user: { id: 'u1', name: 'ada', domain: DEFAULT },
  project: { id: 'p1', name: 'engines', domain: DEFAULT },
  roles: [{ id: '1', name: 'member' }, { id: '2', name: 'reader' }],
}
const NOVA = { ...ADA, user: { id: 'u2', name: 'nova', domain: DEFAULT }, project: { id: 'p2', name: 'service', domain: DEFAULT }, roles: [{ id: '3', name: 'service' }] }
const HOUR = 3_600_000

let keystone: FakeKeystone
let clock: FakeClock

beforeEach(async () => {
  keystone = await FakeKeystone.start()
  keystone.tokens.set('ada', ADA).set('nova', NOVA)
  clock = new FakeClock()
})
afterEach(() => keystone.stop())

const tellFields: App = ({ headers, environ }) => ({ body: { fields: Object.fromEntries(headers), info: environ['keystone.token_info'] } })

async function guarded(localConf: Conf = {}, app: App = tellFields): Promise<App> {
  const conf = { auth_url: keystone.url, username: 'compute', password: 'secret', project_name: 'service', ...localConf }
  return wrapLinted(await makeAuthToken({}, conf, clock), app)
}

const by = (token: string, headers: Record<string, string> = {}): HttpRequest => makeRequest({ headers: { 'x-auth-token': token, ...headers } })

async function ask(app: App, request: HttpRequest): Promise<{ status: number; fields: Record<string, string>; info: unknown }> {
  try {
    const { status = 200, body } = await app(request)
    return { status, ...(body as { fields: Record<string, string>; info: unknown }) }
  } catch (error) {
    if (!(error instanceof HttpError)) throw error
    return { status: error.status, fields: error.headers, info: error.message }
  }
}

/** As the server's own, and not as WHATWG's, these take all there is. */
function withAnyText(headers: HttpRequest['headers']): HttpRequest['headers'] {
  const fields = new Map(headers)
  const get = fields.get.bind(fields)
  return Object.assign(fields, { get: (name: string) => get(name) ?? null, append: () => undefined })
}

const statusOf = async (app: App, request: HttpRequest): Promise<number> => (await ask(app, request)).status

describe('a good token', () => {
  test('tells the app who it is', async () => {
    const { fields, info } = await ask(await guarded(), by('ada'))
    expect(fields).toEqual({
      'x-auth-token': 'ada',
      'x-identity-status': 'Confirmed',
      'x-user-id': 'u1',
      'x-user-name': 'ada',
      'x-user-domain-id': 'default',
      'x-user-domain-name': 'Default',
      'x-project-id': 'p1',
      'x-project-name': 'engines',
      'x-project-domain-id': 'default',
      'x-project-domain-name': 'Default',
      'x-roles': 'member,reader',
      'x-is-admin-project': 'True',
      'x-user': 'ada',
      'x-role': 'member,reader',
      'x-tenant-id': 'p1',
      'x-tenant-name': 'engines',
      'x-tenant': 'engines',
    })
    expect(info).toEqual({ token: ADA })
  })

  test('is the same for all requests, so that no app can change it', async () => {
    const app = await guarded({}, ({ environ }) => {
      const { token } = environ['keystone.token_info'] as { token: { roles: object[] } }
      token.roles.push({ name: 'admin' })
      return {}
    })
    await expect(Promise.resolve(app(by('ada')))).rejects.toThrow(TypeError)
  })

  test('may stand for a domain, or for the system', async () => {
    const { project: _, ...unscoped } = ADA
    keystone.tokens.set('domain', { ...unscoped, domain: DEFAULT, is_admin_project: false }).set('system', { ...unscoped, system: { all: true }, roles: undefined })
    const app = await guarded()
    const domain = await ask(app, by('domain'))
    expect(domain.fields).toMatchObject({ 'x-domain-id': 'default', 'x-domain-name': 'Default', 'x-is-admin-project': 'False' })
    expect(domain.fields).not.toHaveProperty('x-project-id')
    const system = await ask(app, by('system'))
    expect(system.fields).toMatchObject({ 'openstack-system-scope': 'all', 'x-roles': '' })
  })

  test('is asked for with the token of the service', async () => {
    await ask(await guarded({ auth_url: `${keystone.url}/v3/`, include_service_catalog: 'no' }), by(' ada '))
    const user = { name: 'compute', password: 'secret', domain: { id: 'default' } }
    const scope = { project: { name: 'service', domain: { id: 'default' } } }
    expect(keystone.asked).toEqual([
      { method: 'POST', url: '/v3/auth/tokens?nocatalog', body: { auth: { identity: { methods: ['password'], password: { user } }, scope } } },
      { method: 'GET', url: '/v3/auth/tokens?nocatalog', subject: 'ada', by: 'own-1', body: null },
    ])
  })

  test.each([
    [{ project_id: 'p', user_domain_name: 'D' }, { name: 'D' }, { project: { id: 'p' } }],
    [{ project_domain_id: 'd', user_domain_id: 'i' }, { id: 'i' }, { project: { name: 'service', domain: { id: 'd' } } }],
    [{ project_name: '' }, { id: 'default' }, undefined],
  ])('is asked for with the account %j', async (conf, domain, scope) => {
    await ask(await guarded(conf), by('ada'))
    expect(keystone.asked[0]?.body).toMatchObject({ auth: { identity: { password: { user: { domain } } } } })
    expect((keystone.asked[0]!.body as { auth: { scope?: object } }).auth.scope).toEqual(scope)
  })

  test('may come as X-Storage-Token', async () => {
    expect(await statusOf(await guarded(), makeRequest({ headers: { 'x-storage-token': 'ada' } }))).toBe(200)
  })

  test('brings the catalog, in the form of API v2', async () => {
    const endpoints = [
      { id: '1', interface: 'public', region: 'R', url: 'http://a' },
      { id: '2', interface: 'Internal', region: 'R', url: 'http://b' },
      { id: '3', interface: 'admin', region: null, url: 'http://c' },
      { id: '4', url: 'http://d' },
    ]
    keystone.tokens.set('rich', { ...ADA, catalog: [{ type: 'compute', name: 'nova', endpoints }, { type: 'empty' }] })
    const { fields } = await ask(await guarded(), by('rich'))
    expect(JSON.parse(fields['x-service-catalog']!)).toEqual([
      { type: 'compute', name: 'nova', endpoints: [{ region: 'R', publicURL: 'http://a', internalURL: 'http://b' }, { adminURL: 'http://c', URL: 'http://d' }] },
      { type: 'empty', endpoints: [] },
    ])
  })

  test('has no end of a line in its names (RFC 9110 §5.5)', async () => {
    keystone.tokens.set('sly', { ...ADA, user: { ...ADA.user, name: 'ада\r\nx-roles: admin' }, roles: [{ id: '1', name: 'a\nb' }] })
    const app = wrapLinted(await makeAuthToken({}, { auth_url: keystone.url, username: 'compute', password: 'secret' }, clock), tellFields)
    const request = Object.assign(by('sly'), { headers: withAnyText(by('sly').headers) })
    expect((await ask(app, request)).fields).toMatchObject({ 'x-user-name': 'ада  x-roles: admin', 'x-user': 'ада  x-roles: admin', 'x-roles': 'a b' })
  })

  test('does not make two roles of one with a comma', async () => {
    keystone.tokens.set('sly', { ...ADA, roles: [{ id: '1', name: 'reader' }, { id: '2', name: 'x,admin' }] })
    expect((await ask(await guarded(), by('sly'))).fields['x-roles']).toBe('reader')
  })
})

describe('what the client says of itself', () => {
  const claims = { 'X-Roles': 'admin', X_Roles: 'admin', 'X-User-Id': 'root', 'X-Identity-Status': 'Confirmed', 'X-Service-Roles': 'service', 'X-Domain-Id': 'd' }

  test('is taken out, whoever it is', async () => {
    const { fields } = await ask(await guarded(), by('ada', claims))
    expect(fields).toMatchObject({ 'x-roles': 'member,reader', 'x-user-id': 'u1' })
    for (const name of ['x_roles', 'x-service-roles', 'x-domain-id']) expect(fields).not.toHaveProperty(name)
  })

  test('is taken out also where the app decides', async () => {
    const { fields } = await ask(await guarded({ delay_auth_decision: 'true' }), makeRequest({ headers: { ...claims, accept: 'a' } }))
    expect(fields).toEqual({ accept: 'a', 'x-identity-status': 'Invalid' })
  })
})

const refused = (uri: string): object => ({ status: 401, fields: { 'www-authenticate': `Keystone uri="${uri}"` } })

describe('401 and where to get a token is the answer', () => {
  test.each<[string, HttpRequest]>([
    ['no token', makeRequest()],
    ['one Keystone does not know', by('unknown')],
    ['an empty one', by('')],
    ['two', by('ada, ada')],
    ['one of other characters', by('é')],
    ['one without end', by('a'.repeat(8193))],
  ])('to %s', async (_what, request) => {
    expect(await ask(await guarded(), request)).toMatchObject(refused(keystone.url))
  })

  test('in the words of the file', async () => {
    expect(await ask(await guarded({ www_authenticate_uri: 'https://id.example' }), makeRequest())).toMatchObject(refused('https://id.example'))
    expect(await ask(await guarded({ auth_uri: 'https://id.example/v3' }), makeRequest())).toMatchObject(refused('https://id.example/v3'))
  })

  test.each([
    ['is over', { ...ADA, expires_at: '2025-12-31T23:59:59Z' }],
    ['ends now', { ...ADA, expires_at: '2026-01-01T00:00:00Z' }],
    ['is bound', { ...ADA, bind: { kerberos: 'ada' } }],
    ['is only for some requests', { ...ADA, application_credential: { access_rules: [] } }],
  ])('to one that %s', async (_what, token) => {
    keystone.tokens.set('odd', token)
    expect(await statusOf(await guarded(), by('odd'))).toBe(401)
  })

  test('a token of an application credential is good', async () => {
    keystone.tokens.set('app', { ...ADA, application_credential: { id: 'a', access_rules: null }, bind: {} })
    expect(await statusOf(await guarded(), by('app'))).toBe(200)
  })

  test("also when it is the app's", async () => {
    const field = { 'www-authenticate': `Keystone uri="${keystone.url}"` }
    expect(await (await guarded({}, () => ({ status: 401 })))(by('ada'))).toEqual({ status: 401, headers: field })
    expect(await (await guarded({}, () => Promise.resolve({ status: 401, headers: { 'www-authenticate': 'Mine' } })))(by('ada'))).toEqual({ status: 401, headers: { 'www-authenticate': 'Mine' } })
    const thrown = await guarded({}, () => Promise.reject(new HttpError(401, 'no', { headers: { a: 'b' } })))
    await expect(thrown(by('ada'))).rejects.toMatchObject({ status: 401, message: 'no', headers: { ...field, a: 'b' } })
    const other = await guarded({}, () => {
      throw new HttpError(403, 'no')
    })
    await expect(other(by('ada'))).rejects.toMatchObject({ status: 403, headers: {} })
  })
})

describe('a token is remembered', () => {
  test('so that the next request is answered at once', async () => {
    const app = await guarded()
    await app(by('ada'))
    expect(app(by('ada'))).not.toBeInstanceOf(Promise)
    expect(keystone.count('GET')).toBe(1)
  })

  test('for five minutes', async () => {
    const app = await guarded()
    await app(by('ada'))
    clock.advance(300_000)
    await app(by('ada'))
    expect(keystone.count('GET')).toBe(1)
    clock.advance(1)
    await app(by('ada'))
    expect(keystone.count('GET')).toBe(2)
  })

  test('never past its end', async () => {
    const app = await guarded({ token_cache_time: '7200' })
    await app(by('ada'))
    clock.advance(HOUR - 1)
    expect(await statusOf(app, by('ada'))).toBe(200)
    expect(keystone.count('GET')).toBe(1)
    clock.advance(1)
    expect(await statusOf(app, by('ada'))).toBe(401)
  })

  test.each(['0', '-1'])('not at all, with %s', async (time) => {
    const app = await guarded({ token_cache_time: time })
    for (const token of ['ada', 'ada', 'unknown', 'unknown']) await statusOf(app, by(token))
    expect(keystone.count('GET')).toBe(4)
  })

  test('of those that are asked for at once only one question is asked', async () => {
    const app = await guarded()
    expect(await Promise.all(['ada', 'ada', 'ada', 'unknown', 'unknown'].map((token) => statusOf(app, by(token))))).toEqual([200, 200, 200, 401, 401])
    expect([keystone.count('POST'), keystone.count('GET')]).toEqual([1, 2])
  })

  test('that was refused, for ten seconds', async () => {
    const app = await guarded()
    for (const wait of [0, 10_000, 1]) {
      clock.advance(wait)
      expect(await statusOf(app, by('unknown'))).toBe(401)
    }
    expect(keystone.count('GET')).toBe(2)
  })

  test('with as many others as the file says, and bad ones push no good one out', async () => {
    const app = await guarded({ token_cache_size: '1' })
    for (const token of ['ada', 'bad1', 'bad2', 'ada']) await statusOf(app, by(token))
    expect(keystone.count('GET')).toBe(3)
    for (const token of ['nova', 'ada']) await statusOf(app, by(token))
    expect(keystone.count('GET')).toBe(5)
  })

  test('but is not asked about when it cannot be one', async () => {
    await statusOf(await guarded(), by('a b'))
    expect(keystone.asked).toEqual([])
  })
})

describe("the service's own token", () => {
  test('is used until shortly before its end', async () => {
    keystone.ownExpiresAt = '2026-01-01T00:10:00Z'
    const app = await guarded({ token_cache_time: '0' })
    await app(by('ada'))
    clock.advance(569_999)
    await app(by('ada'))
    expect(keystone.count('POST')).toBe(1)
    clock.advance(1)
    await app(by('ada'))
    expect(keystone.count('POST')).toBe(2)
  })

  test('is replaced when Keystone takes it no more, once', async () => {
    const app = await guarded({ token_cache_time: '0' })
    await app(by('ada'))
    keystone.revokeOwn()
    expect(await Promise.all([statusOf(app, by('ada')), statusOf(app, by('nova'))])).toEqual([200, 200])
    expect(keystone.count('POST')).toBe(2)
  })

  test('is not asked for without end when its clock is ahead of Keystone’s', async () => {
    keystone.ownExpiresAt = '2025-01-01T00:00:00Z'
    expect(await statusOf(await guarded(), by('ada'))).toBe(200)
    expect(keystone.count('POST')).toBe(1)
  })
})

function says(status: number, text: string): void {
  keystone.instead = (_request, response) => void response.writeHead(status).end(text)
}

async function saysOfTokens(status: number, text: string): Promise<App> {
  const app = await guarded()
  await app(by('nova'))
  says(status, text)
  return app
}

describe('nobody is let in, 503, while Keystone', () => {
  test.each([
    [500, ''], [403, ''], [401, ''], [300, ''], [200, 'no JSON'], [200, '{}'], [200, '{"token":{"user":{"id":"u"}}}'], [200, '{"token":{"expires_at":"2026-01-02","user":{}}}'],
  ])('answers %d %s', async (status, text) => {
    const app = await saysOfTokens(status, text)
    expect(await ask(app, by('ada'))).toMatchObject({ status: 503, info: expect.stringContaining('identity service is not available') })
    keystone.instead = null
    clock.advance(1000)
    expect(await statusOf(app, by('ada'))).toBe(200)
  })

  test.each([[401, ''], [201, '{}'], [500, '']])('answers the service itself with %d', async (status, text) => {
    says(status, text)
    expect(await statusOf(await guarded(), by('ada'))).toBe(503)
  })

  test('does not take the service’s own password, for which it is asked once a second', async () => {
    says(401, '')
    const app = await guarded()
    for (const wait of [0, 0, 999]) {
      clock.advance(wait)
      expect(await statusOf(app, by('ada'))).toBe(503)
    }
    expect(keystone.count('POST')).toBe(1)
    keystone.instead = null
    clock.advance(1)
    expect(await statusOf(app, by('ada'))).toBe(200)
  })

  test.each(['{}', '{"token":{"expires_at":"soon"}}'])('does not say when the service’s token expires, and then is asked once a second: %s', async (text) => {
    keystone.instead = (_request, response) => void response.writeHead(201, { 'x-subject-token': 'a' }).end(text)
    const app = await guarded()
    expect(await ask(app, by('ada'))).toMatchObject({ status: 503, info: expect.stringContaining('not when it expires') })
    expect(await statusOf(app, by('ada'))).toBe(503)
    expect(keystone.count('POST')).toBe(1)
  })

  test('is not there', async () => {
    const app = await guarded()
    await keystone.stop()
    expect(await statusOf(app, by('ada'))).toBe(503)
    keystone = await FakeKeystone.start()
  })

  test('does not answer in time', async () => {
    const app = await guarded({ http_connect_timeout: '2' })
    const asked = new Promise((resolve) => {
      keystone.instead = resolve
    })
    const answer = ask(app, by('ada'))
    await asked
    clock.advance(2000)
    expect(await answer).toMatchObject({ status: 503, info: expect.stringContaining('took too long') })
    expect(clock.pending).toBe(0)
  })

  test('loses every connection', async () => {
    keystone.instead = (request) => void request.socket.destroy()
    expect(await statusOf(await guarded({ http_request_max_retries: '2' }), by('ada'))).toBe(503)
    expect(keystone.asked).toHaveLength(3)
  })

  test('but a connection that is lost once is no harm', async () => {
    keystone.instead = (request) => {
      keystone.instead = null
      request.socket.destroy()
    }
    expect(await statusOf(await guarded(), by('ada'))).toBe(200)
  })

  test('and the message is not for the client, and has no token', async () => {
    const app = await saysOfTokens(500, '')
    const error = await Promise.resolve(app(by('ada'))).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ expose: false, message: expect.not.stringMatching(/ada|own-/) })
  })
})

describe('where the app decides', () => {
  const conf = { delay_auth_decision: 'true' }

  test.each(['unknown', ''])('%j goes on as nobody', async (token) => {
    expect(await ask(await guarded(conf), by(token))).toMatchObject({ status: 200, fields: { 'x-identity-status': 'Invalid' }, info: undefined })
  })

  test('a token nobody can check goes on as nobody', async () => {
    keystone.instead = (_request, response) => void response.writeHead(500).end()
    const { fields } = await ask(await guarded(conf), by('ada'))
    expect(fields).toEqual({ 'x-auth-token': 'ada', 'x-identity-status': 'Invalid' })
  })

  test('a good one is good', async () => {
    expect((await ask(await guarded(conf), by('ada'))).fields).toMatchObject({ 'x-identity-status': 'Confirmed' })
  })

  test('a service token that is not good is told of', async () => {
    const { fields } = await ask(await guarded(conf), by('ada', { 'x-service-token': 'unknown' }))
    expect(fields).toMatchObject({ 'x-identity-status': 'Confirmed', 'x-service-identity-status': 'Invalid' })
    expect(fields).not.toHaveProperty('x-service-user-id')
  })
})

describe('a service token', () => {
  const service = { 'x-service-token': 'nova' }

  test('tells who asks for the client', async () => {
    const { fields } = await ask(await guarded(), by('ada', service))
    expect(fields).toMatchObject({
      'x-user-id': 'u1',
      'x-service-identity-status': 'Confirmed',
      'x-service-user-id': 'u2',
      'x-service-project-name': 'service',
      'x-service-roles': 'service',
    })
  })

  test('that is not good refuses the request', async () => {
    expect(await statusOf(await guarded(), by('ada', { 'x-service-token': 'unknown' }))).toBe(401)
  })

  test('alone lets nobody in', async () => {
    expect(await statusOf(await guarded(), makeRequest({ headers: service }))).toBe(401)
  })

  test('of a service lets a token count that has expired, which is not remembered', async () => {
    keystone.tokens.set('old', { ...ADA, expires_at: '2025-12-31T00:00:00Z' })
    const app = await guarded()
    expect(await statusOf(app, by('old'))).toBe(401)
    for (const _ of [1, 2]) expect(await statusOf(app, by('old', service))).toBe(200)
    expect(keystone.asked.filter(({ url }) => url === '/v3/auth/tokens?allow_expired=1')).toHaveLength(2)
    expect(await statusOf(app, by('old', { 'x-service-token': 'ada' }))).toBe(401)
  })

  test('needs one of the roles only where that is required', async () => {
    const other = { 'x-service-token': 'ada' }
    expect(await statusOf(await guarded(), by('ada', other))).toBe(200)
    expect(await statusOf(await guarded({ service_token_roles_required: 'true' }), by('ada', other))).toBe(401)
    expect(await statusOf(await guarded({ service_token_roles_required: 'true', service_token_roles: 'x, member' }), by('ada', other))).toBe(200)
    expect(await statusOf(await guarded({ service_token_roles_required: 'true' }), by('ada'))).toBe(200)
  })
})

describe('the options', () => {
  test('may stand in [DEFAULT] too, and the section wins', async () => {
    const shared = { auth_url: 'http://127.0.0.1:1', username: 'compute', here: '/', colour: 'blue' }
    const filter = await makeAuthToken(shared, { identity_uri: keystone.url, auth_url: keystone.url, password: 'secret' }, clock)
    expect(await statusOf(filter(tellFields), by('ada'))).toBe(200)
  })

  test('may have their older names', async () => {
    const filter = await makeAuthToken({}, { identity_uri: keystone.url, username: 'compute', password: 'secret' }, clock)
    expect(await ask(filter(tellFields), makeRequest())).toMatchObject({ fields: { 'www-authenticate': `Keystone uri="${keystone.url}"` } })
    expect(await statusOf(filter(tellFields), by('ada'))).toBe(200)
  })

  test('of keystonemiddleware that mean nothing here are taken', async () => {
    expect(await statusOf(await guarded({ memcached_servers: 'a:1', region_name: 'R', auth_type: 'v3password', interface: 'internal' }), by('ada'))).toBe(200)
  })

  test('that are missing are told of together', async () => {
    await expect(Promise.resolve().then(() => authToken({}, {}))).rejects.toMatchObject({
      name: 'ConfigError',
      problems: [{ option: 'auth_url' }, { option: 'username' }, { option: 'password' }],
    })
  })

  test.each([
    ['auth_url', 'identity.example', 'is not a URL'],
    ['www_authenticate_uri', 'http://a"b', 'is not a URL'],
    ['auth_url', 'http://nova:secret@identity.example', 'has a user or a password, which clients would be told (got "http://nova:***@identity.example"'],
    ['auth_uri', 'http://nova@identity.example', 'has a user or a password'],
    ['auth_type', 'v2password', 'is not known'],
    ['http_connect_timeout', '0', 'is not a time'],
    ['cafile', 'none.pem', 'cannot be read'],
    ['auth_ulr', 'x', 'did you mean "auth_url"'],
  ])('%s = %s is refused when the file is loaded', async (option, value, message) => {
    await expect(guarded({ [option]: value })).rejects.toThrow(message)
  })
})

const HAS_OPENSSL = spawnSync('openssl', ['version']).status === 0

describe.skipIf(!HAS_OPENSSL)('a Keystone behind TLS (needs the program openssl)', () => {
  let here: string

  beforeEach(async () => {
    here = mkdtempSync(join(tmpdir(), 'millrace-auth-token-'))
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', 'key.pem', '-out', 'ca.pem']
    execFileSync('openssl', ['req', '-x509', ...key, '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'], { cwd: here, stdio: 'ignore' })
    await keystone.stop()
    keystone = await FakeKeystone.start({ key: readFileSync(join(here, 'key.pem')), cert: readFileSync(join(here, 'ca.pem')) })
    keystone.tokens.set('ada', ADA)
  })
  afterEach(() => rmSync(here, { recursive: true }))

  test.each([
    ['is believed with the authority of a file beside the INI file', { cafile: 'ca.pem' }, 200],
    ['is not believed without', {}, 503],
    ['is believed when nobody looks', { insecure: 'yes' }, 200],
  ])('%s', async (_what, conf, status) => {
    const account = { auth_url: keystone.url, username: 'compute', password: 'secret' }
    const filter = await makeAuthToken({ here }, { ...account, ...conf }, clock)
    expect(await statusOf(filter(tellFields), by('ada'))).toBe(status)
  })
})
