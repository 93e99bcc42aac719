import { expect, test } from 'vitest'
import type { App } from '../../src/app.ts'
import { Router } from '../../src/router/router.ts'
import type { UrlOptions, UrlParams } from '../../src/router/url.ts'
import { makeRequest } from '../support/make-request.ts'

const app: App = () => ({})
const router = new Router({ optionalPrefix: '/:project_id([0-9a-f]+)' })
  .get('/servers/:id', { name: 'server' }, app)
  .get('/flavors/{id:\\d+}{.format}', { name: 'flavor' }, app)
  .get('/files/{path:.*}', { name: 'file' }, app)
  .get('/café/a::b/{x}-{y}', { name: 'odd' }, app)
  .get('/rest/*', { name: 'rest' }, app)
  .get('/', { name: 'root' }, app)
  .resource('volumes', { show: app, index: app }, { parent: { member: 'server', collection: 'servers' } })
const request = makeRequest({ rawScriptName: '/compute/v2.1', host: 'api.example:8774', scheme: 'https' })

test.each<[name: string, params: UrlParams, options: UrlOptions, url: string]>([
  ['server', { id: 7 }, {}, '/servers/7'],
  ['server', { id: 'a/b é?' }, {}, '/servers/a%2Fb%20%C3%A9%3F'],
  ['server', { id: 7, project_id: 'ab' }, {}, '/ab/servers/7'],
  ['flavor', { id: 7 }, {}, '/flavors/7'],
  ['flavor', { id: 7, format: 'json' }, {}, '/flavors/7.json'],
  ['flavor', { id: 7, format: 'json', project_id: 'ab' }, {}, '/ab/flavors/7.json'],
  ['file', { path: 'a b/c%d/' }, {}, '/files/a%20b/c%25d/'],
  ['rest', { '*': 'a/b c' }, {}, '/rest/a/b%20c'],
  ['rest', { '*': '' }, {}, '/rest/'],
  ['odd', { x: 1, y: 2 }, {}, '/caf%C3%A9/a:b/1-2'],
  ['root', {}, {}, '/'],
  ['volumes.index', { server_id: 1 }, {}, '/servers/1/volumes'],
  ['volumes.show', { server_id: 1, id: 2 }, {}, '/servers/1/volumes/2'],
  ['server', { id: 7 }, { query: { limit: 10, tag: ['a b', 'c'], none: undefined, all: true } }, '/servers/7?limit=10&tag=a+b&tag=c&all=true'],
  ['server', { id: 7 }, { query: {} }, '/servers/7'],
  ['server', { id: 7 }, { request }, '/compute/v2.1/servers/7'],
  ['server', { id: 7 }, { request, absolute: true, query: { a: 1 } }, 'https://api.example:8774/compute/v2.1/servers/7?a=1'],
])('%s with %j is %4$s', (name, params, options, url) => {
  expect(router.url(name, params, options)).toBe(url)
})

test.each<[name: string, params: UrlParams, reason: string]>([
  ['sever', {}, 'there is no route of that name; did you mean "server"?'],
  ['nothing-like-it', {}, 'there is no route of that name'],
  ['server', {}, 'the parameter id is missing.'],
  ['server', { project_id: 'ab' }, 'the parameter id is missing.'],
  ['server', { id: undefined as unknown as string }, 'the parameter id is missing.'],
  ['server', { id: 7, name: 'x' }, 'the path has no parameter name.'],
  ['server', { id: '' }, 'the parameter id is "", which does not match .+.'],
  ['server', { id: '..' }, 'the parameter id is "..", which clients take out of a path (RFC 3986 §5.2.4).'],
  ['server', { id: '.' }, 'the parameter id is ".", which clients take out of a path'],
  ['flavor', { id: 'large' }, 'the parameter id is "large", which does not match \\d+.'],
])('%s with %j cannot be made: %s', (name, params, reason) => {
  expect(() => router.url(name, params)).toThrow(`Cannot make a URL of the route ${name}: ${reason}`)
})

test('an absolute URL needs a request', () => {
  expect(() => router.url('root', {}, { absolute: true })).toThrow('takes its host from a request, and none is given')
})

test('what is made is found again', () => {
  const echo = new Router().get('/a/:id', { name: 'a' }, ({ params }) => ({ body: params.id ?? '' })).get('/f/*path', { name: 'f' }, ({ params }) => ({ body: params['path'] ?? '' }))
  for (const value of ['a/b', 'ü%2F', 'x?y#z', '100%', ' ']) {
    expect(echo.app(makeRequest({ rawPathInfo: echo.url('a', { id: value }) }))).toEqual({ body: value })
    expect(echo.app(makeRequest({ rawPathInfo: echo.url('f', { path: value }) }))).toEqual({ body: value })
  }
})
