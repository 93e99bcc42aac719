import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../src/errors.ts'
import { isUri, parseConfigPath, parseReference } from '../../src/paste/uri.ts'

const place = { file: '/etc/api/api-paste.ini', line: 3, section: 'app:main', option: 'use' }
const parse = (text: string) => parseReference(text, '/etc/api', place)

describe('a reference', () => {
  test.each([
    ['compute', { scheme: 'section', name: 'compute' }],
    ['v2.1', { scheme: 'section', name: 'v2.1' }],
    ['v2:x', { scheme: 'section', name: 'v2:x' }],
    ['a/b#c', { scheme: 'section', name: 'a/b#c' }],
    ['config:other.ini', { scheme: 'config', file: '/etc/api/other.ini', name: 'main' }],
    ['CONFIG:other.ini', { scheme: 'config', file: '/etc/api/other.ini', name: 'main' }],
    ['config:other.ini#app', { scheme: 'config', file: '/etc/api/other.ini', name: 'app' }],
    ['config:other.ini#a#b', { scheme: 'config', file: '/etc/api/other.ini', name: 'a#b' }],
    ['config:../other.ini', { scheme: 'config', file: '/etc/other.ini', name: 'main' }],
    ['config:sub\\other.ini', { scheme: 'config', file: '/etc/api/sub/other.ini', name: 'main' }],
    ['config:/srv/other.ini', { scheme: 'config', file: '/srv/other.ini', name: 'main' }],
    ['config:///srv/other.ini', { scheme: 'config', file: '/srv/other.ini', name: 'main' }],
    ['config:my%20other%2Eini', { scheme: 'config', file: '/etc/api/my other.ini', name: 'main' }],
    ['config:other.ini #x', { scheme: 'config', file: '/etc/api/other.ini', name: 'x' }],
    ['config:100%.ini', { scheme: 'config', file: '/etc/api/100%.ini', name: 'main' }],
    ['egg:Paste#urlmap', { scheme: 'egg', distribution: 'Paste', entry: 'urlmap' }],
    ['egg:Paste', { scheme: 'egg', distribution: 'Paste', entry: 'main' }],
    ['egg:@scope/pkg#entry', { scheme: 'egg', distribution: '@scope/pkg', entry: 'entry' }],
    ['call:./apps/auth.js:pipeline', { scheme: 'call', target: './apps/auth.js:pipeline' }],
  ])('%s', (text, reference) => {
    expect(parse(text)).toEqual(reference)
  })

  test('with an unknown scheme is refused, and the message names those that are known', () => {
    expect(() => parse('http://example.org')).toThrow(ConfigError)
    expect(() => parse('http://example.org')).toThrow(
      "/etc/api/api-paste.ini:3: [app:main] use: URI scheme not known: 'http' (from config, egg, call)",
    )
  })

  test('does not decode the directory it is relative to', () => {
    expect(parseReference('config:a%20b.ini', '/srv/x%20y', place)).toEqual({ scheme: 'config', file: '/srv/x%20y/a b.ini', name: 'main' })
  })
})

test.each([
  ['config:a.ini', true],
  ['egg:Paste', true],
  ['nothing:known', true],
  ['compute', false],
  ['v2:x', false],
])('%s is a URI: %j', (text, expected) => {
  expect(isUri(text)).toBe(expected)
})

describe('the path of a loader', () => {
  test.each([
    ['api-paste.ini', undefined, { file: 'api-paste.ini', name: 'main' }],
    ['/etc/api#1.ini', undefined, { file: '/etc/api#1.ini', name: 'main' }],
    ['config:/etc/api.ini', undefined, { file: '/etc/api.ini', name: 'main' }],
    ['CONFIG:///etc/my%20api.ini#public', undefined, { file: '/etc/my api.ini', name: 'public' }],
    ['config:api.ini#public', '/etc', { file: '/etc/api.ini', name: 'public' }],
    ['config:../api.ini', '/etc/x', { file: '/etc/api.ini', name: 'main' }],
  ])('%s beside %s', (path, relativeTo, expected) => {
    expect(parseConfigPath(path, relativeTo)).toEqual(expected)
  })

  test('that is a relative URI needs a folder', () => {
    expect(() => parseConfigPath('config:x.ini#y')).toThrow("Cannot resolve relative uri 'config:x.ini#y'; no relative_to keyword argument given")
  })
})
