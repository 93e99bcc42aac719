import { describe, expect, test } from 'vitest'
import { build, loaderOf, problemOf, type Built } from './paste-files.ts'

const APP = 'use = egg:Test#app\n'
const FILTER = 'use = egg:Test#filter\n'
const PARTS = `
[filter:f]
use = egg:Test#filter
n = f
[filter:g]
use = egg:Test#filter_app
n = g
[app:a]
use = egg:Test#app
n = a
`

/** The `n` of each layer, from the outermost in. */
function names(built: Built | undefined): (string | undefined)[] {
  return built === undefined ? [] : [built.localConf['n'], ...names(built.next)]
}

describe('[pipeline:…]', () => {
  test.each([
    ['pipeline = a', ['a']],
    ['pipeline = f a', ['f', 'a']],
    ['pipeline = g f a', ['g', 'f', 'a']],
    ['pipeline =\n  f\n\n  # no filter\n  g\ta', ['f', 'g', 'a']],
    ['pipeline = f inner\n[pipeline:inner]\npipeline = g a', ['f', 'g', 'a']],
    ['pipeline = f config:other.ini#x', ['f', 'x']],
    ['pipeline = g a\nfilter-with = f', ['f', 'g', 'a']],
    ['set pipeline = 1\nget pipeline = members\n[DEFAULT]\nmembers = f a', ['f', 'a']],
  ])('%j has its first filter outermost', async (body, expected) => {
    const others = { 'other.ini': `[app:x]\n${APP}n = x` }
    expect(names(await build(`[pipeline:main]\n${body}${PARTS}`, others))).toEqual(expected)
  })

  test('takes built-in factories by URI, and gives them its globals', async () => {
    const built = await build('[DEFAULT]\nd = 1\n[pipeline:main]\nset s = 2\npipeline = egg:Test#filter egg:Test#filter_app egg:Test#app')
    const globalConf = { d: '1', s: '2' }
    const app = { made: 'app', globalConf, localConf: {} }
    expect(built).toEqual({ made: 'filter', globalConf, localConf: {}, next: { made: 'filter_app', globalConf, localConf: {}, next: app } })
  })

  const where = '[pipeline:main]'
  test.each([
    ['', `The ${where} section in FILE is missing a 'pipeline' setting`],
    ['pipeline =', `The ${where} pipeline is empty`],
    ['pipeline = f a\nfoo = 1\nbar = 2', `The ${where} pipeline section in FILE has extra (disallowed) settings: foo, bar`],
    ['pipeline = f a\nget foo = here', `The ${where} pipeline section in FILE has extra (disallowed) settings: foo`],
  ])('%j is an error', async (body, message) => {
    const loader = loaderOf(`${where}\n${body}${PARTS}`)
    expect((await problemOf(loader.loadApp())).message).toBe(message.replace('FILE', loader.configPath))
  })
})

describe('[filter-app:…]', () => {
  test.each([
    ['use = f\nnext = a', ['main', 'a']],
    [`${FILTER}next = a`, ['main', 'a']],
    ['use = egg:Test#filter_app\nnext = p\n[pipeline:p]\npipeline = f a', ['main', 'f', 'a']],
    ['use = f\nnext = a\nfilter-with = g', ['g', 'main', 'a']],
  ])('%j is its filter around the next app', async (body, expected) => {
    expect(names(await build(`[filter-app:main]\nn = main\n${body}${PARTS}`))).toEqual(expected)
  })

  test('without next is an error', async () => {
    const loader = loaderOf(`[filter-app:main]\n${FILTER}`)
    expect(await problemOf(loader.loadApp())).toMatchObject({
      line: 1,
      message: `The [filter-app:main] section in ${loader.configPath} is missing a 'next' setting`,
    })
  })
})

describe('filter-with', () => {
  test.each([
    [`[app:main]\n${APP}n = main\nfilter-with = f`, ['f', 'main']],
    [`[app:main]\n${APP}n = main\nfilter-with = egg:Test#filter`, [undefined, 'main']],
    [`[composite:main]\nuse = egg:Test#composite\nn = main\nfilter-with = f`, ['f', 'main']],
    [`[pipeline:main]\npipeline = x a\n[filter:x]\n${FILTER}n = x\nfilter-with = g`, ['g', 'x', 'a']],
    [
      `[app:main]\n${APP}n = main\nfilter-with = x\n[filter:x]\n${FILTER}n = x\nfilter-with = y\n[filter:y]\n${FILTER}n = y`,
      ['y', 'x', 'main'],
    ],
  ])('%j has the filter it names outermost', async (ini, expected) => {
    expect(names(await build(ini + PARTS))).toEqual(expected)
  })

  test('reaches no factory', async () => {
    expect((await build(`[app:main]\n${APP}filter-with = f${PARTS}`)).next?.localConf).toEqual({})
  })
})

describe('require', () => {
  const packages = {
    'node_modules/plain/index.js': '',
    'node_modules/@scope/esm-only/package.json': '{ "type": "module", "exports": { "import": "./index.js" } }',
  }

  test('of packages that are installed is met, and reaches no factory', async () => {
    const built = await build(`[app:main]\n${APP}require = plain\n  @scope/esm-only\nx = 1`, packages)
    expect(built.localConf).toEqual({ x: '1' })
  })

  test.each(['absent', 'fs'])('of %s is an error', async (name) => {
    const loader = loaderOf(`[app:main]\n${APP}require = plain ${name}`, packages)
    expect(await problemOf(loader.loadApp())).toEqual({
      file: loader.configPath,
      line: 3,
      section: 'app:main',
      option: 'require',
      value: name,
      message: 'this npm package is not installed',
    })
  })
})

describe('the factory of a section', () => {
  const modules = {
    'f.js': `
      export const app = () => () => ({ body: { made: 'app' } })
      export const composite = async (loader) => loader.getApp('a')
      export const filter = () => (next) => async (request) => ({ body: { made: 'filter', next: (await next(request)).body } })
      export const filter_app = async (next) => async (request) => ({ body: { made: 'filter_app', next: (await next(request)).body } })
    `,
    'package.json': '{ "type": "module" }',
  }
  const app = '\n[app:a]\npaste.app_factory = ./f.js:app'

  test.each([
    ['[app:main]\npaste.app_factory = ./f.js:app', ['app']],
    ['[app:main]\npaste.composite_factory = ./f.js:composite', ['app']],
    ['[composite:main]\npaste.composite_factory = ./f.js:composite', ['app']],
    ['[composit:main]\npaste.composit_factory = ./f.js:composite', ['app']],
    ['[pipeline:main]\npipeline = f a\n[filter:f]\npaste.filter_factory = ./f.js:filter', ['filter', 'app']],
    ['[pipeline:main]\npipeline = f a\n[filter:f]\npaste.filter_app_factory = ./f.js:filter_app', ['filter_app', 'app']],
    ['[filter-app:main]\nnext = a\npaste.filter_factory = ./f.js:filter', ['filter', 'app']],
    ['[filter-app:main]\nnext = a\npaste.filter_app_factory = ./f.js:filter_app', ['filter_app', 'app']],
    ['[app:main]\nuse = call:./f.js:app', ['app']],
    ['[composite:main]\nuse = call:./f.js:composite', ['app']],
    ['[filter-app:main]\nnext = a\nuse = call:./f.js:filter_app', ['filter_app', 'app']],
    ['[pipeline:main]\npipeline = f a\n[filter:f]\nuse = call:./f.js:filter', ['filter', 'app']],
    ['[pipeline:main]\npipeline = call:./f.js:filter call:./f.js:app', ['filter', 'app']],
    ['[app:main]\nuse = c\n[composite:c]\nuse = call:./f.js:composite', ['app']],
    ['[app:main]\nuse = a\npaste.composite_factory = ./f.js:composite', ['app']],
    [
      '[pipeline:main]\npipeline = f a\n[filter:f]\npaste.filter_app_factory = ./f.js:filter_app\npaste.filter_factory = ./f.js:filter',
      ['filter', 'app'],
    ],
  ])('%j is called by its protocol', async (ini, expected) => {
    const made = (built: Built | undefined): string[] => (built === undefined ? [] : [built.made, ...made(built.next)])
    expect(made(await build(ini + app, modules))).toEqual(expected)
  })

  const expected = 'use or paste.app_factory or paste.composite_factory or paste.composit_factory'
  test.each([
    ['x = 1', { line: 1, message: "No loader given in section 'app:main'", expected, nearest: undefined }],
    ['uze = egg:Test#app', { message: "No loader given in section 'app:main'", nearest: 'use' }],
    ['paste.app_factroy = x:y', { message: "No loader given in section 'app:main'", nearest: 'paste.app_factory' }],
    [
      'paste.composite_factory = c:c\npaste.app_factory = a:a',
      {
        message: "Multiple protocols given in section 'app:main': [('paste.app_factory', 'a:a'), ('paste.composite_factory', 'c:c')]",
      },
    ],
    ['use = call:f', { option: 'use', message: 'Configuration not in format module:function' }],
    ['paste.app_factory = f', { option: 'paste.app_factory', message: 'Configuration not in format module:function' }],
    ['use = gopher:x', { option: 'use', message: "URI scheme not known: 'gopher' (from config, egg, call)" }],
  ])('%j is an error', async (body, problem) => {
    expect(await problemOf(loaderOf(`[app:main]\n${body}`).loadApp())).toMatchObject({ section: 'app:main', ...problem })
  })
})
