import { describe, expect, test } from 'vitest'
import type { App } from '../../src/app.ts'
import { lintApp } from '../../src/compose/lint.ts'
import { NovaURLMap, novaUrlmapFactory } from '../../src/compose/nova-urlmap.ts'
import { HttpError } from '../../src/errors.ts'
import { makeRequest } from '../support/make-request.ts'
import { partialLoader } from '../support/partial-loader.ts'

const VND = 'application/vnd.openstack.compute+json'
const ATOM = 'application/atom+xml'
const JSON_TYPE = 'application/json'

/** Answers with its name, the two halves of the path and the type to answer with. */
const echo = (name: string): App => lintApp((request) => ({
  body: [name, request.rawScriptName, request.rawPathInfo, request.environ['nova.best_content_type']],
}))

function mapOf(...expressions: string[]): App {
  const map = new NovaURLMap()
  for (const expression of expressions) map.add(expression, echo(expression))
  return lintApp(map.app)
}

function route(app: App, rawPathInfo: string, headers: Record<string, string> = {}): unknown {
  return (app(makeRequest({ rawPathInfo, headers })) as { body: unknown }).body
}

const api = mapOf('/', '/v2', '/v2.1', '/v2/+', '/v2.1/+')

describe('the version that is asked for (nova test_urlmap.py)', () => {
  test.each([
    ['by the path', '/v2/', {}, ['/v2', '/v2', '/']],
    ['by the path', '/v2.1/', {}, ['/v2.1', '/v2.1', '/']],
    ['by Content-Type', '/', { 'content-type': 'application/json;version=2' }, ['/v2', '/v2', '/']],
    ['by Content-Type', '/', { 'content-type': 'application/json; Version="2.1"' }, ['/v2.1', '/v2.1', '/']],
    ['by Accept', '/', { accept: 'application/json;version=2' }, ['/v2', '/v2', '/']],
    ['by Accept', '/', { accept: 'application/json;version=2.1' }, ['/v2.1', '/v2.1', '/']],
    ['by Content-Type before Accept', '/', { 'content-type': 'a/b;version=2', accept: 'application/json;version=2.1' }, ['/v2', '/v2', '/']],
    ['by the path before both', '/v2/x', { 'content-type': 'a/b;version=2.1', accept: '*/*;version=2.1' }, ['/v2/+', '/v2', '/x']],
    ['by Accept, when Content-Type says none', '/', { 'content-type': 'application/json', accept: '*/*;version=2' }, ['/v2', '/v2', '/']],
    ['none that is known', '/', { accept: 'application/json;version=9' }, ['/', '', '/']],
    ['of a type that is not supported', '/', { accept: 'application/xml;version=2' }, ['/', '', '/']],
    ['with a path of its own', '/servers', { accept: '*/*;version=2.1' }, ['/v2.1', '/v2.1', '/servers']],
    ['with more than a version', '/x', { accept: '*/*;version=2.1/x' }, ['/v2.1/+', '/v2.1', '/x']],
  ])('%s: %j with %j', (_, path, headers, expected) => {
    expect(route(api, path, headers)).toEqual([...expected, JSON_TYPE])
  })

  test('splits the path as nova does', () => {
    const splits = ['', '/', '/v2', '/v2/', '/v2.1', '/v2.1/', '/v2/foo', '/v2.1/foo', '/bar/baz'].map((path) => (route(api, path) as unknown[]).slice(1, 3))
    expect(splits).toEqual([
      ['', ''],
      ['', '/'],
      ['/v2', ''],
      ['/v2', '/'],
      ['/v2.1', ''],
      ['/v2.1', '/'],
      ['/v2', '/foo'],
      ['/v2.1', '/foo'],
      ['', '/bar/baz'],
    ])
  })

  test('a path that gets its version from a field keeps its slashes; one with a prefix does not', () => {
    expect(route(api, '//a//b', { accept: '*/*;version=2' })).toEqual(['/v2', '/v2', '//a//b', JSON_TYPE])
    expect(route(api, '//v2//b')).toEqual(['/v2/+', '/v2', '/b', JSON_TYPE])
    expect(route(api, '//a//b')).toEqual(['/', '', '/a/b', JSON_TYPE])
  })

  test('hosts have their own', () => {
    const app = mapOf('/v2', 'domain api.example /v2')
    expect(route(app, '/', { accept: '*/*;version=2' })).toEqual(['domain api.example /v2', '/v2', '/', JSON_TYPE])
  })
})

describe('the type to answer with', () => {
  test.each([
    ['/v2/servers', {}, JSON_TYPE],
    ['/v2/servers', { accept: VND }, VND],
    ['/v2/servers', { accept: 'application/xml;q=0.8, application/json' }, JSON_TYPE],
    ['/v2/servers', { accept: `application/json;q=0.8, ${VND}` }, VND],
    ['/v2/servers', { accept: `application/*;q=0.9, ${VND};q=0.9` }, VND],
    ['/v2/servers', { accept: '*/*' }, JSON_TYPE],
    ['/v2/servers', { accept: 'text/*' }, JSON_TYPE],
    ['/v2/servers', { accept: ATOM }, JSON_TYPE],
    ['/v2/', { accept: ATOM }, ATOM],
    ['/v2', { accept: ATOM }, JSON_TYPE],
    ['/', { accept: ATOM }, ATOM],
    ['/x', { accept: ATOM }, JSON_TYPE],
    ['/v2/servers.json', { accept: VND }, JSON_TYPE],
    ['/servers.json', { accept: VND }, JSON_TYPE],
    ['/v2/servers.xml', { accept: VND }, VND],
    ['/v2/servers', { accept: `${VND};q=much, application/json;q=0.1` }, JSON_TYPE],
  ])('of %j with %j is %j', (path, headers, type) => {
    expect((route(api, path, headers) as unknown[])[3]).toBe(type)
  })
})

test('more kinds of Accept than are remembered, and longer ones, are read all the same', () => {
  const fields = Array.from({ length: 250 }, (_, index) => `text/x${index}, ${VND};q=0.5${' '.repeat(index * 3)}`)
  for (const accept of [...fields, ...fields]) expect((route(api, '/v2/servers', { accept: `${accept}, a/b` }) as unknown[])[3]).toBe(VND)
})

describe('what no mount matches', () => {
  test('is a 404 that names no mount', () => {
    expect(() => mapOf('/v2')(makeRequest({ rawPathInfo: '/x' }))).toThrow(new HttpError(404, 'The resource could not be found.'))
  })

  test('goes to the not-found app as it came', () => {
    const map = new NovaURLMap(echo('none'))
    map.add('/v2', echo('/v2'))
    expect(route(map.app, '/x//y', { accept: '*/*;version=3' })).toEqual(['none', '', '/x//y', undefined])
  })

  test('is answered 204 for OPTIONS *, whatever version it asks for (RFC 9110 §9.3.7)', () => {
    expect(api(makeRequest({ method: 'OPTIONS', rawPathInfo: '*', headers: { accept: '*/*;version=2' } }))).toEqual({ status: 204 })
  })
})

test('the factory mounts what its keys name', async () => {
  const loader = partialLoader({ getApp: (name) => Promise.resolve(echo(name)) })
  const app = await novaUrlmapFactory(loader, {}, { '/': 'versions', '/v2.1/+': 'compute' })
  expect(route(app, '/v2.1/x')).toEqual(['compute', '/v2.1', '/x', JSON_TYPE])
  expect(route(app, '/v2.1')).toEqual(['versions', '', '/v2.1', JSON_TYPE])
})
