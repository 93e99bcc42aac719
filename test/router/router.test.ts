import { describe, expect, test } from 'vitest'
import type { App, HttpReply } from '../../src/app.ts'
import { HttpError } from '../../src/errors.ts'
import { Router, routesOf } from '../../src/router/router.ts'
import { makeRequest } from '../support/make-request.ts'

const echo =
  (name: string): App =>
  ({ params, rawScriptName: script, rawPathInfo: path }) => ({ body: { name, params: { ...params }, script, path } })

function call(router: Router, method: string, rawPathInfo: string): HttpReply {
  return router.app(makeRequest({ method, rawPathInfo })) as HttpReply
}

function failure(router: Router, method: string, path: string): HttpError {
  try {
    call(router, method, path)
  } catch (error) {
    if (error instanceof HttpError) return error
    throw error
  }
  throw new Error(`${method} ${path} was answered`)
}

describe('matching', () => {
  const router = new Router()
    .get('/', echo('root'))
    .get('/servers/:id', echo('show'))
    .get('/servers/detail', echo('detail'))
    .post('/servers/:id/action', echo('action'))
    .get('/flavors/:id(^[0-9]+$)', echo('flavor'))
    .get('/files/*', echo('files'))
    .on('PROPFIND', '/dav', echo('dav'))

  test.each([
    ['GET', '/', 'root', {}],
    ['GET', '', 'root', {}],
    ['GET', '/servers/1', 'show', { id: '1' }],
    ['GET', '/servers/detail', 'detail', {}],
    ['POST', '/servers/1/action', 'action', { id: '1' }],
    ['GET', '/flavors/42', 'flavor', { id: '42' }],
    ['GET', '/files/a/b', 'files', { '*': 'a/b' }],
    ['GET', '/files/', 'files', { '*': '' }],
    ['GET', '/files//', 'files', { '*': '/' }],
    ['PROPFIND', '/dav', 'dav', {}],
    ['GET', '/servers/a%2Fb', 'show', { id: 'a/b' }],
    ['GET', '/servers/caf%C3%A9%20x', 'show', { id: 'café x' }],
    ['GET', '/servers/100%25', 'show', { id: '100%' }],
    ['GET', '/servers/%2541', 'show', { id: '%41' }],
    ['GET', `/servers/${'x'.repeat(5000)}`, 'show', { id: 'x'.repeat(5000) }],
    ['HEAD', '/servers/1', 'show', { id: '1' }],
  ])('%s %s goes to %s with %j', (method, path, name, params) => {
    expect(call(router, method, path).body).toMatchObject({ name, params })
  })

  test('the raw path stays as it came', () => {
    expect(call(router, 'GET', '/servers/a%2Fb').body).toMatchObject({ path: '/servers/a%2Fb' })
  })

  test.each([
    ['GET', '/nothing'],
    ['GET', '/servers/'],
    ['GET', '/servers/1/'],
    ['POST', '/servers//action'],
    ['GET', '/Servers/1'],
    ['GET', '/flavors/large'],
    ['BREW', '/nothing'],
    ['OPTIONS', '/nothing'],
    ['constructor', '/nothing'],
  ])('%s %s is a 404', (method, path) => {
    expect(failure(router, method, path)).toMatchObject({ status: 404, message: 'The resource could not be found.' })
  })

  test.each(['/servers/%zz', '/servers/%', '/servers/%FF', '/nothing/%C3', '/%E0%A4%A'])('%s is a 400', (path) => {
    expect(failure(router, 'GET', path).status).toBe(400)
    expect(failure(router, 'DELETE', path).status).toBe(400)
  })

  test('an explicit HEAD route comes before the GET route', () => {
    const router = new Router().get('/a', echo('get')).head('/a', echo('head'))
    expect(call(router, 'HEAD', '/a').body).toMatchObject({ name: 'head' })
  })

  test('a handler that answers at once makes no promise, and a promise is passed on', async () => {
    const router = new Router().get('/now', () => ({ status: 200 })).get('/later', () => Promise.resolve({ status: 202 }))
    expect(call(router, 'GET', '/now')).toEqual({ status: 200 })
    await expect(call(router, 'GET', '/later')).resolves.toEqual({ status: 202 })
  })
})

describe('other methods', () => {
  const router = new Router().get('/a', echo('get')).put('/a', echo('put')).patch('/b', echo('patch')).delete('/b', echo('delete'))

  test('a path with routes for other methods is a 405 with Allow (RFC 9110 §15.5.6)', () => {
    expect(failure(router, 'POST', '/a')).toMatchObject({ status: 405, headers: { allow: 'GET, PUT, HEAD, OPTIONS' } })
    expect(failure(router, 'HEAD', '/b')).toMatchObject({ status: 405, headers: { allow: 'PATCH, DELETE, OPTIONS' } })
    expect(failure(router, 'BREW', '/a').status).toBe(405)
  })

  test('wrongMethod 404 answers as nova and Routes do', () => {
    const router = new Router({ wrongMethod: 404 }).get('/a', echo('get'))
    expect(failure(router, 'POST', '/a').status).toBe(404)
    expect(call(router, 'OPTIONS', '/a').status).toBe(204)
  })

  test('OPTIONS is answered with Allow (RFC 9110 §9.3.7)', () => {
    expect(call(router, 'OPTIONS', '/b')).toEqual({ status: 204, headers: { allow: 'PATCH, DELETE, OPTIONS' } })
  })

  test('OPTIONS * names every method there is', () => {
    expect(call(router, 'OPTIONS', '*')).toEqual({ status: 204, headers: { allow: 'GET, PUT, PATCH, DELETE, HEAD, OPTIONS' } })
  })

  test('* is not a path, also where / is', () => {
    expect(failure(new Router().get('/', echo('root')), 'GET', '*').status).toBe(405)
  })

  test('an OPTIONS route comes before the automatic answer', () => {
    const router = new Router().get('/a', echo('get')).options('/a', echo('options'))
    expect(call(router, 'OPTIONS', '/a').body).toMatchObject({ name: 'options' })
  })
})

describe('mounts', () => {
  const sub = new Router().get('/', echo('sub root')).get('/x/:id', echo('sub'))
  const router = new Router().get('/v2/own', echo('own')).mount('/v2', sub.app).mount('/other', echo('other')).get('/late', echo('late'))

  test.each([
    ['/v2', 'sub root', '/v2', ''],
    ['/v2/x/7', 'sub', '/v2', '/x/7'],
    ['/v2/own', 'own', '', '/v2/own'],
    ['/other/a/b', 'other', '/other', '/a/b'],
  ])('%s goes to %s as %j and %j', (path, name, script, rest) => {
    expect(call(router, 'GET', path).body).toMatchObject({ name, script, path: rest })
  })

  test('/v20 is not below /v2', () => {
    expect(failure(router, 'GET', '/v20').status).toBe(404)
  })

  test('a mount answers methods the router has never heard of', () => {
    expect(call(router, 'BREW', '/other/tea').body).toMatchObject({ name: 'other' })
  })

  test.each(['v2', '/a/*'])('%s is no place for a mount', (prefix) => {
    expect(() => router.mount(prefix, echo('x'))).toThrow(`Cannot mount at ${prefix}`)
  })

  test('routes lists those of mounted routers below their place', () => {
    sub.delete('/x/:id', function removeX() {
      return {}
    })
    expect(router.routes.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /v2/own',
      'GET /late',
      'GET /v2/',
      'GET /v2/x/:id',
      'DELETE /v2/x/:id',
      '* /other/*',
    ])
    expect(router.routes).toContainEqual({ method: 'DELETE', path: '/v2/x/:id', name: 'removeX' })
  })
})

describe('resources', () => {
  class Servers {
    readonly #kind = 'server'
    index = echo('index')
    create = echo('create')
    show: App = () => ({ body: { name: this.#kind } })
    delete = echo('delete')
    detail(): HttpReply {
      return { body: { name: `detail of ${this.#kind}` } }
    }
    action = echo('action')
  }
  const router = new Router()
    .resource('servers', new Servers(), { collection: { detail: 'GET' }, member: { action: 'POST' } })
    .resource('volumes', { show: echo('volume'), update: echo('update') }, { parent: { member: 'server', collection: 'servers' } })

  test.each([
    ['GET', '/servers', 'index'],
    ['POST', '/servers', 'create'],
    ['GET', '/servers/1', 'server'],
    ['DELETE', '/servers/1', 'delete'],
    ['GET', '/servers/detail', 'detail of server'],
    ['POST', '/servers/1/action', 'action'],
    ['PUT', '/servers/1/volumes/2', 'update'],
    ['PATCH', '/servers/1/volumes/2', 'update'],
  ])('%s %s goes to %s', (method, path, name) => {
    expect(call(router, method, path).body).toMatchObject({ name })
  })

  test('an action the controller does not have makes no route', () => {
    expect(failure(router, 'PUT', '/servers/1')).toMatchObject({ status: 405, headers: { allow: 'GET, DELETE, HEAD, OPTIONS' } })
    expect(failure(router, 'POST', '/servers/1/volumes').status).toBe(404)
  })

  test('a nested resource knows its parent by <member>_id', () => {
    expect(call(router, 'GET', '/servers/1/volumes/2').body).toMatchObject({ name: 'volume', params: { server_id: '1', id: '2' } })
  })

  test('parents may have parents', () => {
    const parent = { member: 'server', collection: 'servers', parent: { member: 'project', collection: 'projects' } }
    const router = new Router().resource('ports', { index: echo('index') }, { parent })
    expect(router.routes).toEqual([{ method: 'GET', path: '/projects/:project_id/servers/:server_id/ports', name: 'ports.index' }])
  })

  test('routes are named after collection and action', () => {
    expect(router.routes.map(({ name }) => name)).toContain('volumes.update')
  })

  test('an action that options name and the controller lacks is an error', () => {
    expect(() => new Router().resource('things', { index: echo('index') }, { member: { reboot: 'POST' } })).toThrow(
      'The controller of things has no method reboot, which its options name.',
    )
  })

  test('a controller without any action is an error', () => {
    expect(() => new Router().resource('things', {})).toThrow('The controller of things has none of the methods')
  })
})

test.each([
  ['GET', 'servers', echo('x'), 'a path starts with /'],
  ['GET', undefined as unknown as string, echo('x'), 'a path starts with /'],
  ['GET', '/servers/{id', echo('x'), '"{id" cannot be read as a part of a path'],
  ['GET', '/taken/:name', echo('x'), 'there is such a route already'],
  ['GET', '/a/*/b', echo('x'), 'Wildcard must be the last character in the route'],
  ['get', '/a', echo('x'), "Method 'get' is not an http method"],
  ['GET', '/a', undefined as unknown as App, 'its handler is not a function'],
])('%s %s cannot be added, and the error says why', (method, path, handler, reason) => {
  const router = new Router().get('/taken/:id', echo('taken'))
  const attempt = (): unknown => router.on(method, path, handler)
  expect(attempt).toThrow(`Cannot add the route ${method} ${path}: `)
  expect(attempt).toThrow(reason)
})

test("routesOf finds a router's table by its app", () => {
  const router = new Router().get('/a', echo('a'))
  expect(routesOf(router.app)).toEqual(router.routes)
  expect(routesOf(echo('b'))).toBeUndefined()
})
