import { describe, expect, test } from 'vitest'
import type { App, HttpReply } from '../../src/app.ts'
import { Router } from '../../src/router/router.ts'
import type { ResourceOptions } from '../../src/router/resource.ts'
import { makeRequest } from '../support/make-request.ts'

const app: App = ({ params }) => ({ body: { ...params } })
const all = { index: app, create: app, new: app, show: app, edit: app, update: app, delete: app, detail: app, action: app, preview: app }

function table(options: ResourceOptions): string[] {
  return new Router().resource('servers', all, options).routes.map(({ method, path }) => `${method} ${path}`).toSorted()
}

/** What `Mapper().resource('server', 'servers', …)` of Routes 2.5.1 makes, without the twins that have a format; PATCH is ours. */
const REST = [
  'DELETE /servers/:id',
  'GET /servers',
  'GET /servers/:id',
  'GET /servers/:id/edit',
  'GET /servers/new',
  'PATCH /servers/:id',
  'POST /servers',
  'PUT /servers/:id',
]

function below(prefix: string): string[] {
  return REST.map((route) => route.replace('/servers', `${prefix}/servers`))
}

describe('the routes of a resource are those of Routes', () => {
  test.each<[options: ResourceOptions, more: string[]]>([
    [{}, []],
    [{ collection: { detail: 'GET' } }, ['GET /servers/detail']],
    [{ member: { action: 'POST' } }, ['POST /servers/:id/action']],
    [{ new: { preview: 'POST' } }, ['POST /servers/new/preview']],
    [{ member: { action: ['GET', 'POST'] } }, ['GET /servers/:id/action', 'POST /servers/:id/action']],
  ])('with %j', (options, more) => {
    expect(table(options)).toEqual([...REST, ...more].toSorted())
  })

  test('below a parent, and a prefix', () => {
    expect(table({ parent: { member: 'project', collection: 'projects' } })).toEqual(below('/projects/:project_id'))
    expect(table({ pathPrefix: '/v2/:tenant_id' })).toEqual(below('/v2/:tenant_id'))
    expect(table({ pathPrefix: '/v2', parent: { member: 'project', collection: 'projects' } })).toEqual(below('/v2/projects/:project_id'))
  })

  test('with a format', () => {
    expect(table({ format: true })).toEqual(REST.map((route) => `${route}{.format}`).toSorted())
  })
})

test.each<[method: string, path: string, params: object]>([
  ['GET', '/servers', {}],
  ['GET', '/servers.json', { format: 'json' }],
  ['GET', '/servers/new', {}],
  ['GET', '/servers/new.json', { format: 'json' }],
  ['GET', '/servers/1.json', { id: '1', format: 'json' }],
  ['GET', '/servers/1/edit.xml', { id: '1', format: 'xml' }],
  ['PUT', '/servers/1', { id: '1' }],
])('with a format, %s %s has %j', (method, path, params) => {
  const router = new Router().resource('servers', all, { format: true, requirements: { format: /json|xml/ } })
  expect((router.app(makeRequest({ method, rawPathInfo: path })) as HttpReply).body).toEqual(params)
  expect(() => router.app(makeRequest({ method, rawPathInfo: '/servers/1/2.yml' }))).toThrow('could not be found')
})

test('name is what its routes\' names begin with', () => {
  const router = new Router().resource('volumes', all).resource('volumes', all, { name: 'server_volumes', parent: { member: 'server', collection: 'servers' } })
  expect(router.url('volumes.edit', { id: 1 })).toBe('/volumes/1/edit')
  expect(router.url('server_volumes.show', { id: 1, server_id: 2 })).toBe('/servers/2/volumes/1')
  expect(() => new Router().resource('volumes', all).resource('volumes', all, { pathPrefix: '/v2' })).toThrow('there is such a name already: volumes.index')
})

test('requirements and hosts are of each route, those of an action of its own', () => {
  const router = new Router().resource('servers', { show: app, update: app }, { host: 'api.example', requirements: { id: /\d+/ }, actions: { update: { requirements: { id: /x/ }, name: 'change' } } })
  expect(router.routes).toEqual([
    { method: 'GET', path: '/servers/:id', name: 'servers.show', host: 'api.example', requirements: { id: '\\d+' } },
    { method: 'PUT', path: '/servers/:id', name: 'change', host: 'api.example', requirements: { id: 'x' } },
    { method: 'PATCH', path: '/servers/:id', name: 'change', host: 'api.example', requirements: { id: 'x' } },
  ])
})

test('requirements may be of parameters that not every route has', () => {
  const router = new Router().resource('servers', { index: app, show: app }, { requirements: { id: /\d+/ } })
  expect(router.routes.map(({ path }) => path)).toEqual(['/servers', '/servers/:id'])
  expect(() => new Router().resource('servers', { index: app }, { requirements: { uuid: /x/ } })).toThrow(
    'The requirements of servers name uuid, which is no parameter of its paths.',
  )
})

test('an action that is given options and is none is an error', () => {
  expect(() => new Router().resource('servers', { index: app }, { actions: { show: {} } })).toThrow('The controller of servers has no method show, which its options name.')
  expect(() => new Router().resource('servers', { index: app, other: app } as object, { actions: { other: {} } })).toThrow('has no method other')
})
