import { describe, expect, test } from 'vitest'
import type { App, HttpRequest } from '../../src/app.ts'
import { ConfigError } from '../../src/errors.ts'
import { Loader } from '../../src/paste/loader.ts'
import type { Builtin } from '../../src/paste/protocols.ts'
import { build, builtBy, builtins, loaderOf, problemOf } from './paste-files.ts'

const request = {} as HttpRequest
/** With the line that threw. */
const FAILED: unknown = expect.stringMatching(/^the factory failed: TypeError: boom \(at .*assembly\.test\.ts:\d+:\d+\)$/)
const app: App = () => ({ body: 'app' })

function fail(): never {
  throw new TypeError('boom')
}

/** What no factory may return, from one that says it never returns. */
function bad(value: unknown): () => never {
  return () => value as never
}

/** A loader of this INI text whose `Own#…` eggs are these. */
function loaderWith(ini: string, own: Readonly<Record<string, Builtin>>): Loader {
  const rows = Object.entries(own).map(([name, builtin]) => ({ ...builtin, names: [`Own#${name}`] }))
  return new Loader({ configPath: loaderOf(ini).configPath, builtins: [...builtins, ...rows] })
}

describe('an app', () => {
  test('is made before its filters, and these from left to right', async () => {
    const order: string[] = []
    const making = (kind: 'app' | 'filter'): Builtin =>
      kind === 'app'
        ? { kind, factory: () => (order.push('app'), app) }
        : { kind, factory: (_globalConf, { name = '' }) => (order.push(name), (next) => next) }
    const filters = '[filter:a]\nuse = egg:Own#filter\nname = a\n[filter:b]\nuse = egg:Own#filter\nname = b'
    const ini = `[pipeline:main]\npipeline = a b egg:Own#app\n${filters}`
    await loaderWith(ini, { app: making('app'), filter: making('filter') }).loadApp()
    expect(order).toEqual(['app', 'a', 'b'])
  })

  test('is made after the filter of its filter-with, as in PasteDeploy', async () => {
    const order: string[] = []
    const made: Builtin = { kind: 'app', factory: () => (order.push('app'), app) }
    const filter: Builtin = { kind: 'filter', factory: () => (order.push('filter'), (next) => next) }
    await loaderWith('[app:main]\nuse = egg:Own#app\nfilter-with = egg:Own#filter', { app: made, filter }).loadApp()
    expect(order).toEqual(['filter', 'app'])
  })

  test('is made anew for every reference to it', async () => {
    const made: App[] = []
    const factory = (): App => {
      made.push(() => ({}))
      return made.at(-1)!
    }
    const ini = '[composite:main]\nuse = egg:Test#composite\n/a = x\n/b = x\n[app:x]\nuse = egg:Own#app'
    await loaderWith(ini, { app: { kind: 'app', factory } }).loadApp()
    expect(new Set(made).size).toBe(2)
  })
})

describe('a composite', () => {
  const APP = '[app:home]\nuse = egg:Test#app\n'

  test('gets apps and filters by name and by URI, with the globals that it gives', async () => {
    const ini = `
[composite:main]
use = egg:Test#composite
set s = composite
/ = home
/uri = egg:Test#app
/other = config:other.ini
wrap = f
[filter:f]
use = egg:Test#filter
${APP}`
    const built = await build(ini, { 'other.ini': '[app:main]\nuse = egg:Test#main\nx = %(s)s' })
    expect(built.made).toBe('filter')
    expect(built.globalConf).toEqual({})
    expect(built.next?.mounts).toMatchObject({
      '/': { made: 'app', globalConf: { s: 'composite' } },
      '/uri': { made: 'app', globalConf: { s: 'composite' }, localConf: {} },
      '/other': { made: 'main', localConf: { x: 'composite' } },
    })
  })

  test('that asks for what is not there is told where it is written', async () => {
    const loader = loaderOf(`[composite:main]\nuse = egg:Test#composite\n/ = home\n/v2 = hom\n${APP}`)
    const problem = { file: loader.configPath, line: 4, option: '/v2', value: 'hom', nearest: 'home' }
    expect(await problemOf(loader.loadApp())).toMatchObject(problem)
  })

  test('that asks for one of several names is told the line of that', async () => {
    const composite: Builtin = { kind: 'composite', factory: (loader) => loader.getApp('absent') }
    const loader = loaderWith('[composite:main]\nuse = egg:Own#composite\nkeystone = f1\n  f2\n  absent', { composite })
    expect(await problemOf(loader.loadApp())).toMatchObject({ line: 5, option: 'keystone', value: 'absent' })
  })

  test('that asks for what is nowhere written is told its section', async () => {
    const composite: Builtin = { kind: 'composite', factory: (loader) => loader.getApp('made_up') }
    const loader = loaderWith('[composite:main]\nuse = egg:Own#composite', { composite })
    const problem = { line: 1, section: 'composite:main', message: expect.stringMatching(/'made_up'/) }
    expect(await problemOf(loader.loadApp())).toMatchObject(problem)
  })

  test('that mounts itself is an error', async () => {
    const loader = loaderOf('[composite:main]\nuse = egg:Test#composite\n/ = main')
    expect((await problemOf(loader.loadApp())).message).toBe(
      'refers to itself: [composite:main] (api-paste.ini:1) -> [composite:main] (api-paste.ini:1)',
    )
  })
})

describe('what a factory does wrong', () => {
  const INI = '[pipeline:main]\npipeline = f a\n[filter:f]\nuse = egg:Own#filter\n[app:a]\nuse = egg:Own#app\nsize = big\n'
  const fine: Record<'app' | 'filter', Builtin> = {
    app: { kind: 'app', factory: () => app },
    filter: { kind: 'filter', factory: () => (next) => next },
  }
  const atApp = { line: 6, section: 'app:a', option: 'use', value: 'egg:Own#app' }
  const atFilter = { line: 4, section: 'filter:f', option: 'use', value: 'egg:Own#filter' }

  test.each<[string, Partial<typeof fine>, object]>([
    ['an app factory that throws', { app: { kind: 'app', factory: fail } }, { ...atApp, message: FAILED }],
    [
      'an app factory that rejects',
      { app: { kind: 'app', factory: () => Promise.reject(new TypeError('boom')) } },
      { ...atApp, message: FAILED },
    ],
    [
      'an app factory that returns no function',
      { app: { kind: 'app', factory: bad({ fetch: 1 }) } },
      { ...atApp, message: 'the factory returned { fetch: 1 }', expected: 'a function' },
    ],
    [
      'an app factory that returns a router instead of its app',
      { app: { kind: 'app', factory: bad({ app: () => ({}) }) } },
      { ...atApp, message: 'the factory returned { app: [Function: app] }', expected: 'a function, as its app is' },
    ],
    [
      'an app factory that returns nothing',
      { app: { kind: 'app', factory: bad(undefined) } },
      { message: 'the factory returned undefined' },
    ],
    ['a composite factory that throws', { app: { kind: 'composite', factory: fail } }, { ...atApp, message: FAILED }],
    ['a filter factory that throws', { filter: { kind: 'filter', factory: fail } }, { ...atFilter, message: FAILED }],
    [
      'a filter factory that returns no function',
      { filter: { kind: 'filter', factory: bad(null) } },
      { ...atFilter, message: 'the factory returned null' },
    ],
    ['a filter that throws', { filter: { kind: 'filter', factory: () => fail } }, { ...atFilter, message: FAILED }],
    [
      'a filter that returns no function',
      { filter: { kind: 'filter', factory: () => bad(1) } },
      { ...atFilter, message: 'the factory returned 1' },
    ],
    ['a filter_app factory that throws', { filter: { kind: 'filter_app', factory: fail } }, { ...atFilter, message: FAILED }],
    [
      'a filter_app factory that rejects',
      { filter: { kind: 'filter_app', factory: () => Promise.reject(new TypeError('boom')) } },
      { ...atFilter, message: FAILED },
    ],
    [
      'a filter_app factory that resolves to no function',
      { filter: { kind: 'filter_app', factory: () => Promise.resolve(bad(1)()) } },
      { ...atFilter, message: 'the factory returned 1' },
    ],
  ])('%s is an error that names it', async (_title, own, problem) => {
    const loader = loaderWith(INI, { ...fine, ...own })
    expect(await problemOf(loader.loadApp())).toMatchObject({ file: loader.configPath, ...problem })
  })

  test('is kept as the cause', async () => {
    const loading = loaderWith(INI, { ...fine, app: { kind: 'app', factory: fail } }).loadApp()
    await expect(loading).rejects.toMatchObject({ cause: new TypeError('boom') })
  })

  test.each([
    ['an option', { option: 'size', message: 'is wrong', value: 'big' }, { line: 7, option: 'size', message: 'is wrong', value: 'big' }],
    ['an option that is not there', { option: 'depth', message: 'is needed' }, { line: 5, option: 'depth', message: 'is needed' }],
    ['no option', { message: 'says nothing' }, { line: 5, message: 'says nothing' }],
  ])('and tells of %s, gets its place', async (_title, problem, placed) => {
    const factory = (): never => {
      throw new ConfigError(problem)
    }
    const loader = loaderWith(INI, { ...fine, app: { kind: 'app', factory } })
    expect(await problemOf(loader.loadApp())).toEqual({ file: loader.configPath, section: 'app:a', ...placed })
  })

  test('and places only some of what it tells, gets the place of the rest', async () => {
    const placed = { file: 'routes.json', line: 3, message: 'is not JSON' }
    const factory = (): never => {
      throw new ConfigError([placed, { option: 'size', message: 'is wrong' }])
    }
    const loader = loaderWith(INI, { ...fine, app: { kind: 'app', factory } })
    await expect(loader.loadApp()).rejects.toMatchObject({ problems: [placed, { file: loader.configPath, line: 7, section: 'app:a', option: 'size' }] })
  })

  test('and places itself, is left as it is', async () => {
    const own = new ConfigError({ file: 'routes.json', line: 3, message: 'is not JSON' })
    const factory = (): never => {
      throw own
    }
    await expect(loaderWith(INI, { ...fine, app: { kind: 'app', factory } }).loadApp()).rejects.toBe(own)
  })
})

describe('an asynchronous filter_app factory', () => {
  const late: Builtin = {
    kind: 'filter_app',
    factory: async (next) => {
      await Promise.resolve()
      return async (given) => ({ body: ['late', (await next(given)).body] })
    },
  }

  test('is awaited before the app is there', async () => {
    const loaded = await loaderWith('[pipeline:main]\npipeline = egg:Own#late egg:Own#late egg:Own#app', {
      late,
      app: { kind: 'app', factory: () => app },
    }).loadApp()
    expect((await loaded(request)).body).toEqual(['late', ['late', 'app']])
  })

  test('in a filter that is loaded alone, answers once it is there', async () => {
    const filter = await loaderWith('[filter:main]\nuse = egg:Own#late', { late }).loadFilter()
    expect((await filter(app)(request)).body).toEqual(['late', 'app'])
  })

  test('that fails in a filter that is loaded alone, fails each request', async () => {
    const failing: Builtin = { kind: 'filter_app', factory: () => Promise.reject(new TypeError('boom')) }
    const wrapped = (await loaderWith('[filter:main]\nuse = egg:Own#failing', { failing }).loadFilter())(app)
    await expect(wrapped(request)).rejects.toMatchObject({ message: expect.stringContaining('the factory failed: TypeError: boom') })
  })
})

test('a filter with filter-with is loaded as one filter', async () => {
  const ini = '[filter:x]\nuse = egg:Test#filter\nn = x\nfilter-with = y\n[filter:y]\nuse = egg:Test#filter\nn = y'
  const filter = await loaderOf(ini).loadFilter('x')
  expect(await builtBy(filter(app))).toMatchObject({ localConf: { n: 'y' }, next: { localConf: { n: 'x' }, next: 'app' } })
})

describe('what an option of a composite names', () => {
  const importing: Builtin = {
    kind: 'composite',
    async factory(loader, _globalConf, { handler = '' }) {
      const exported = await loader.getExport(handler)
      return () => ({ body: { exported } })
    },
  }

  async function load(handler: string): Promise<unknown> {
    const { configPath } = loaderOf(`[app:main]\nuse = egg:Own#importing\nhandler = ${handler}`, { 'lib/app.mjs': 'export const app = 7' })
    const loaded = await new Loader({ configPath, builtins: [{ ...importing, names: ['Own#importing'] }] }).loadApp()
    return (await loaded(request)).body
  }

  test('is imported as seen from its file', async () => {
    expect(await load('./lib/app.mjs:app')).toEqual({ exported: 7 })
  })

  test('is an error with the line of that option when it is not there', async () => {
    const problem = { option: 'handler', section: 'app:main', line: 3, nearest: 'app', message: "'ap' is not exported" }
    await expect(load('./lib/app.mjs:ap')).rejects.toMatchObject({ problem })
  })
})
