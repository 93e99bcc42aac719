import { join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../src/errors.ts'
import { Loader, PasteAppNotFound } from '../../src/paste/loader.ts'
import { builtBy, builtins, loaderOf, problemOf, writeFiles } from './paste-files.ts'

const INI = `
[app:compute]
use = egg:Test#app
x = 1
[filter:auth]
use = egg:Test#filter
[pipeline:public]
pipeline = auth compute
set s = 1
[filter-app:wrapped]
use = egg:Test#filter
next = compute
y = 1
[filter-app:twice]
use = doubled
next = compute
[filter:doubled]
use = egg:Test#filter
filter-with = auth
z = 1
[app:guarded]
use = compute
filter-with = auth
`

describe('loadApp', () => {
  test('takes "main" when no name is given', async () => {
    expect(await builtBy(await loaderOf('[app:main]\nuse = egg:Test#app').loadApp())).toHaveProperty('made', 'app')
  })

  test('of a name that no app has is PasteAppNotFound, with the nearest name', async () => {
    const loader = loaderOf(INI)
    const loading = loader.loadApp('compte')
    await expect(loading).rejects.toBeInstanceOf(PasteAppNotFound)
    await expect(loading).rejects.toBeInstanceOf(ConfigError)
    await expect(loading).rejects.toThrow(`Could not load paste app 'compte' from ${loader.configPath}; did you mean "compute"?`)
  })

  test('of a name that something else has is PasteAppNotFound, which says so', async () => {
    expect((await problemOf(loaderOf(INI).loadApp('auth'))).expected).toBe('an app, which [filter:auth] is not')
  })

  test('of an app whose parts are missing is no PasteAppNotFound', async () => {
    await expect(loaderOf('[pipeline:main]\npipeline = absent').loadApp()).rejects.not.toBeInstanceOf(PasteAppNotFound)
  })

  test('of a file that is not there is a ConfigError', async () => {
    const configPath = join(writeFiles({}), 'absent.ini')
    expect(await problemOf(new Loader({ configPath, builtins }).loadApp())).toHaveProperty('file', configPath)
  })

  test.each([
    ['config:sub/other.ini#x', 'other'],
    ['CONFIG:sub/other.ini', 'main'],
    ['egg:Test#app', 'app'],
  ])('of the URI %s is what it names, relative to the file', async (uri, expected) => {
    const other = '[app:main]\nuse = egg:Test#app\nn = main\n[app:x]\nuse = egg:Test#app\nn = other'
    const built = await builtBy(await loaderOf(INI, { 'sub/other.ini': other }).loadApp(uri, { g: '1' }))
    expect(built.localConf['n'] ?? built.made).toBe(expected)
    expect(built.globalConf).toEqual({ g: '1' })
  })

  test.each([
    ['gopher:x', "URI scheme not known: 'gopher' (from config, egg, call)"],
    ['config:absent.ini', 'File not found: '],
  ])('of the URI %s is an error', async (uri, message) => {
    expect((await problemOf(loaderOf(INI).loadApp(uri))).message).toContain(message)
  })

  test('finds the file relative to the working directory', async () => {
    const { configPath } = loaderOf(INI)
    const loader = new Loader({ configPath: relative('.', configPath), builtins })
    expect(loader.configPath).toBe(configPath)
    expect(await builtBy(await loader.loadApp('compute'))).toHaveProperty('made', 'app')
  })
})

describe('loadFilter', () => {
  test('makes the filter of a name, with the globals it is given', async () => {
    const filter = await loaderOf(INI).loadFilter('auth', { g: '1' })
    expect(await builtBy(filter(() => ({ body: 'app' })))).toEqual({ made: 'filter', globalConf: { g: '1' }, localConf: {}, next: 'app' })
  })

  test('of a name that no filter has is a ConfigError', async () => {
    expect((await problemOf(loaderOf(INI).loadFilter('main'))).message).toMatch(/^No section 'main' \(prefixed by 'filter'\) found/)
  })
})

describe('hasApp', () => {
  test.each(['compute', 'public', 'wrapped'])('is true of %s', (name) => {
    expect(loaderOf(INI).hasApp(name)).toBe(true)
  })

  test.each(['auth', 'main', 'app:compute', 'Compute', ''])('is false of %j', (name) => {
    expect(loaderOf(INI).hasApp(name)).toBe(false)
  })
})

describe('appConfig', () => {
  test.each([
    ['compute', { g: 'caller', x: '1' }],
    ['guarded', { g: 'caller' }],
    ['public', { g: 'caller', s: '1' }],
    ['wrapped', { g: 'caller', y: '1' }],
    ['twice', { g: 'caller' }],
  ])('of %s is its globals with its own settings on top, not with those of what it wraps', (name, expected) => {
    const { here, __file__: file, ...config } = loaderOf(INI).appConfig(name, { g: 'caller' })
    expect(config).toEqual(expected)
    expect(file).toBe(join(here!, 'api-paste.ini'))
  })

  test('imports nothing', () => {
    expect(loaderOf('[app:main]\npaste.app_factory = ./absent.js:factory\nx = 1').appConfig()).toHaveProperty('x', '1')
  })
})
