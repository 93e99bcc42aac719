import { describe, expect, test } from 'vitest'
import type { App, HttpReply } from '../../src/app.ts'
import { lintApp } from '../../src/compose/lint.ts'
import { HttpError } from '../../src/errors.ts'
import { faultwrap } from '../../src/middleware/faultwrap.ts'
import { ApiVersion, versionOf } from '../../src/router/api-version.ts'
import { Router, type RouterOptions } from '../../src/router/router.ts'
import { faultReply } from '../../src/fault-reply.ts'
import { makeRequest } from '../support/make-request.ts'

const versions = { service: 'compute', min: '2.1', max: '2.90' }
const legacy = { ...versions, legacyHeader: 'X-OpenStack-Nova-API-Version' }
const say =
  (from: string): App =>
  (request) => ({ body: { from, version: versionOf(request).text } })

function makeRouter(options: RouterOptions = {}): Router {
  return new Router({ versions, ...options })
    .get('/a', { versions: ['2.1', '2.9'] }, say('old'))
    .get('/a', { versions: ['2.10', '2.79'] }, say('middle'))
    .get('/a', { versions: ['2.80'] }, say('new'))
    .post('/a', { versions: ['2.50'] }, say('post'))
    .get('/plain', say('plain'))
    .get('/a/:id', say('show'))
    .get('/a/detail', { versions: ['2.50'] }, say('detail'))
    .get('/later', (request) => Promise.resolve({ headers: { vary: 'Accept' }, body: { version: versionOf(request).text } }))
    .get('/gone', () => Promise.reject(new HttpError(410, 'It was here.', { headers: { vary: 'Accept, OpenStack-API-Version', 'x-why': '1' } })))
    .get('/any', () => ({ headers: { vary: '*' }, body: '' }))
    .get('/broken', () => {
      throw new Error('broken')
    })
}

type Fields = Record<string, string>

function ask(router: Router, path: string, headers: Fields = {}, method = 'GET'): HttpReply | Promise<HttpReply> {
  return lintApp(router.app)(makeRequest({ method, rawPathInfo: path, headers }))
}

function failure(router: Router, path: string, headers: Fields, method = 'GET'): HttpError {
  try {
    void ask(router, path, headers, method)
  } catch (error) {
    if (error instanceof HttpError) return error
    throw error
  }
  throw new Error('it was answered')
}

const asking = (version: string): Fields => ({ 'openstack-api-version': version })

describe('which version a request is answered in', () => {
  test.each<[fields: Fields, from: string, version: string]>([
    [{}, 'old', '2.1'],
    [asking('compute 2.9'), 'old', '2.9'],
    [asking('compute 2.10'), 'middle', '2.10'],
    [asking('COMPUTE  2.79 '), 'middle', '2.79'],
    [asking('compute 2.80'), 'new', '2.80'],
    [asking('compute latest'), 'new', '2.90'],
    [asking('compute LATEST'), 'new', '2.90'],
    [asking('volume 3.15, compute 2.10,placement 1.5'), 'middle', '2.10'],
    [asking('compute 2.80, compute 2.10'), 'middle', '2.10'],
    [asking('volume 3.15'), 'old', '2.1'],
    [asking('computer 2.80'), 'old', '2.1'],
    [{ 'x-openstack-nova-api-version': '2.80' }, 'old', '2.1'],
  ])('%j: %s, %s', (fields, from, version) => {
    expect(ask(makeRouter(), '/a', fields)).toEqual({
      headers: { 'openstack-api-version': `compute ${version}`, vary: 'OpenStack-API-Version' },
      body: { from, version },
    })
  })

  test.each<[fields: Fields, version: string]>([
    [{ 'x-openstack-nova-api-version': '2.80' }, '2.80'],
    [{ 'x-openstack-nova-api-version': '2.10, 2.81' }, '2.81'],
    [{ 'x-openstack-nova-api-version': 'latest' }, '2.90'],
    [{ 'x-openstack-nova-api-version': '2.80', ...asking('volume 3.1') }, '2.80'],
    [{ 'x-openstack-nova-api-version': '2.80', ...asking('compute 2.11') }, '2.11'],
    [{}, '2.1'],
  ])('with a legacy header, %j: %s', (fields, version) => {
    expect((ask(makeRouter({ versions: legacy }), '/plain', fields) as HttpReply).headers).toEqual({
      'openstack-api-version': `compute ${version}`,
      'x-openstack-nova-api-version': version,
      vary: 'OpenStack-API-Version, X-OpenStack-Nova-API-Version',
    })
  })

  test.each(['compute', 'compute 2', 'compute 2.01', 'compute 02.1', 'compute 0.1', 'compute v2.1', 'compute 2.1.1', 'compute 2.1 2.2', 'compute 2.1000000000'])('"%s" is a 400', (field) => {
    expect(failure(makeRouter(), '/a', asking(field))).toMatchObject({ status: 400, headers: { vary: 'OpenStack-API-Version' } })
  })

  test.each(['2.0', '1.99', '2.91', '3.1'])('%s is a 406 that says which there are', (version) => {
    expect(failure(makeRouter(), '/nothing', asking(`compute ${version}`))).toMatchObject({
      status: 406,
      message: `API version ${version} is not supported; the versions from 2.1 to 2.90 are.`,
      headers: { vary: 'OpenStack-API-Version' },
      problem: { min_version: '2.1', max_version: '2.90' },
    })
  })

  test('what is answered for a 406 has the range as members', async () => {
    const error = failure(makeRouter(), '/a', asking('compute 9.9'))
    const request = makeRequest({ headers: { accept: 'application/json' } })
    expect(faultReply(error, request, false).body).toMatchObject({ status: 406, min_version: '2.1', max_version: '2.90' })
    const wrapped = (await faultwrap({}, {}))(() => Promise.reject(error))
    expect((await wrapped(request)).body).toMatchObject({ computeFault: { code: 406, min_version: '2.1' } })
  })
})

describe('routes of some versions', () => {
  test('a route that is there in another version only is a 404, as in nova', () => {
    expect(failure(makeRouter(), '/a', asking('compute 2.49'), 'POST')).toMatchObject({ status: 404, message: 'The resource could not be found in API version 2.49.' })
    expect(ask(makeRouter(), '/a', asking('compute 2.50'), 'POST')).toMatchObject({ body: { from: 'post' } })
  })

  test('it does not make way for a route that its path would also match', () => {
    expect(failure(makeRouter(), '/a/detail', asking('compute 2.49')).status).toBe(404)
    expect(ask(makeRouter(), '/a/detail', asking('compute 2.50'))).toMatchObject({ body: { from: 'detail' } })
  })

  test('HEAD is answered by the GET route of its version', () => {
    expect(ask(makeRouter(), '/a', asking('compute 2.85'), 'HEAD')).toMatchObject({ body: { from: 'new' } })
  })

  test('are in the route table with their range', () => {
    expect(makeRouter().routes.slice(0, 5).map(({ versions }) => versions)).toEqual([
      ['2.1', '2.9'],
      ['2.10', '2.79'],
      ['2.80', '2.90'],
      ['2.50', '2.90'],
      undefined,
    ])
  })

  test('in a resource', () => {
    const router = new Router({ versions }).resource('servers', { index: say('index'), create: say('create') }, { versions: ['2.5'], actions: { create: { versions: ['2.7'] } } })
    expect(router.routes.map(({ versions }) => versions?.[0])).toEqual(['2.5', '2.7'])
  })
})

describe('the version in replies', () => {
  test('is in one that comes later, and what it varies by already is kept', async () => {
    expect(await ask(makeRouter(), '/later')).toEqual({
      headers: { 'openstack-api-version': 'compute 2.1', vary: 'Accept, OpenStack-API-Version' },
      body: { version: '2.1' },
    })
    expect(ask(makeRouter(), '/any')).toMatchObject({ headers: { vary: '*' } })
  })

  test('is in errors, also those of the router itself', async () => {
    expect(failure(makeRouter(), '/nothing', {})).toMatchObject({ status: 404, headers: { 'openstack-api-version': 'compute 2.1', vary: 'OpenStack-API-Version' } })
    await expect(ask(makeRouter(), '/gone', asking('compute 2.7'))).rejects.toMatchObject({
      status: 410,
      message: 'It was here.',
      headers: { 'openstack-api-version': 'compute 2.7', vary: 'Accept, OpenStack-API-Version', 'x-why': '1' },
    })
  })

  test('an error that is thrown again and again keeps nothing of it', () => {
    const error = new HttpError(409, 'no', { problem: { why: 'so' } })
    const router = new Router({ versions }).get('/a', () => {
      throw error
    })
    expect(failure(router, '/a', {})).toMatchObject({ cause: error, problem: { why: 'so' }, headers: { 'openstack-api-version': 'compute 2.1' } })
    expect(error.headers).toEqual({})
  })

  test('what is no HttpError is passed on as it is', () => {
    expect(() => ask(makeRouter(), '/broken')).toThrow('broken')
  })
})

describe('versionOf', () => {
  test('is of the router that asked, also below a mount', () => {
    const inner = new Router().get('/x', say('inner'))
    expect(ask(new Router({ versions }).mount('/m', inner.app), '/m/x', asking('compute 2.5'))).toMatchObject({ body: { version: '2.5' } })
  })

  test('throws where there is none', () => {
    expect(() => versionOf(makeRequest())).toThrow('The request has no API version')
  })

  test('compares numbers, not text', () => {
    const version = ApiVersion.of('2.10')
    expect(version.atLeast('2.9')).toBe(true)
    expect(version.atLeast('2.10')).toBe(true)
    expect(version.atLeast('2.11')).toBe(false)
    expect(version.atLeast('3.1')).toBe(false)
    expect(version.atLeast('1.99')).toBe(true)
    expect(() => version.atLeast('two')).toThrow('"two" is no API version')
  })
})

test.each<[options: object, reason: string]>([
  [{ ...versions, min: '2' }, '"2" is no API version'],
  [{ ...versions, min: '3.1' }, 'the versions 3.1 to 2.90 are none'],
])('a router cannot speak %j', (wrong, reason) => {
  expect(() => new Router({ versions: wrong as typeof versions })).toThrow(reason)
})

test('a router without versions looks at no header and sets none', () => {
  const request = makeRequest()
  request.headers.get = () => {
    throw new Error('a header was read')
  }
  expect(new Router().get('/', () => ({ body: 'x' })).app(request)).toEqual({ body: 'x' })
})

test('a version is written into text as it is written in fields', () => {
  expect(String(ApiVersion.of('2.79'))).toBe('2.79')
})
