import { dirname, join } from 'node:path'
import type { Conf, HttpRequest } from '../../src/app.ts'
import { describe, expect, test } from 'vitest'
import { Loader } from '../../src/paste/loader.ts'
import { build, builtins, loaderOf, problemOf, writeFiles } from './paste-files.ts'

const MAIN = '[app:main]\nuse = egg:Test#app\n'

interface Row {
  title: string
  ini: string
  caller?: Conf
  globalConf: Conf
  localConf: Conf
}

const rows: Row[] = [
  { title: 'plain options are local', ini: `${MAIN}x = 1\ny: 2`, globalConf: {}, localConf: { x: '1', y: '2' } },
  { title: '[DEFAULT] is global', ini: `[DEFAULT]\nd = 1\n${MAIN}x = 1`, globalConf: { d: '1' }, localConf: { x: '1' } },
  {
    title: 'a plain option that [DEFAULT] has too is left out',
    ini: `[DEFAULT]\nd = 1\n${MAIN}d = 2\nx = %(d)s`,
    globalConf: { d: '1' },
    localConf: { x: '2' },
  },
  {
    title: 'here and __file__ are left out as well',
    ini: `${MAIN}here = 1\n__file__ = 2\nx = %(here)s`,
    globalConf: {},
    localConf: { x: '1' },
  },
  { title: 'set overrides [DEFAULT]', ini: `[DEFAULT]\nd = 1\n${MAIN}set d = 2`, globalConf: { d: '2' }, localConf: {} },
  { title: 'set makes a new global', ini: `${MAIN}set   new  name = 2`, globalConf: { 'new  name': '2' }, localConf: {} },
  {
    title: 'only lower-case set with a space is one',
    ini: `${MAIN}Set a = 1\nset\tb = 2\nset = 3`,
    globalConf: {},
    localConf: { 'Set a': '1', 'set\tb': '2', set: '3' },
  },
  { title: 'get takes a global', ini: `[DEFAULT]\nd = 1\n${MAIN}get x = d`, globalConf: { d: '1' }, localConf: { x: '1' } },
  { title: 'get comes after every set', ini: `${MAIN}get x = s\nset s = 1`, globalConf: { s: '1' }, localConf: { x: '1' } },
  {
    title: 'set and get in [DEFAULT] hold for every section',
    ini: `[DEFAULT]\nset s = 1\nset t = 1\nget x = s\n${MAIN}set t = 2`,
    globalConf: { s: '1', t: '2', 'set s': '1', 'set t': '1', 'get x': 's' },
    localConf: { x: '1' },
  },
  {
    title: 'the caller wins over [DEFAULT] in what factories get, and not in what is interpolated',
    ini: `[DEFAULT]\nk = file\n${MAIN}x = %(k)s %(c)s`,
    caller: { k: 'caller', c: 'caller' },
    globalConf: { k: 'caller', c: 'caller' },
    localConf: { x: 'file caller' },
  },
  {
    title: 'a plain option that the caller gives is left out',
    ini: `${MAIN}c = own\nx = 1`,
    caller: { c: 'caller' },
    globalConf: { c: 'caller' },
    localConf: { x: '1' },
  },
  { title: 'set wins over the caller', ini: `${MAIN}set c = own`, caller: { c: 'caller' }, globalConf: { c: 'own' }, localConf: {} },
  {
    title: 'what the caller gives is taken as it is',
    ini: `${MAIN}x = %(c)s`,
    caller: { c: '100%' },
    globalConf: { c: '100%' },
    localConf: { x: '100%' },
  },
  {
    title: 'set defines nothing for interpolation but its own key',
    ini: `${MAIN}set x = 1\ny = %(set x)s`,
    globalConf: { x: '1' },
    localConf: { y: '1' },
  },
  {
    title: 'names of object properties are plain names',
    ini: `${MAIN}constructor = 1\nset toString = 2`,
    globalConf: { toString: '2' },
    localConf: { constructor: '1' },
  },
]

describe('the dictionaries of a section', () => {
  test.each(rows)('$title', async ({ ini, caller = {}, globalConf, localConf }) => {
    const built = await build(ini, {}, caller)
    expect({ ...built.globalConf }).toEqual(globalConf)
    expect({ ...built.localConf }).toEqual(localConf)
  })

  test('hold the absolute path of the file, and its directory', () => {
    const directory = writeFiles({ '100%/api.ini': `[DEFAULT]\nlogs = %(here)s/logs\n${MAIN}file = %(__file__)s` })
    const configPath = join(directory, '100%/api.ini')
    expect(new Loader({ configPath, builtins }).appConfig()).toEqual({
      here: dirname(configPath),
      __file__: configPath,
      logs: `${dirname(configPath)}/logs`,
      file: configPath,
    })
  })

  test('take here from [DEFAULT] when it stands there', () => {
    expect(loaderOf(`[DEFAULT]\nhere = /srv\n${MAIN}x = %(here)s/logs`).appConfig()).toMatchObject({ here: '/srv', x: '/srv/logs' })
  })

  test('belong to the factory: two of them are two objects', async () => {
    const seen: Conf[] = []
    const seeing = { names: ['Test#app'], kind: 'app', factory: (globalConf: Conf) => (seen.push(globalConf), () => ({})) } as const
    const { configPath } = loaderOf(MAIN)
    const loader = new Loader({ configPath, builtins: [seeing, ...builtins] })
    const [one, other] = [await loader.loadApp(), await loader.loadApp()]
    expect(one).not.toBe(other)
    expect(seen[0]).toEqual(seen[1])
    expect(seen[0]).not.toBe(seen[1])
    expect(await one({} as HttpRequest)).toEqual({})
  })
})

describe('an error', () => {
  test('is get of what no one set, with the nearest global', async () => {
    const loader = loaderOf(`[DEFAULT]\ntimeout = 1\n${MAIN}get x = timeot`)
    expect(await problemOf(loader.loadApp())).toEqual({
      file: loader.configPath,
      line: 5,
      section: 'app:main',
      option: 'get x',
      value: 'timeot',
      message: 'there is no global setting of this name',
      nearest: 'timeout',
    })
  })

  test.each([
    ['in [DEFAULT], even where nothing uses it', `[DEFAULT]\nd = %(no)s\n${MAIN}`, 2],
    ['in the section', `${MAIN}x = %(no)s`, 3],
    ['in set', `${MAIN}set x = %(no)s`, 3],
    ['in what [DEFAULT] sets', `[DEFAULT]\nd = 1\nset x = %(no)s\n${MAIN}`, 3],
  ])('is a failed interpolation %s', async (_where, ini, line) => {
    expect(await problemOf(loaderOf(ini).loadApp())).toMatchObject({ line, value: '%(no)s' })
  })

  test('is no failed interpolation in a section that nothing refers to', async () => {
    await expect(build(`${MAIN}[app:other]\nx = %(no)s`)).resolves.toHaveProperty('made', 'app')
  })
})
