import { describe, expect, test } from 'vitest'
import type { Loader } from '../../src/paste/loader.ts'
import { loaderOf } from './paste-files.ts'

function warningsOf(loader: Loader): string[] {
  return loader.warnings.map(({ level, file, line, message }) => `${level} ${file.replace(/.*\//, '')}:${line} ${message}`)
}

describe('a warning is given', () => {
  test('of an option that [DEFAULT] has with another value', async () => {
    const ini = `[DEFAULT]\na = 1\nb = 1\nc = %(a)s\nset s = 1\n[app:main]\nuse = egg:Test#app\na = 2\nb = 1\nc = %(a)s\nset a = 3\n[app:other]\na = 4`
    const loader = loaderOf(ini)
    expect(warningsOf(loader)).toEqual([])
    await loader.loadApp()
    const warning = 'warn api-paste.ini:8 [app:main] a: has no effect, as it is global here with the value "3"; write "set a = …" to override that (got "2")'
    expect(warningsOf(loader)).toEqual([warning])
    loader.describeApp()
    expect(warningsOf(loader)).toEqual([warning])
  })

  test.each([
    ['here', 'here = /srv'],
    ['__file__', '__file__ = x'],
    ['given', 'given = own'],
    ['given', 'given = %(no)s'],
  ])('of an option that is global without [DEFAULT]: %s', (name, line) => {
    const loader = loaderOf(`[app:main]\nuse = egg:Test#app\n${line}`)
    loader.describeApp('main', { given: 'caller' })
    expect(warningsOf(loader)).toEqual([expect.stringContaining(`warn api-paste.ini:3 [app:main] ${name}: has no effect`)])
  })

  test('of an option that the section which uses this one sets', () => {
    const loader = loaderOf('[app:main]\nuse = config:b.ini\nset x = a', { 'b.ini': '[app:main]\nuse = egg:Test#app\nx = b' })
    loader.describeApp()
    expect(warningsOf(loader)).toEqual([expect.stringContaining('warn b.ini:3 [app:main] x: has no effect, as it is global here with the value "a"')])
  })

  test.each(['http', 'https'])('of a %s URL that is to be a mount', (scheme) => {
    const ini = `[composite:main]\npaste.composite_factory = ./absent.js:map\n${scheme}://example.org/v2 = a\nhttp_proxy = //x\n`
    const loader = loaderOf(`${ini}${scheme === 'http' ? 'https' : 'http'} = x`)
    loader.describeApp()
    expect(warningsOf(loader)).toEqual([
      `warn api-paste.ini:3 [composite:main] ${scheme}: the first colon ends the key, so this is no URL; write "domain HOST /PATH = APP" (got "//example.org/v2 = a")`,
    ])
  })

  test('of nothing in an app that has such an option', () => {
    const loader = loaderOf('[app:main]\nuse = egg:Test#app\nhttp://example.org/ = x')
    loader.describeApp()
    expect(warningsOf(loader)).toEqual([])
  })

  test('also when the app cannot be loaded', async () => {
    const loader = loaderOf('[DEFAULT]\nx = 1\n[app:main]\nuse = absent\nx = 2')
    await expect(loader.loadApp()).rejects.toThrow("No section 'absent'")
    expect(warningsOf(loader)).toHaveLength(1)
  })
})
