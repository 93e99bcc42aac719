/** What PasteDeploy's own tests assert (tests/test_basic_app, test_config, test_filter, test_config_middleware), of files written anew. */
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Conf, HttpRequest } from '../../src/app.ts'
import { ConfigError } from '../../src/errors.ts'
import { Loader } from '../../src/paste/loader.ts'
import { builtBy, builtins, problemOf, writeFiles, type Built } from './paste-files.ts'

const FILES = {
  'basic.ini': `
[application:main]
use = egg:Test#main

[application:second]
use = egg:Test#app

[composit:by_path]
use = egg:Test#composite
/one = main
/two = second
`,
  'func.ini': `
[application:main]
use = call:./apps.mjs:first

[application:second]
use = call:./apps.mjs:second

[composit:by_path]
use = call:./apps.mjs:byPath
first = main
other = second
`,
  'apps.mjs': `
const app = (made) => (globalConf, localConf) => () => ({ body: { made, globalConf, localConf } })
export const first = app('first')
export const second = app('second')
export class Maker { static made = 'maker'; static make(globalConf, localConf) { return app(this.made)(globalConf, localConf) } }
export async function byPath(loader, globalConf, names) {
  const mounts = {}
  for (const [key, name] of Object.entries(names)) mounts[key] = (await (await loader.getApp(name))({})).body
  return () => ({ body: { made: 'byPath', mounts } })
}
export const fails = () => async () => ({ body: (async function* () { yield 'some'; throw new TypeError('bug') })() })
`,
  'conf.ini': `
[DEFAULT]
color = red
size = small
root = %(here)s

[app:plain]
use = egg:Test#app
one = 1
two = 2
apps = %(root)s/apps

[app:setting]
use = egg:Test#app
set color = blue
set more = MORE
with space = yes

[app:chained]
use = setting
set color = green
more = several
    lines of it
  in one value

[app:foreign]
use = config:foreign.ini
set shared = here
more = HERE

[app:getting]
use = egg:Test#app
set size = LARGE
get color = color
get chosen = size

[app:called]
use = egg:Test#app
seen = it is %(given)s
`,
  'foreign.ini': `
[DEFAULT]
size = of the foreign file
depth = deep

[app:main]
paste.app_factory = ./apps.mjs:Maker.make
set shared = there
own = OWN
more = THERE
`,
  'error.ini': `
[DEFAULT]
color = red
[app:main]
use = egg:Test#app
path = %(absent)s/x
`,
  'filter.ini': `
[app:normal]
use = egg:Test#app

[pipeline:piped]
pipeline = egg:Test#filter normal

[pipeline:piped_app]
pipeline = egg:Test#filter_app normal

[pipeline:piped_extra]
pipeline = egg:Test#filter normal
colour = bad

[filter-app:wrapped]
use = egg:Test#filter
mode = lower
next = normal

[filter-app:wrapped_app]
use = egg:Test#filter_app
mode = lower
next = normal

[app:inverted]
use = egg:Test#app
filter-with = egg:Test#filter
`,
  'nested.ini': `
[app:main]
use = egg:Test#app
example = kept
filter-with = inner

[filter:inner]
use = egg:Test#filter
name = inner
filter-with = outer

[filter:outer]
use = egg:Test#filter
name = outer
`,
}

interface Loaded {
  readonly loader: Loader
  readonly directory: string
}

function load(configPath: string): Loaded {
  const directory = writeFiles(FILES)
  const loader = new Loader({ configPath: `config:${configPath}`, relativeTo: directory, builtins })
  return { loader, directory: dirname(loader.configPath) }
}

async function built(uri: string, name?: string): Promise<Built> {
  return builtBy(await load(uri).loader.loadApp(name))
}

describe('test_basic_app and test_config.test_main', () => {
  test.each([
    ['basic.ini', undefined, 'main'],
    ['basic.ini#main', undefined, 'main'],
    ['basic.ini', 'main', 'main'],
    ['basic.ini#ignored', 'main', 'main'],
    ['basic.ini#second', undefined, 'app'],
    ['func.ini', undefined, 'first'],
    ['func.ini#main', undefined, 'first'],
    ['func.ini', 'main', 'first'],
    ['func.ini#ignored', 'main', 'first'],
    ['func.ini#second', undefined, 'second'],
  ])('config:%s with the name %j is %s', async (uri, name, made) => {
    expect(await built(uri, name)).toHaveProperty('made', made)
  })

  test('a composit mounts apps of the file', async () => {
    expect((await built('basic.ini#by_path')).mounts).toMatchObject({ '/one': { made: 'main' }, '/two': { made: 'app' } })
    expect((await built('func.ini#by_path')).mounts).toMatchObject({ first: { made: 'first' }, other: { made: 'second' } })
  })
})

describe('test_config', () => {
  test('an egg by its name alone', async () => {
    expect(await built('conf.ini', 'egg:Test#app')).toEqual({ made: 'app', globalConf: {}, localConf: {} })
  })

  const defaults = { color: 'red', size: 'small' }
  test.each<[string, Conf, Conf]>([
    ['plain', { one: '1', two: '2', apps: 'DIR/apps' }, defaults],
    ['setting', { 'with space': 'yes' }, { ...defaults, color: 'blue', more: 'MORE' }],
    ['chained', { 'with space': 'yes', more: 'several\nlines of it\nin one value' }, { ...defaults, color: 'green', more: 'MORE' }],
    ['foreign', { more: 'HERE', own: 'OWN' }, { ...defaults, depth: 'deep', shared: 'here' }],
    ['getting', { color: 'red', chosen: 'LARGE' }, { ...defaults, size: 'LARGE' }],
  ])('%s gets its own settings and the global ones', async (name, localConf, globalConf) => {
    const { loader, directory } = load('conf.ini')
    const { body } = await (await loader.loadApp(name))({} as HttpRequest)
    const own = Object.fromEntries(Object.entries(localConf).map(([key, value]) => [key, value.replace('DIR', directory)]))
    const global = { ...globalConf, root: directory, here: directory, __file__: join(directory, 'conf.ini') }
    expect(body).toMatchObject({ localConf: own, globalConf: global })
    expect(Object.keys((body as Built).localConf).toSorted()).toEqual(Object.keys(own).toSorted())
    expect(Object.keys((body as Built).globalConf).toSorted()).toEqual(Object.keys(global).toSorted())
    expect(loader.appConfigs(name)).toEqual({ localConf: own, globalConf: global })
    expect(loader.appConfig(name)).toEqual({ ...global, ...own })
  })

  test('set leaves what other sections get as it is', async () => {
    const { loader } = load('conf.ini')
    await loader.loadApp('chained')
    expect((await builtBy(await loader.loadApp('plain'))).globalConf).toMatchObject(defaults)
  })

  test('the settings of an app with filter-with are its own', () => {
    expect(load('nested.ini').loader.appConfig()).toHaveProperty('example', 'kept')
  })

  test('what the caller gives wins over [DEFAULT], and is there for interpolation', () => {
    const { loader, directory } = load('conf.ini')
    const given = { size: 'of the caller', given: 'GIVEN' }
    const globalConf = { color: 'red', ...given, root: directory, here: directory, __file__: join(directory, 'conf.ini') }
    expect(loader.appConfigs('called', given)).toEqual({ localConf: { seen: 'it is GIVEN' }, globalConf })
  })

  test('an interpolation that fails names the file', () => {
    const { loader } = load('error.ini')
    expect(() => loader.appConfig()).toThrow(ConfigError)
    expect(() => loader.appConfig()).toThrow(`${loader.configPath}:6: [app:main] path: %(absent)s is not defined`)
  })
})

describe('test_filter', () => {
  const app = { made: 'app', globalConf: {}, localConf: {} }
  test.each([
    ['wrapped', { made: 'filter', localConf: { mode: 'lower' }, next: app }],
    ['wrapped_app', { made: 'filter_app', localConf: { mode: 'lower' }, next: app }],
    ['piped', { made: 'filter', localConf: {}, next: app }],
    ['piped_app', { made: 'filter_app', localConf: {}, next: app }],
    ['inverted', { made: 'filter', localConf: {}, next: app }],
  ])('%s is the filter around the app', async (name, expected) => {
    expect(await built('filter.ini', name)).toEqual({ globalConf: {}, ...expected })
  })

  test('filter-with of a filter puts the filter that it names outside', async () => {
    const inner = { made: 'filter', localConf: { name: 'inner' }, next: { made: 'app', localConf: { example: 'kept' } } }
    expect(await built('nested.ini')).toMatchObject({ made: 'filter', localConf: { name: 'outer' }, next: inner })
  })

  test('a pipeline with a setting of its own is refused', async () => {
    expect((await problemOf(built('filter.ini', 'piped_extra'))).message).toContain('has extra (disallowed) settings: colour')
  })
})

describe('test_config_middleware', () => {
  test('an error in the middle of a body comes through the filters as it is', async () => {
    const directory = writeFiles({ ...FILES, 'api.ini': '[pipeline:main]\npipeline = pass app\n[filter:pass]\nuse = egg:Own#pass\n[app:app]\nuse = call:./apps.mjs:fails' })
    const pass = { names: ['Own#pass'], kind: 'filter', factory: () => (next: (request: HttpRequest) => unknown) => next as never } as const
    const app = await new Loader({ configPath: join(directory, 'api.ini'), builtins: [pass] }).loadApp()
    const { body } = await app({} as HttpRequest)
    const pieces: unknown[] = []
    const reading = (async () => {
      for await (const piece of body as AsyncIterable<unknown>) pieces.push(piece)
    })()
    await expect(reading).rejects.toThrow('bug')
    expect(pieces).toEqual(['some'])
  })
})
