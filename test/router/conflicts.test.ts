import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import type { App } from '../../src/app.ts'
import { Router } from '../../src/router/router.ts'

const app: App = () => ({})
const here = fileURLToPath(import.meta.url)
const versions = { service: 'compute', min: '2.1', max: '2.90' }

test('two routes that are the same are told with names and places', () => {
  const router = new Router().get('/servers/:id', { name: 'server' }, app)
  expect(() => router.get('/servers/:uuid', { name: 'by-uuid' }, app)).toThrow(
    new RegExp(
      `^Cannot add the route GET /servers/:uuid: there is such a route already. This is GET /servers/:uuid "by-uuid", added at ${here}:\\d+:\\d+; ` +
        `the other is GET /servers/:id "server", added at ${here}:\\d+:\\d+\\.$`,
    ),
  )
})

test.each<[why: string, add: (router: Router) => unknown, reason: string]>([
  ['other names', (router) => router.get('/a/:x', app).get('/a/{y}', app), 'there is such a route already'],
  ['the same in a resource', (router) => router.get('/servers', app).resource('servers', { index: app }), 'there is such a route already'],
  ['with and without optional part', (router) => router.get('/a', app).get('/a{.format}', app), 'there is such a route already'],
  ['the same rest', (router) => router.get('/a/*', app).get('/a/{x:.*}', app), 'there is such a route already'],
  ['the same host', (router) => router.get('/a', { host: 'x' }, app).get('/a', { host: 'x' }, app), 'there is such a route already'],
  ['the same hosts', (router) => router.get('/a', { host: /x/ }, app).get('/a', { host: /x/ }, app), 'there is such a route already'],
  ['another requirement', (router) => router.get('/a/:x(\\d+)', app).get('/a/:y([a-z]+)', app), 'only its requirements tell it from another'],
  ['the same mount', (router) => router.mount('/a', app).mount('/a/', app), 'Cannot mount at /a/: there is such a route already'],
  ['a mount and a redirect', (router) => router.redirect('/a', '/b').mount('/a', app), 'Cannot mount at /a: there is such a route already'],
  ['a name for two paths', (router) => router.get('/a', { name: 'x' }, app).get('/b', { name: 'x' }, app), 'there is such a name already: x'],
])('%s is a conflict', (_why, add, reason) => {
  expect(() => add(new Router())).toThrow(reason)
})

test.each<[why: string, add: (router: Router) => Router]>([
  ['other methods', (router) => router.get('/a', app).put('/a', app)],
  ['other hosts', (router) => router.get('/a', app).get('/a', { host: 'x' }, app).get('/a', { host: 'y' }, app)],
  ['a requirement and none', (router) => router.get('/a/:x(\\d+)', app).get('/a/:y', app)],
  ['other requirements further up', (router) => router.get('/:x(\\d+)/a', app).get('/:y([a-z]+)/b', app)],
  ['a parameter and a text', (router) => router.get('/a/:x', app).get('/a/b', app)],
  ['one name for the methods of a path', (router) => router.get('/a', { name: 'x' }, app).put('/a', { name: 'x' }, app)],
  ['functions of one name', (router) => router.get('/a', app).get('/b', app)],
])('%s is none', (_why, add) => {
  expect(add(new Router()).routes.length).toBeGreaterThan(1)
})

test('versions that overlap name both', () => {
  const router = new Router({ versions }).get('/a', { versions: ['2.1', '2.5'] }, app)
  expect(() => router.get('/a', { versions: ['2.5'] }, app)).toThrow(
    /another has some of its versions\. This is GET \/a "app" of 2\.5 to 2\.90, added at .*conflicts\.test\.ts:\d+:\d+; the other is GET \/a "app" of 2\.1 to 2\.5, added at/,
  )
})

test.each<[why: string, path: string, options: object, reason: string]>([
  ['every version', '/a/:id', {}, 'there is such a route already'],
  ['other names', '/a/:uuid', { versions: ['2.6'] }, 'its parameters have other names or requirements in another version'],
  ['other requirements', '/a/:id(\\d+)', { versions: ['2.6'] }, ''],
  ['no version', '/b', { versions: ['2'] }, '"2" is no API version; one is written as 2.1.'],
  ['no range', '/b', { versions: ['2.5', '2.4'] }, 'the versions 2.5 to 2.4 are none: the first is after the last.'],
])('beside a route of some versions: %s', (_why, path, options, reason) => {
  const router = new Router({ versions }).get('/a/:id', { versions: ['2.1', '2.5'] }, app)
  const add = (): unknown => router.get(path, options, app)
  if (reason === '') expect(add).not.toThrow()
  else expect(add).toThrow(reason)
})

test('what was refused is not there', () => {
  const router = new Router().get('/a', app)
  expect(() => router.get('/a', app)).toThrow()
  expect(() => router.on('get', '/b', app)).toThrow("Method 'get' is not an http method")
  expect(() => router.on('get', '/b', app)).toThrow("Method 'get' is not an http method")
  expect(router.routes).toHaveLength(1)
})

test('a route that nobody\'s code added is told all the same', () => {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 0
  try {
    expect(() => new Router().get('/a', app).get('/a', app)).toThrow('added at an unknown place')
  } finally {
    Error.stackTraceLimit = limit
  }
})
