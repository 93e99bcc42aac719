import { describe, expect, test, vi } from 'vitest'
import type { App, CompositeLoader, HttpRequest } from '../../src/app.ts'
import { URLMap, urlmapFactory } from '../../src/compose/urlmap.ts'
import { ConfigError, HttpError } from '../../src/errors.ts'
import { makeRequest } from '../support/make-request.ts'

/** Answers with its name and the two halves of the path. */
const echo = (name: string): App => (request) => ({ body: [name, request.rawScriptName, request.rawPathInfo] })

function mapOf(...expressions: string[]): App {
  const map = new URLMap(echo('none'))
  for (const expression of expressions) map.add(expression, echo(expression))
  return map.app
}

function route(app: App, overrides: Parameters<typeof makeRequest>[0]): unknown {
  return (app(makeRequest(overrides)) as { body: unknown }).body
}

describe('splitting the path', () => {
  const app = mapOf('/', '/v2', '/v2.1/', '//a//b//', '/caf%c3%a9', '/größe', '/%7euser')

  test.each([
    ['', '/', '', ''],
    ['/', '/', '', '/'],
    ['/x', '/', '', '/x'],
    ['/v2', '/v2', '/v2', ''],
    ['/v2/', '/v2', '/v2', '/'],
    ['/v2/servers/1', '/v2', '/v2', '/servers/1'],
    ['/v20', '/', '', '/v20'],
    ['/v2.1/x', '/v2.1/', '/v2.1', '/x'],
    ['/v2.1', '/v2.1/', '/v2.1', ''],
    ['/a', '/', '', '/a'],
    ['/a//b//c//', '//a//b//', '/a/b', '/c/'],
    ['/~user/x', '/%7euser', '/~user', '/x'],
    ['//v2', '/v2', '/v2', ''],
    ['/V2', '/', '', '/V2'],
    ['/v2%2Fx', '/', '', '/v2%2Fx'],
    ['/caf%C3%A9/x', '/caf%c3%a9', '/caf%C3%A9', '/x'],
    ['/gr%C3%B6%C3%9Fe', '/größe', '/gr%C3%B6%C3%9Fe', ''],
  ])('%j goes to %j as %j and %j', (path, mount, script, info) => {
    expect(route(app, { rawPathInfo: path })).toEqual([mount, script, info])
  })

  test('a map in a map adds to the script name', () => {
    const outer = new URLMap()
    outer.add('/compute', mapOf('/v2'))
    expect(route(outer.app, { rawPathInfo: '/compute/v2/servers' })).toEqual(['/v2', '/compute/v2', '/servers'])
  })
})

describe("nova's /+ mounts", () => {
  const app = mapOf('/', '/v2', '/v2/+', '/only/+')

  test.each([
    ['/v2', '/v2', '/v2', ''],
    ['/v2/', '/v2', '/v2', '/'],
    ['/v2//', '/v2', '/v2', '/'],
    ['/v2/servers', '/v2/+', '/v2', '/servers'],
    ['/only', '/', '', '/only'],
    ['/only/', '/', '', '/only/'],
    ['/only/x', '/only/+', '/only', '/x'],
  ])('%j goes to %j as %j and %j', (path, mount, script, info) => {
    expect(route(app, { rawPathInfo: path })).toEqual([mount, script, info])
  })

  test('/+ takes everything but the root', () => {
    const app = mapOf('/', '/+')
    expect(route(app, { rawPathInfo: '/x' })).toEqual(['/+', '', '/x'])
    expect(route(app, { rawPathInfo: '/' })).toEqual(['/', '', '/'])
  })
})

test('/v2 and /v2/ are one mount, and the later app replaces the earlier', () => {
  expect(route(mapOf('/v2', '/v2/'), { rawPathInfo: '/v2' })).toEqual(['/v2/', '/v2', ''])
})

describe('hosts', () => {
  const app = mapOf(
    '/',
    '/v2',
    'domain Foo.example /v2',
    'domain foo.example port 8080 /v2',
    'domain bar.example port 80',
    'domain [::1] /six',
    'domain 192.0.2.1 /here',
  )

  test.each([
    ['foo.example', 'http', '/v2/x', 'domain Foo.example /v2'],
    ['FOO.example', 'http', '/v2/x', 'domain Foo.example /v2'],
    ['foo.example:9999', 'http', '/v2/x', 'domain Foo.example /v2'],
    ['foo.example:8080', 'http', '/v2/x', 'domain foo.example port 8080 /v2'],
    ['foo.example', 'http', '/v1', '/'],
    ['other.example', 'http', '/v2/x', '/v2'],
    ['bar.example', 'http', '/v2', 'domain bar.example port 80'],
    ['bar.example:', 'http', '/v2', 'domain bar.example port 80'],
    ['bar.example', 'https', '/v2', '/v2'],
    ['bar.example', 'gopher', '/v2', '/v2'],
    ['[::1]', 'http', '/six', 'domain [::1] /six'],
    ['[::1]:8774', 'http', '/six', 'domain [::1] /six'],
    ['', 'http', '/v2', '/v2'],
    ['', 'http', '/here', 'domain 192.0.2.1 /here'],
    ['192.0.2.1:8774', 'http', '/here', 'domain 192.0.2.1 /here'],
  ])('Host %j by %s for %j goes to %j', (host, scheme, path, mount) => {
    expect(route(app, { host, scheme, rawPathInfo: path })).toContain(mount)
  })
})

test('a request without Host is for the address it came to, also when that is IPv6', () => {
  const server = { name: 'compute', address: '::1', port: 8774, stopping: false, trusts: () => false }
  expect(route(mapOf('domain [::1] /six'), { host: '', rawPathInfo: '/six', server })).toContain('domain [::1] /six')
})

test('domains with a port hide nothing of the same domain without, and neither hides what is for every host', () => {
  const app = mapOf('domain h port 8080 /a', 'domain h /b', '/c', 'domain h /longer/path')
  const paths = ['/a', '/b', '/c', '/longer/path/x'].map((path) => route(app, { host: 'h:8080', rawPathInfo: path }))
  expect(paths.map((body) => (body as string[])[0])).toEqual(['domain h port 8080 /a', 'domain h /b', '/c', 'domain h /longer/path'])
})

describe('what no mount matches', () => {
  test('goes to the not-found app with its path as it came', () => {
    expect(route(mapOf('/v2'), { rawPathInfo: '/x//y' })).toEqual(['none', '', '/x//y'])
  })

  test('is a 404 that names no mount without one', () => {
    const map = new URLMap()
    map.add('/secret', echo('secret'))
    expect(() => map.app(makeRequest({ rawPathInfo: '/x' }))).toThrow(new HttpError(404, 'The resource could not be found.'))
  })

  test('is answered 204 for OPTIONS *, also beside a root mount (RFC 9110 §9.3.7)', () => {
    expect(mapOf('/')(makeRequest({ method: 'OPTIONS', rawPathInfo: '*' }))).toEqual({ status: 204 })
  })
})

test('finding costs the same number of look-ups for 2 mounts and for 1,000', () => {
  const get = vi.spyOn(Map.prototype, 'get')
  const countLookups = (app: App): number => {
    get.mockClear()
    void app(makeRequest({ rawPathInfo: '/m001/servers/1/a/b/c' }))
    return get.mock.calls.length
  }
  const few = mapOf('/m001', '/m002')
  const many = mapOf(...Array.from({ length: 1000 }, (_, index) => `/m${String(index).padStart(3, '0')}`))
  expect(countLookups(many)).toBe(countLookups(few))
  get.mockRestore()
})

const failTo = (name: string): Promise<App> => Promise.reject(new ConfigError({ message: 'no such app', value: name }))

describe('egg:Paste#urlmap', () => {
  const asked: unknown[][] = []
  const loader: CompositeLoader = {
    getApp: (...args) => {
      asked.push(args)
      return Promise.resolve(echo(args[0]))
    },
    getFilter: () => Promise.reject(new Error('not asked for')),
    getExport: () => Promise.reject(new Error('not asked for')),
    getServer: () => Promise.reject(new Error('not asked for')),
  }
  const globalConf = { debug: 'true' }
  const call = async (conf: Record<string, string>, request: HttpRequest, global = globalConf): Promise<unknown> => {
    const app = await urlmapFactory(loader, global, conf)
    return ((await app(request)) as { body: unknown }).body
  }

  test('every key is a path expression for the app it names, made with the global configuration', async () => {
    expect(await call({ '/': 'versions', '/v2.1': 'compute' }, makeRequest({ rawPathInfo: '/v2.1/x' }))).toEqual(['compute', '/v2.1', '/x'])
    expect(asked).toEqual([['versions', globalConf], ['compute', globalConf]])
  })

  test('not_found_app is an app, not a path', async () => {
    expect(await call({ not_found_app: 'lost', '/a': 'a' }, makeRequest({ rawPathInfo: '/x' }))).toEqual(['lost', '', '/x'])
  })

  test('not_found_app may stand in the global configuration; the section wins', async () => {
    const global = { ...globalConf, not_found_app: 'global' }
    expect(await call({}, makeRequest(), global)).toContain('global')
    expect(await call({ not_found_app: 'local' }, makeRequest(), global)).toContain('local')
  })

  test('an empty not_found_app is none, whatever the global configuration says', async () => {
    const global = { ...globalConf, not_found_app: 'global' }
    await expect(call({ not_found_app: '' }, makeRequest(), global)).rejects.toThrow(HttpError)
  })

  test('everything that is wrong is told at once', async () => {
    const work = urlmapFactory({ ...loader, getApp: failTo }, {}, { bad: 'one', '/a /b': 'two', not_found_app: 'three' })
    const error = await Promise.resolve(work).catch((thrown: unknown) => thrown)
    expect(error instanceof ConfigError && error.problems.map((problem) => problem.value ?? problem.option)).toEqual(['three', 'one', 'bad', 'two', '/a /b'])
  })

  test('a key that is no path expression fails the start', async () => {
    await expect(call({ bad: 'a' }, makeRequest())).rejects.toThrow('URL fragments must start with /')
  })
})
