import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodePath, encodePath, normalizePath } from '../../src/http/path.ts'

describe('a path is normalized (RFC 3986 §6.2.2)', () => {
  it.each([
    ['/a', '/a'],
    ['/%61%2D%2e%5F%7e', '/a-._~'],
    ['/%2f', '/%2F'],
    ['/%2F', '/%2F'],
    ['/%c3%a9', '/%C3%A9'],
    ['/%20%25', '/%20%25'],
    ['/%2561', '/%2561'],
    ['/100%', '/100%'],
    ['/%zz%6', '/%zz%6'],
    ['/%00', '/%00'],
  ])('%s to %s', (path, normal) => {
    expect(normalizePath(path)).toBe(normal)
    expect(normalizePath(normal)).toBe(normal)
  })
})

describe('a path is decoded', () => {
  it.each([
    ['', ''],
    ['/a', '/a'],
    ['/a%20b', '/a b'],
    ['/%2F', '//'],
    ['/%C3%A9', '/é'],
    ['/caf\xe9', '/caf\xe9'],
    ['/%2525', '/%25'],
  ])('%s to %s', (path, text) => {
    expect(decodePath(path)).toBe(text)
  })

  it.each(['/%C3', '/%ff/%20', '/100%', '/%zz'])('%s, which is not UTF-8, stays as it is', (path) => {
    expect(decodePath(path)).toBe(path)
  })
})

describe('a path is encoded', () => {
  it.each([
    ['/a b', '/a%20b'],
    ['/é', '/%C3%A9'],
    ['/a?b#c', '/a%3Fb%23c'],
    ['/100%', '/100%25'],
    ["/~u/;p=1/:c@x,$&'()*+!-._", "/~u/;p=1/:c@x,$&'()*+!-._"],
    ['/"<>\\^`{|}[]', '/%22%3C%3E%5C%5E%60%7B%7C%7D%5B%5D'],
    ['/a\r\nb\0', '/a%0D%0Ab%00'],
    ['/😀', '/%F0%9F%98%80'],
  ])('%s to %s', (text, path) => {
    expect(encodePath(text)).toBe(path)
  })

  it('so that decoding gives it back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(decodePath(encodePath(text))).toBe(text)
        expect(encodePath(text)).toMatch(/^[\x21-\x7e]*$/)
      }),
    )
  })
})
