import { describe, expect, test } from 'vitest'
import type { App, HttpReply, HttpRequest } from '../../src/app.ts'
import { lintApp } from '../../src/compose/lint.ts'
import { HttpError } from '../../src/errors.ts'
import { Router, type RouterOptions } from '../../src/router/router.ts'
import { makeRequest } from '../support/make-request.ts'

const echo: App = ({ params, rawScriptName: script, rawPathInfo: path, method }) => ({ body: { params: { ...params }, script, path, method } })

function ask(router: Router, path: string, more: Partial<HttpRequest> = {}): Record<string, unknown> | number {
  const { headers: _, ...overrides } = more
  try {
    return (lintApp(router.app)(makeRequest({ rawPathInfo: path, ...overrides })) as HttpReply).body as Record<string, unknown>
  } catch (error) {
    if (error instanceof HttpError) return error.status
    throw error
  }
}

const get = (path: string, options = {}, router: RouterOptions = {}): Router => new Router(router).get(path, options, echo)

test.each<[pattern: string, path: string, params: object | number]>([
  ['/a/{id}', '/a/1', { id: '1' }],
  ['/a/{id}', '/a/', 404],
  ['/a/:(id)', '/a/1', { id: '1' }],
  ['/a/{id}/b', '/a/1/b', { id: '1' }],
  ['/a/{id:\\d+}', '/a/12', { id: '12' }],
  ['/a/{id:\\d+}', '/a/x', 404],
  ['/a/{id:\\d+}', '/a/1x', 404],
  ['/a/{id:[0-9a-f]{4}}/b', '/a/12ef/b', { id: '12ef' }],
  ['/a/{id:[0-9a-f]{4}}/b', '/a/12/b', 404],
  ['/a/:id(^\\d+$)', '/a/12', { id: '12' }],
  ['/a/:id((x|y)+)/:b', '/a/xy/z', { id: 'xy', b: 'z' }],
  ['/a/:id(\\))', '/a/)', { id: ')' }],
  ['/a/:id(\\$)', '/a/$', { id: '$' }],
  ['/a/{x}-{y}', '/a/1-2', { x: '1', y: '2' }],
  ['/a/{x}-{y}', '/a/1-2-3', { x: '1', y: '2-3' }],
  ['/a/{x}-{y}', '/a/-2', 404],
  ['/a/v{x}.{y:\\d+}/z', '/a/v1.2/z', { x: '1', y: '2' }],
  ['/a/:x~b', '/a/1~b', { x: '1' }],
  ['/a/::x', '/a/:x', {}],
  ['/a/:id?', '/a/1', { id: '1' }],
  ['/a/:id?', '/a', {}],
  ['/:id?', '/', {}],
  ['/:id?', '/1', { id: '1' }],
  ['/a/*', '/a/b/c', { '*': 'b/c' }],
  ['/a/*url', '/a/b/c', { url: 'b/c' }],
  ['/a/*url', '/a/', 404],
  ['/a/{url:.*}', '/a/', { url: '' }],
  ['/a/{url:.*}', '/a/b%2Fc/d', { url: 'b/c/d' }],
  ['/{x}/{url:.*}', '/1/b/c', { x: '1', url: 'b/c' }],
  ['/a/{url:.+}', '/a/b/c', { url: 'b/c' }],
  ['/a/{url:.+}', '/a/', 404],
  ['/a{.format}', '/a', {}],
  ['/a{.format}', '/a.json', { format: 'json' }],
  ['/a{.format}', '/a.', 404],
  ['/a{.format}', '/a.x/y', 404],
  ['/a/{id}{.format}', '/a/1', { id: '1' }],
  ['/a/{id}{.format}', '/a/1.json', { id: '1', format: 'json' }],
  ['/a/{id}{.format}', '/a/1.2.json', { id: '1.2', format: 'json' }],
  ['/a/{id:\\d+}{.format:json|xml}', '/a/1.xml', { id: '1', format: 'xml' }],
  ['/a/{id:\\d+}{.format:json|xml}', '/a/1.yml', 404],
])('%s has %s with %j, as in Routes', (pattern, path, params) => {
  const answer = ask(get(pattern), path)
  expect(typeof answer === 'number' ? answer : answer['params']).toEqual(params)
})

describe('requirements', () => {
  test.each<[requirement: RegExp | string, path: string, found: boolean]>([
    [/\d+/, '/a/12', true],
    [/\d+/, '/a/12x', false],
    [/^\d+$/, '/a/12', true],
    [/(a|b)c/, '/a/bc', true],
    ['json|xml', '/a/xml', true],
    ['json|xml', '/a/xmlx', false],
  ])('%s of the whole parameter: %s is found: %s', (id, path, found) => {
    expect(ask(get('/a/{id}', { requirements: { id } }), path) !== 404).toBe(found)
  })

  test("come before a pattern in the path, and that before the router's", () => {
    const usual = { requirements: { id: /[a-z]+/ } }
    expect(ask(get('/a/{id:\\d+}', { requirements: { id: /x/ } }, usual), '/a/x')).toMatchObject({ params: { id: 'x' } })
    expect(ask(get('/a/{id:\\d+}', {}, usual), '/a/1')).toMatchObject({ params: { id: '1' } })
    expect(ask(get('/a/{id}', {}, usual), '/a/x')).toMatchObject({ params: { id: 'x' } })
    expect(ask(get('/a/{id}', {}, usual), '/a/1')).toBe(404)
    expect(ask(get('/a/{other}', {}, usual), '/a/1')).toMatchObject({ params: { other: '1' } })
  })

  test('.* makes a parameter take the rest of the path', () => {
    expect(ask(get('/a/{url}', { requirements: { url: /.*/ } }), '/a/b/c')).toMatchObject({ params: { url: 'b/c' } })
    expect(ask(get('/a/*url', { requirements: { url: /.*/ } }), '/a/b/c')).toMatchObject({ params: { url: 'b/c' } })
  })
})

test.each<[path: string, options: object, reason: string]>([
  ['/a/{id', {}, '"{id" cannot be read as a part of a path'],
  ['/a/{id:x{2}', {}, 'a } is missing'],
  ['/a/:id(x', {}, 'a ) is missing'],
  ['/a/:id([)', {}, 'the requirement of id is no regular expression'],
  ['/a/:', {}, '":" cannot be read'],
  ['/a/{id}/{id}', {}, 'the path has two parameters id'],
  ['/a/{x:.*}/b', {}, 'x takes what is left of the path (.*); only its end can'],
  ['/a/*x', { requirements: { x: /\d+/ } }, 'x is all that is left of the path; it cannot have to match \\d+'],
  ['/a/:id', { requirements: { name: /x/ } }, 'its requirements name name, which is no parameter of the path'],
  ['/a/:id', { requirements: { id: /x/i } }, 'the requirement /x/i has flags, which cannot be kept'],
  ['/a/:id(([a-z]+)*)', {}, 'is not safe'],
  ['/a', { requirement: {} }, 'there is no option requirement; did you mean "requirements"?'],
  ['/a', { zzzzzzz: 1 }, 'there is no option zzzzzzz'],
  ['/a', { versions: ['2.1'] }, 'it has versions, and the router has not'],
])('%s with %j is refused: %s', (path, options, reason) => {
  expect(() => get(path, options)).toThrow(`Cannot add the route GET ${path}: `)
  expect(() => get(path, options)).toThrow(reason)
})

describe('several methods', () => {
  const router = new Router().on(['GET', 'PUT'], '/a', echo).on('*', '/any', echo).on('*', '/a', echo)

  test('a list makes a route of each', () => {
    expect(ask(router, '/a', { method: 'PUT' })).toMatchObject({ method: 'PUT' })
    expect(router.routes.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /a', 'PUT /a', '* /any', '* /a'])
  })

  test('* is every method, also unheard-of ones, where no route has the method itself', () => {
    expect(ask(router, '/any', { method: 'BREW' })).toMatchObject({ method: 'BREW' })
    expect(ask(router, '/a', { method: 'HEAD' })).toMatchObject({ method: 'HEAD' })
    expect(ask(router, '/a', { method: 'POST' })).toMatchObject({ method: 'POST' })
  })
})

describe('hosts', () => {
  const router = new Router()
    .get('/a', () => ({ body: { from: 'any' } }))
    .get('/a', { host: 'api.example' }, () => ({ body: { from: 'api' } }))
    .get('/a', { host: /^[a-z]+\.cdn\.example$/ }, () => ({ body: { from: 'cdn' } }))
    .get('/only', { host: '[::1]' }, () => ({ body: { from: 'six' } }))
    .get('/plain', () => ({ body: { from: 'plain' } }))

  test.each([
    ['api.example', '/a', 'api'],
    ['API.example:8774', '/a', 'api'],
    ['eu.cdn.example:80', '/a', 'cdn'],
    ['other.example', '/a', 'any'],
    ['[::1]:8774', '/only', 'six'],
    ['[::1]', '/only', 'six'],
    ['api.example', '/plain', 'plain'],
  ])('%s %s is answered by %s', (host, path, from) => {
    expect(ask(router, path, { host })).toEqual({ from })
  })

  test('a route of another host is not found', () => {
    expect(ask(router, '/only', { host: 'api.example' })).toBe(404)
    expect(ask(router, '/only', { host: 'api.example', method: 'POST' })).toBe(404)
    expect(ask(router, '/only', { host: '[::1]', method: 'POST' })).toBe(405)
  })

  test('are in the route table', () => {
    expect(router.routes.map(({ host }) => host)).toEqual([undefined, 'api.example', '/^[a-z]+\\.cdn\\.example$/', '[::1]', undefined])
  })
})

describe('the optional prefix', () => {
  const router = new Router({ optionalPrefix: '/:project_id([0-9a-f-]+)' })
    .get('/servers/:id', { requirements: { id: /\w+/ }, name: 'server' }, echo)
    .get('/', echo)
    .mount('/images', new Router().get('/:id', echo).app)

  test.each<[path: string, params: object]>([
    ['/servers/1', { id: '1' }],
    ['/12ab-cd/servers/1', { project_id: '12ab-cd', id: '1' }],
    ['/', {}],
    ['/12ab/', { project_id: '12ab' }],
    ['/images/7', { id: '7' }],
    ['/12ab/images/7', { project_id: '12ab', id: '7' }],
  ])('%s has %j, as with nova\'s ProjectMapper', (path, params) => {
    expect(ask(router, path)).toMatchObject({ params })
  })

  test('is no part of what it does not match', () => {
    expect(ask(router, '/xyz/servers/1')).toBe(404)
  })

  test('makes a line of its own in the route table', () => {
    expect(router.routes.slice(0, 2)).toEqual([
      { method: 'GET', path: '/servers/:id', name: 'server', requirements: { id: '\\w+' } },
      { method: 'GET', path: '/:project_id([0-9a-f-]+)/servers/:id', name: 'server', requirements: { id: '\\w+' } },
    ])
  })
})

describe('mounts', () => {
  const inner = new Router().get('/', echo).get('/servers/:id', echo).get('/own/:project_id', echo)
  const router = new Router()
    .mount('/v2/:project_id', inner.app)
    .mount('/below/{path_info:.*}', echo)
    .mount('/caf%C3%A9', echo)
    .get('/get/{path_info:.*}', echo)

  test.each<[path: string, answer: object]>([
    ['/v2/7', { params: { project_id: '7' }, script: '/v2/7', path: '' }],
    ['/v2/7/servers/1', { params: { project_id: '7', id: '1' }, script: '/v2/7', path: '/servers/1' }],
    ['/v2/a%2Fb/servers/1', { params: { project_id: 'a/b', id: '1' }, script: '/v2/a%2Fb', path: '/servers/1' }],
    ['/v2/7/own/8', { params: { project_id: '8' } }],
    ['/below/a/b', { params: {}, script: '/below', path: '/a/b' }],
    ['/below/', { params: {}, script: '/below', path: '/' }],
    ['/caf%C3%A9/x', { params: {}, script: '/caf%C3%A9', path: '/x' }],
    ['/get/x', { params: {}, script: '/get', path: '/x' }],
  ])('%s comes as %j', (path, answer) => {
    expect(ask(router, path)).toMatchObject(answer)
  })

  test('a mount at {path_info:.*} is only what is below it, as in Routes', () => {
    expect(ask(router, '/below')).toBe(404)
    expect(ask(router, '/get/x', { method: 'PUT' })).toBe(405)
  })

  test('one at / takes everything else', () => {
    const root = new Router().get('/a', echo).mount('/', echo)
    expect(ask(root, '/x/y')).toMatchObject({ params: {}, script: '', path: '/x/y' })
    expect(ask(root, '')).toMatchObject({ params: {}, script: '' })
  })

  test('their routers\' routes are listed with the prefix as it was given', () => {
    expect(router.routes.map(({ path }) => path)).toContain('/v2/:project_id/servers/:id')
    expect(router.routes.map(({ path }) => path)).toContain('/below/*')
  })

  test('the parameters of several mounts come together', () => {
    const middle = new Router().mount('/static', new Router().mount('/:region', inner.app).app)
    const outer = new Router().mount('/v2/:project_id', middle.app)
    expect(ask(outer, '/v2/7/static/eu/servers/1')).toMatchObject({ params: { project_id: '7', region: 'eu', id: '1' }, script: '/v2/7/static/eu' })
  })
})

describe('redirects', () => {
  const router = new Router()
    .redirect('/old/{id}/{rest:.*}', '/new/{id}/{rest:.*}')
    .redirect('/docs', 'https://docs.example/x', 301)
    .redirect('/home', 'https://docs.example')

  test.each<[path: string, more: Partial<HttpRequest>, status: number, location: string]>([
    ['/old/a%20b/c/d', {}, 302, '/new/a%20b/c/d'],
    ['/old/1/c', { rawScriptName: '/v2', queryString: 'x=1&y', method: 'POST' }, 302, '/v2/new/1/c?x=1&y'],
    ['/docs', { rawScriptName: '/v2' }, 301, 'https://docs.example/x'],
    ['/home', {}, 302, 'https://docs.example/'],
  ])('%s %j: %i to %s', (path, more, status, location) => {
    const { headers: _, ...overrides } = more
    expect(lintApp(router.app)(makeRequest({ rawPathInfo: path, ...overrides }))).toEqual({ status, headers: { location } })
  })

  test('a target with a parameter that the path has not is refused at start', () => {
    expect(() => new Router().redirect('/old', '/new/{id}')).toThrow('Cannot redirect /old to /new/{id}: the path has not always a parameter id.')
  })
})

describe('methodOverride', () => {
  const router = new Router({ methodOverride: true }).put('/a', echo).get('/a', echo).delete('/a', echo)

  test('a POST with _method is routed as that, and the handler sees a POST (Routes)', () => {
    expect(ask(router, '/a', { method: 'POST', queryString: 'x=1&_method=put' })).toMatchObject({ method: 'POST' })
  })

  test.each([
    ['GET', '_method=DELETE', 'GET'],
    ['POST', 'x_method=PUT', 405],
    ['POST', '', 405],
  ])('%s ?%s stays what it is', (method, queryString, outcome) => {
    const answer = ask(router, '/a', { method, queryString })
    expect(typeof answer === 'number' ? answer : answer['method']).toBe(outcome)
  })

  test('is off when not asked for', () => {
    expect(ask(new Router().put('/a', echo), '/a', { method: 'POST', queryString: '_method=PUT' })).toBe(405)
  })
})
