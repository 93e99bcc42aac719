import { describe, expect, test } from 'vitest'
import { Loader } from '../../src/paste/loader.ts'
import { build, builtBy, builtins, loaderOf, problemOf } from './paste-files.ts'

describe('a built-in egg', () => {
  test.each(['egg:Test#app', 'EGG:test#app', 'egg:TEST#app'])('%s is found whatever the case of its distribution', async (uri) => {
    expect(await build(`[app:main]\nuse = ${uri}`)).toHaveProperty('made', 'app')
  })

  test('is found with -, _ and . alike in its distribution', async () => {
    const { configPath } = loaderOf('[app:main]\nuse = egg:My-test.apps#App_1')
    const mine = [{ names: ['my_test_apps#App_1'], kind: 'app', factory: () => () => ({ body: 'mine' }) } as const]
    const loader = new Loader({ configPath, builtins: mine })
    expect(await builtBy(await loader.loadApp())).toBe('mine')
  })

  test('may be an app and a filter by one name', async () => {
    const built = await build('[pipeline:main]\npipeline = egg:Test#both egg:Test#both')
    expect(built).toMatchObject({ made: 'filter', next: { made: 'both' } })
  })

  test('is its entry "main" when it names none', async () => {
    expect(await build('[app:main]\nuse = egg:Test\nx = 1')).toMatchObject({ made: 'main', localConf: { x: '1' } })
  })

  const apps = 'protocols: paste.app_factory, paste.composite_factory, paste.composit_factory'
  const filters = 'protocols: paste.filter_factory, paste.filter_app_factory'
  test.each([
    ['[app:main]\nuse = egg:Test#ap', { message: `Entry point 'ap' not found in egg 'Test' (${apps})`, nearest: 'egg:Test#app' }],
    ['[app:main]\nuse = egg:Test#cgitb', { message: `Entry point 'cgitb' not found in egg 'Test' (${apps})`, nearest: undefined }],
    ['[app:main]\nuse = egg:Test#App', { message: `Entry point 'App' not found in egg 'Test' (${apps})`, nearest: 'egg:Test#app' }],
    [
      '[app:main]\nuse = egg:Test#filter',
      { message: `Entry point 'filter' not found in egg 'Test' (${apps})`, expected: 'an app, which this is not' },
    ],
    [
      '[pipeline:main]\npipeline = egg:Test#composite egg:Test#app',
      { message: `Entry point 'composite' not found in egg 'Test' (${filters})`, expected: 'a filter, which this is not' },
    ],
  ])('%j is an error', async (ini, problem) => {
    expect(await problemOf(loaderOf(ini).loadApp())).toMatchObject({ line: 2, ...problem })
  })

  test('hides the npm package of its name', async () => {
    const packages = { 'node_modules/test/index.js': `exports.other = () => () => ({ body: 'package' })` }
    expect(await problemOf(loaderOf('[app:main]\nuse = egg:test#other', packages).loadApp())).toHaveProperty('option', 'use')
    expect(builtins.flatMap(({ names }) => names)).not.toContain('Test#other')
  })
})

describe('the egg of an npm package', () => {
  const packages = {
    'node_modules/pkg/package.json': '{ "type": "module", "exports": "./index.js" }',
    'node_modules/pkg/index.js': `
      const answer = (body) => () => ({ body })
      export default () => answer('default')
      export const named = () => answer('named')
      export const composite = async (loader) => loader.getApp('egg:Test#app')
      export const both = { 'paste.app_factory': () => answer('app of both'), 'paste.filter_factory': () => () => answer('filter of both') }
      export const mounts = { 'paste.composite_factory': async (loader) => loader.getApp('egg:pkg#named') }
      export const wraps = { 'paste.filter_app_factory': () => answer('filter app') }
      export const ambiguous = { 'paste.app_factory': () => answer(1), 'paste.composite_factory': () => answer(2) }
      export const broken = { 'paste.app_factory': 'app' }
      export const nothing = null
    `,
  }

  test.each([
    ['[app:main]\nuse = egg:pkg', 'default'],
    ['[app:main]\nuse = egg:pkg#main', 'default'],
    ['[app:main]\nuse = egg:pkg#named', 'named'],
    ['[app:main]\nuse = egg:pkg#both', 'app of both'],
    ['[app:main]\nuse = egg:pkg#mounts', 'named'],
    ['[pipeline:main]\npipeline = egg:pkg#both egg:pkg#named', 'filter of both'],
    ['[pipeline:main]\npipeline = egg:pkg#wraps egg:pkg#named', 'filter app'],
  ])('%j is the export of its name', async (ini, body) => {
    expect(await builtBy(await loaderOf(ini, packages).loadApp())).toBe(body)
  })

  test('that is a function is called as the section says', async () => {
    expect(await build('[composite:main]\nuse = egg:pkg#composite', packages)).toHaveProperty('made', 'app')
  })

  test.each([
    ['egg:pkg#nmaed', { message: "'nmaed' is not exported", nearest: 'named' }],
    ['egg:pkg#nothing', { message: "'nothing' is not a function" }],
    ['egg:pkg#broken', { message: "'paste.app_factory' is not a function" }],
    ['egg:pkg#wraps', { message: expect.stringMatching(/^Entry point 'wraps' not found in egg 'pkg'/) }],
    ['egg:pkg#ambiguous', { message: "Ambiguous entry points for 'ambiguous' in egg 'pkg'" }],
    ['egg:Tets#app', { message: expect.stringMatching(/^'Tets' cannot be imported/), nearest: 'egg:Test#app' }],
  ])('%s is an error', async (uri, problem) => {
    expect(await problemOf(loaderOf(`[app:main]\nuse = ${uri}`, packages).loadApp())).toMatchObject({ line: 2, value: uri, ...problem })
  })
})

describe('the name of a Python function', () => {
  test('stands for what is built in, in `paste.…_factory` and in `call:`', async () => {
    const ini = `
      [composite:main]
      use = call:test.apps:composite_factory
      /a = wrapped
      [app:wrapped]
      paste.app_factory = test.apps:app_factory
      filter-with = filter
      x = 1
      [filter:filter]
      paste.filter_factory = test.filters : Filter.factory`.replaceAll(/^ +/gm, '')
    const wrapped = { made: 'filter', next: { made: 'app', localConf: { x: '1' } } }
    expect(await build(ini)).toMatchObject({ made: 'composite', mounts: { '/a': wrapped } })
  })

  test('stands for nothing of another type', async () => {
    const problem = await problemOf(loaderOf('[app:main]\nuse = call:test.filters:Filter.factory').loadApp())
    expect(problem).toMatchObject({ line: 2, option: 'use', message: expect.stringContaining(`'test.filters' cannot be imported`) })
  })
})
