import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../src/errors.ts'
import { Loader } from '../../src/paste/loader.ts'
import type { Builtin } from '../../src/paste/protocols.ts'
import { readOptions } from '../../src/middleware/converters.ts'
import { Problems } from '../../src/problems.ts'
import { builtins, loaderOf, problemsOf } from './paste-files.ts'

const PREFIXES = "(prefixed by 'app' or 'application' or 'composite' or 'composit' or 'pipeline' or 'filter-app')"
const noApp = (name: string): RegExp => new RegExp(`No section '${name}' ${PREFIXES.replaceAll(/[()]/g, '\\$&')} found`)
const noFilter = (name: string): RegExp => new RegExp(`No section '${name}' \\(prefixed by 'filter'\\) found`)

async function all(ini: string, others: Readonly<Record<string, string>> = {}): Promise<string[]> {
  const loader = loaderOf(ini, others)
  return problemsOf(loader, loader.loadApp())
}

/** The line and the option of each problem. */
function options(found: readonly string[]): unknown[] {
  return found.map((text) => /^api-paste\.ini:(\d+): \[[\w:]+\] (\w+): /.exec(text)?.slice(1))
}

describe('everything that is wrong is told at once:', () => {
  test('each member of a pipeline', async () => {
    const found = await all('[pipeline:main]\npipeline = f1\n  f2 gopher:x\n  a1\n[filter:f2]\nx = %(no)s\nuse = egg:Test#filter\nfilter-with = f3')
    expect(found).toEqual([
      expect.stringMatching(/^api-paste\.ini:4: \[pipeline:main\] pipeline: No section 'a1' /),
      expect.stringMatching(/^api-paste\.ini:2: \[pipeline:main\] pipeline: No section 'f1' /),
      expect.stringMatching(/^api-paste\.ini:6: \[filter:f2\] x: %\(no\)s is not defined/),
      expect.stringMatching(/^api-paste\.ini:8: \[filter:f2\] filter-with: No section 'f3'/),
      expect.stringMatching(/^api-paste\.ini:3: \[pipeline:main\] pipeline: URI scheme not known: 'gopher'/),
    ])
  })

  test('each on its own line, also after comments, but not where the lines come from somewhere else', async () => {
    expect((await all('[pipeline:main]\npipeline =\n  # none\n\n  a1')).map((text) => text.slice(0, 16))).toEqual(['api-paste.ini:5:'])
    expect((await all('[DEFAULT]\nx = 1\n[pipeline:main]\npipeline =\n  a%(x)s')).map((text) => text.slice(0, 16))).toEqual(['api-paste.ini:5:'])
    expect((await all('[DEFAULT]\nx = \n   a1\n[pipeline:main]\npipeline = %(x)s')).map((text) => text.slice(0, 16))).toEqual(['api-paste.ini:5:'])
  })

  test('its members, and a setting that is too many', async () => {
    expect(await all('[pipeline:main]\npipeline = a1\nextra = 1')).toEqual([
      expect.stringMatching(noApp('a1')),
      expect.stringMatching(/^api-paste\.ini:3: \[pipeline:main\] extra: The .* has extra \(disallowed\) settings: extra/),
    ])
  })

  test('a setting that is missing and one that is too many, with the name that may be meant', async () => {
    expect(await all('[pipeline:main]\npipelin = a b')).toEqual([
      expect.stringMatching(/^api-paste\.ini:1: \[pipeline:main\] The \[pipeline:main\] section in .* is missing a 'pipeline' setting$/),
      expect.stringMatching(/^api-paste\.ini:2: .*extra \(disallowed\) settings: pipelin .*did you mean "pipeline"\?$/),
    ])
  })

  test('both sides of a filter-app, and the filter around it', async () => {
    expect(await all('[filter-app:main]\nuse = f1\nfilter-with = f2')).toEqual([
      expect.stringMatching(/is missing a 'next' setting/),
      expect.stringMatching(noFilter('f1')),
      expect.stringMatching(noFilter('f2')),
    ])
  })

  test('each mount of a built-in composite, and what is behind it', async () => {
    const found = await all('[composite:main]\nuse = egg:Test#composite\n/ = a1\nnot_found_app = a2\ndomain x.org /x = p\ntitle = no app\n[pipeline:p]\npipeline = f1 f2 inner\n[composite:inner]\nuse = egg:Test#composite\n/ = a3')
    expect(found.map((text) => /^api-paste\.ini:(\d+): .*No section '(\w+)'/.exec(text)?.slice(1))).toEqual([
      ['3', 'a1'],
      ['4', 'a2'],
      ['11', 'a3'],
      ['8', 'f1'],
      ['8', 'f2'],
    ])
  })

  test('mounts of the section that uses a composite, not of that which is used', async () => {
    const base = '[composite:base]\nuse = egg:Test#composite\n/ = home'
    const found = await all('[composite:main]\nuse = config:b.ini#base\n/a = absent\n[app:home]\nuse = egg:Test#app\n', { 'b.ini': base })
    expect(found).toEqual([expect.stringMatching(noApp('absent'))])
  })

  test('mounts of a composite with filter-with', async () => {
    expect(await all('[composite:main]\nuse = egg:Test#composite\n/ = a1\nfilter-with = f1')).toEqual([expect.stringMatching(noFilter('f1'))])
    expect(await all('[composite:main]\nuse = egg:Test#composite\n/ = a1\nfilter-with = egg:Test#filter')).toEqual([expect.stringMatching(noApp('a1'))])
  })

  test('URLs as keys', async () => {
    expect(await all('[composite:main]\nuse = egg:Test#composite\nhttp://x.org/a = a\n/ = b')).toEqual([
      expect.stringMatching(noApp('b')),
      'api-paste.ini:3: [composite:main] http: the first colon ends the key, so this is no URL (got "//x.org/a = a"; expected domain HOST /PATH = APP)',
    ])
  })

  test('an empty not_found_app is none', async () => {
    const loader = loaderOf('[composite:main]\nuse = egg:Test#composite\nnot_found_app =')
    await expect(loader.loadApp()).resolves.toBeInstanceOf(Function)
  })

  test('a circle of mounts, before anything is built', async () => {
    const ini = '[composite:main]\nuse = egg:Test#composite\n/ = other\n/x = absent\n[composite:other]\nuse = egg:Test#composite\n/ = main'
    expect(await all(ini)).toEqual([
      'api-paste.ini:7: [composite:other] /: refers to itself: [composite:main] (api-paste.ini:1) -> [composite:other] (api-paste.ini:5) -> [composite:main] (api-paste.ini:1) (got "main")',
      expect.stringMatching(noApp('absent')),
    ])
  })

  test('of what [DEFAULT] and a section say, and what they refer to', async () => {
    const found = await all('[DEFAULT]\nd = %(n1)s\nset s = %(n2)s\ne = 50%\n[app:main]\nuse = egg:Test#ap\nx = %(n3)s\ny = %\nget z = n4\nrequire = p1 p2')
    expect(found).toEqual([
      expect.stringMatching(/^api-paste\.ini:2: \[DEFAULT\] d: %\(n1\)s is not defined/),
      expect.stringMatching(/^api-paste\.ini:3: \[DEFAULT\] set s: %\(n2\)s is not defined/),
      expect.stringMatching(/^api-paste\.ini:4: \[DEFAULT\] e: "%" must be followed/),
      expect.stringMatching(/^api-paste\.ini:7: \[app:main\] x: %\(n3\)s is not defined/),
      expect.stringMatching(/^api-paste\.ini:8: \[app:main\] y: "%" must be followed/),
      expect.stringMatching(/^api-paste\.ini:9: \[app:main\] get z: there is no global setting of this name \(got "n4"\)/),
      expect.stringMatching(/^api-paste\.ini:10: \[app:main\] require: this npm package is not installed \(got "p1"\)/),
      expect.stringMatching(/^api-paste\.ini:10: \[app:main\] require: this npm package is not installed \(got "p2"\)/),
      expect.stringMatching(/^api-paste\.ini:6: \[app:main\] use: Entry point 'ap' not found/),
    ])
  })

  test.each([
    ['use = %(no)s', /^api-paste\.ini:2: \[app:main\] use: %\(no\)s is not defined/],
    ['get use = no', /^api-paste\.ini:2: \[app:main\] get use: there is no global setting of this name/],
    ['get x = %(no)s\nuse = egg:Test#app', /^api-paste\.ini:2: \[app:main\] get x: %\(no\)s is not defined/],
  ])('nothing is made of a reference that cannot be read: %j', async (body, message) => {
    expect(await all(`[app:main]\n${body}`)).toEqual([expect.stringMatching(message)])
  })

  test('[DEFAULT] of another file', async () => {
    const found = await all('[app:main]\nuse = config:b.ini', { 'b.ini': '[DEFAULT]\nd = %(n1)s\n[app:main]\nuse = absent' })
    expect(found).toEqual([expect.stringMatching(/^b\.ini:2: \[DEFAULT\] d: /), expect.stringMatching(/^b\.ini:4: .*No section 'absent'/)])
  })

  test('every line of a file', async () => {
    const found = await all('x = 1\ny = 2\n[a]\nnothing\n   goes = on\nk = 1\nk = 2\n[b]\n[a]\nk = 3\nk = 4\n= v')
    expect(found.map((text) => text.replace(/^api-paste\.ini:/, '').replace(/ \(.*/, ''))).toEqual([
      '4: [a] cannot be read',
      '12: [a] cannot be read',
      '1: there is no section yet',
      '7: [a] k: this option is already on line 6',
      '9: [a] this section is already on line 3',
      '11: [a] k: this option is already on line 10',
    ])
  })

  test('each once, however many refer to it', async () => {
    const found = await all('[composite:main]\nuse = egg:Test#composite\n/a = x\n/b = x\n[app:x]\nuse = absent')
    expect(found).toEqual([expect.stringMatching(/^api-paste\.ini:6: \[app:x\] use: No section 'absent'/)])
  })

  const modules = {
    'package.json': '{ "type": "module" }',
    'good.js': 'export const app = () => () => ({}); export const filter = () => (next) => next',
    'throws.js': `throw new TypeError('boom')`,
  }

  test('each module and export, of everything that is mounted', async () => {
    const ini = `
[composite:main]
use = egg:Test#composite
/a = p
/b = b
/c = b
[pipeline:p]
pipeline = f g a
[filter:f]
paste.filter_factory = ./absent.js:f
[filter:g]
paste.filter_factory = ./good.js:filtre
filter-with = h
[filter:h]
paste.filter_app_factory = absent:h
[app:a]
use = egg:Test#app
filter-with = f
[app:b]
paste.app_factory = ./throws.js:app`
    expect(await all(ini, modules)).toEqual([
      expect.stringMatching(/^api-paste\.ini:10: \[filter:f\] paste\.filter_factory: '\.\/absent\.js' cannot be imported: there is no file absent\.js/),
      expect.stringMatching(/^api-paste\.ini:15: \[filter:h\] paste\.filter_app_factory: 'absent' cannot be imported/),
      expect.stringMatching(/^api-paste\.ini:12: .*'filtre' is not exported \(got ".*"; expected one of app, filter\); did you mean "filter"\?$/),
      expect.stringMatching(/^api-paste\.ini:20: .*'\.\/throws\.js' cannot be imported: TypeError: boom \(at throws\.js:1:7\)/),
    ])
  })

  test('modules that a built-in composite chooses, also when others are missing', async () => {
    let calls = 0
    const choose: Builtin = {
      kind: 'composite',
      async factory(loader, _globalConf, { keystone = '' }) {
        calls += 1
        const problems = new Problems()
        for (const name of keystone.split(' ')) await problems.tryAsync<unknown>(() => (name === 'app' ? loader.getApp(name) : loader.getFilter(name)))
        problems.throwAny()
        return loader.getApp('app')
      },
    }
    const ini = `
[composite:main]
use = egg:Test#composite
/a = chosen
/b = app
[composite:chosen]
use = egg:Own#choose
keystone = f1 f2 f3 app
noauth = f4 app
[filter:f1]
paste.filter_factory = ./absent.js:f
[filter:f2]
use = absent
[filter:f3]
paste.filter_factory = ./good.js:filter
[filter:f4]
paste.filter_factory = ./absent.js:f
[app:app]
paste.app_factory = ./APP.js:app`
    const load = async (app: string): Promise<string[]> => {
      const { configPath } = loaderOf(ini.replace('APP', app), modules)
      const loader = new Loader({ configPath, builtins: [...builtins, { ...choose, names: ['Own#choose'] }] })
      return problemsOf(loader, loader.loadApp())
    }
    const ofFilters = [/^api-paste\.ini:11: \[filter:f1\]/, /^api-paste\.ini:13: \[filter:f2\] use: No section 'absent'/]
    const missing = (await load('absent')).map((text) => text.slice(0, 17))
    expect(missing).toEqual(['api-paste.ini:19:', 'api-paste.ini:11:', 'api-paste.ini:13:'])
    expect(calls).toBe(1)
    expect(await load('good')).toEqual(ofFilters.map((pattern) => expect.stringMatching(pattern) as string))
    expect(calls).toBe(2)
  })

  test('what each factory says of its options', async () => {
    const app: Builtin = { kind: 'app', factory: (_globalConf, localConf) => (readOptions(localConf, {}), () => ({})) }
    const filter: Builtin = { kind: 'filter', factory: (_globalConf, localConf) => (readOptions(localConf, {}), (next) => next) }
    const late: Builtin = { kind: 'filter_app', factory: (_next, _globalConf, localConf) => Promise.reject(new ConfigError({ message: 'late', option: Object.keys(localConf)[0] })) }
    const ini = `
[composite:main]
use = egg:Test#composite
/a = p
/b = b
/c = c
[pipeline:p]
pipeline = f f2 a
[filter:f]
use = egg:Own#filter
o1 = 1
[filter:f2]
use = egg:Own#filter
o2 = 1
filter-with = f
[app:a]
use = egg:Own#app
o3 = 1
[app:b]
use = egg:Own#app
filter-with = f
o4 = 1
o5 = 1
[pipeline:c]
pipeline = l l2 egg:Own#app
[filter:l]
use = egg:Own#late
o6 = 1
[filter:l2]
use = egg:Own#late
o7 = 1`
    const { configPath } = loaderOf(ini)
    const own = [{ ...app, names: ['Own#app'] }, { ...filter, names: ['Own#filter'] }, { ...late, names: ['Own#late'] }]
    const loader = new Loader({ configPath, builtins: [...builtins, ...own] })
    expect(options(await problemsOf(loader, loader.loadApp()))).toEqual([['18', 'o3'], ['11', 'o1'], ['14', 'o2'], ['22', 'o4'], ['23', 'o5']])
    expect(options(await problemsOf(loader, loader.loadApp('c')))).toEqual([['31', 'o7'], ['28', 'o6']])
  })

  test('what is wrong with the file, with its modules and with options', async () => {
    let made = 0
    const filter: Builtin = { kind: 'filter', factory: (_globalConf, localConf) => (readOptions(localConf, {}), (made += 1), (next) => next) }
    const ini = `
[pipeline:main]
pipeline = f absent g h a
[filter:f]
use = egg:Own#filter
o1 = 1
[filter:g]
paste.filter_factory = ./absent.js:f
[filter:h]
use = base
[filter:base]
use = egg:Own#filter
o2 = 1
[app:a]
use = egg:Test#app
filter-with = i
[filter:i]
use = egg:Own#filter`
    const { configPath } = loaderOf(ini)
    const loader = new Loader({ configPath, builtins: [...builtins, { ...filter, names: ['Own#filter'] }] })
    await loader.loadFilter('i')
    const found = await problemsOf(loader, loader.loadApp())
    expect(options(found.filter((text) => text.includes('] o')))).toEqual([['6', 'o1'], ['13', 'o2']])
    expect(found.filter((text) => !text.includes('] o'))).toEqual([
      expect.stringMatching(/^api-paste\.ini:3: .*No section 'absent'/),
      expect.stringMatching(/^api-paste\.ini:8: .*there is no file absent\.js/),
    ])
    expect(made).toBe(2)
  })

  test('a defect of the loader stays what it is', async () => {
    const loader = loaderOf('[app:main]\nuse = egg:Test#app')
    await expect(loader.loadApp('main', null as never)).rejects.toBeInstanceOf(TypeError)
  })
})
