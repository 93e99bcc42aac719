import { describe, expect, test } from 'vitest'
import { build, builtBy, loaderOf, problemOf, type Built } from './paste-files.ts'

const APP = 'use = egg:Test#app\n'
const FILTER = 'use = egg:Test#filter\n'

/** The same settings in every place that can give one, each saying where it stands. */
const FOREIGN = `
[DEFAULT]
both_default = b default
b_default = b default
seen = %(both_default)s %(b_default)s %(a_default)s
[app:main]
${APP}
set both_set = b set
set b_set = b set
set both_default_b_set = b set
both_local = b local
b_local = b local
`
const HEIR = `
[DEFAULT]
both_default = a default
a_default = a default
both_default_b_set = a default
[app:main]
use = config:sub/b.ini
set both_set = a set
set a_set = a set
both_local = a local
a_local = a local
`

describe('use of a section of another file', () => {
  test('lays own over foreign: A.set > B.set > A.DEFAULT and caller > B.DEFAULT, and A.local > B.local', async () => {
    const built = await build(HEIR, { 'sub/b.ini': FOREIGN }, { caller: 'caller' })
    expect(built.globalConf).toEqual({
      both_default: 'a default',
      a_default: 'a default',
      b_default: 'b default',
      both_default_b_set: 'b set',
      seen: 'b default b default a default',
      both_set: 'a set',
      a_set: 'a set',
      b_set: 'b set',
      caller: 'caller',
    })
    expect(built.localConf).toEqual({ both_local: 'a local', b_local: 'b local', a_local: 'a local' })
  })

  test("gives the factory A's here and __file__, while B's values are interpolated with B's", () => {
    const b = `[app:main]\n${APP}set __file__ = forged\nx = %(here)s %(__file__)s`
    const loader = loaderOf('[app:main]\nuse = config:sub/b.ini\n', { 'sub/b.ini': b })
    const directory = loader.configPath.replace(/\/[^/]*$/, '')
    expect(loader.appConfig()).toEqual({
      here: directory,
      __file__: loader.configPath,
      x: `${directory}/sub ${directory}/sub/b.ini`,
    })
  })

  test("skips what B's own section says and A defines globally, but for interpolation", async () => {
    const b = `[app:main]\n${APP}shared = own\nx = %(shared)s`
    const built = await build('[app:main]\nuse = config:b.ini\nset shared = a\n', { 'b.ini': b })
    expect(built).toMatchObject({ globalConf: { shared: 'a' }, localConf: { x: 'own' } })
  })

  test('takes set and get of [DEFAULT] along', async () => {
    const b = `[app:main]\n${APP}set t = b`
    const built = await build('[DEFAULT]\nset s = 100%%\nset t = a\nget x = s\n[app:main]\nuse = config:b.ini', { 'b.ini': b })
    expect(built.localConf).toEqual({ x: '100%' })
    expect(built.globalConf).toMatchObject({ s: '100%', t: 'a' })
  })

  test.each([
    ['config:b.ini', 'main'],
    ['config:b.ini#main', 'main'],
    ['config:b.ini#other', 'other'],
  ])('%s is its section "%s"', async (use, section) => {
    const b = `[app:main]\n${APP}x = main\n[app:other]\n${APP}x = other`
    expect((await build(`[app:main]\nuse = ${use}`, { 'b.ini': b })).localConf).toEqual({ x: section })
  })

  test('that is not there is an error where it is referred to', async () => {
    const loader = loaderOf('[app:main]\nuse = config:sub/b.ini#x')
    const file = loader.configPath.replace('api-paste.ini', 'sub/b.ini')
    expect(await problemOf(loader.loadApp())).toMatchObject({
      file: loader.configPath,
      line: 2,
      option: 'use',
      value: 'config:sub/b.ini#x',
      message: `File not found: ${file}`,
    })
  })
})

describe('a chain of use', () => {
  const chain = `
[app:main]
use = b
s = a
x = a
set s1 = a
get got = s2
[app:b]
use = c
x = b
y = b
set s1 = b
set s2 = b
get got_b = s1
[app:c]
${APP}
x = c
y = c
z = c
set s1 = c
set s2 = c
set s3 = c
`
  test('has the nearest set and the nearest local win', async () => {
    const { globalConf, localConf } = await build(chain.replace('get got = s2\n', ''))
    expect(globalConf).toEqual({ s1: 'a', s2: 'b', s3: 'c' })
    expect(localConf).toEqual({ s: 'a', x: 'a', y: 'b', z: 'c', got_b: 'b' })
  })

  test('resolves get with the globals of the section it stands in', async () => {
    expect(await problemOf(loaderOf(chain).loadApp())).toMatchObject({ section: 'app:main', option: 'get got', value: 's2' })
  })

  test.each([
    ['[app:main]\nuse = main', '[app:main] (api-paste.ini:1) -> [app:main] (api-paste.ini:1)'],
    [
      '[app:main]\nuse = a\n[app:a]\nuse = b\n[app:b]\nuse = a',
      '[app:a] (api-paste.ini:3) -> [app:b] (api-paste.ini:5) -> [app:a] (api-paste.ini:3)',
    ],
    ['[app:main]\nuse = config:b.ini', '[app:main] (api-paste.ini:1) -> [app:main] (b.ini:1) -> [app:main] (api-paste.ini:1)'],
    ['[pipeline:main]\npipeline = main', '[pipeline:main] (api-paste.ini:1) -> [pipeline:main] (api-paste.ini:1)'],
    [
      `[app:main]\n${APP}filter-with = f\n[filter:f]\n${FILTER}filter-with = f`,
      '[filter:f] (api-paste.ini:4) -> [filter:f] (api-paste.ini:4)',
    ],
    ['[filter-app:main]\nuse = egg:Test#filter\nnext = main', '[filter-app:main] (api-paste.ini:1) -> [filter-app:main] (api-paste.ini:1)'],
    [
      '[composite:main]\nuse = egg:Test#composite\n/ = a\n[app:a]\nuse = main',
      '[composite:main] (api-paste.ini:1) -> [app:a] (api-paste.ini:4) -> [composite:main] (api-paste.ini:1)',
    ],
  ])('that comes back to itself is an error with the whole circle: %j', async (ini, circle) => {
    const loader = loaderOf(ini, { 'b.ini': '[app:main]\nuse = config:api-paste.ini' })
    expect((await problemOf(loader.loadApp())).message).toBe(`refers to itself: ${circle}`)
  })

  test('may use a section twice side by side', async () => {
    const built = await build(`[pipeline:main]\npipeline = f f a\n[filter:f]\n${FILTER}[app:a]\n${APP}`)
    expect(built.next?.next?.made).toBe('app')
  })
})

/** From the outermost in: what was made, its `s` and its local settings. */
function layers(built: Built | undefined): unknown[][] {
  return built === undefined ? [] : [[built.made, built.globalConf['s'], built.localConf], ...layers(built.next)]
}

describe('use of', () => {
  const parts = `
[filter:f]
${FILTER}
f = f
[app:a]
${APP}
a = a
`
  test.each([
    [
      'a filter-app lays own settings over those of its filter',
      `[app:main]\nuse = fa\nset s = main\nx = main\n[filter-app:fa]\n${FILTER}next = a\nset s = fa\nx = fa\ny = fa`,
      [['filter', 'main', { x: 'main', y: 'fa' }], ['app', 'fa', { a: 'a' }]],
    ],
    [
      'an app with filter-with lays own settings over those of the app',
      `[app:main]\nuse = b\nset s = main\nx = main\n[app:b]\n${APP}filter-with = f\nset s = b\nx = b\ny = b`,
      [['filter', 'b', { f: 'f' }], ['app', 'main', { x: 'main', y: 'b' }]],
    ],
    [
      'an app with filter-with, in one with filter-with, has both filters around it, own outermost',
      `[app:main]\nuse = b\nfilter-with = g\n[app:b]\n${APP}filter-with = f\nx = b\n[filter:g]\n${FILTER}g = g`,
      [['filter', undefined, { g: 'g' }], ['filter', undefined, { f: 'f' }], ['app', undefined, { x: 'b' }]],
    ],
    [
      'a filter with filter-with lays own settings over those of the filter',
      `[pipeline:main]\npipeline = h a\n[filter:h]\nuse = b\nset s = h\nx = h\n[filter:b]\n${FILTER}filter-with = f\nset s = b\nx = b`,
      [['filter', 'b', { f: 'f' }], ['filter', 'h', { x: 'h' }], ['app', undefined, { a: 'a' }]],
    ],
    [
      'a pipeline gives it own globals where it sets none itself',
      '[app:main]\nuse = p\nset s = main\n[pipeline:p]\npipeline = f a',
      [['filter', 'main', { f: 'f' }], ['app', 'main', { a: 'a' }]],
    ],
  ])('%s', async (_title, ini, expected) => {
    expect(layers(await build(ini + parts))).toEqual(expected)
  })

  test('a pipeline drops own settings, with a warning, as in PasteDeploy', async () => {
    const loader = loaderOf(`[app:main]\nuse = p\ndebug = true\nset s = main\n[pipeline:p]\npipeline = f a\nfilter-with = f${parts}`)
    expect(layers(await builtBy(await loader.loadApp())).map(([made]) => made)).toEqual(['filter', 'filter', 'app'])
    const message = '[app:main] debug: has no effect, as a pipeline has nothing to give it to (got "true")'
    expect(loader.warnings).toEqual([{ level: 'warn', file: loader.configPath, line: 3, message }])
  })

  test('a composite looks its names up in the file of the outermost use', async () => {
    const built = await build(`[composite:main]\nuse = config:b.ini#base\n/a = home\n[app:home]\n${APP}of = a`, {
      'b.ini': `[composite:base]\nuse = egg:Test#composite\n/b = home\n[app:home]\n${APP}of = b`,
    })
    expect(built.mounts).toMatchObject({ '/a': { localConf: { of: 'a' } }, '/b': { localConf: { of: 'a' } } })
  })
})
