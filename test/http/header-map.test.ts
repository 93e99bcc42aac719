import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HeaderMap } from '../../src/http/header-map.ts'
import { RequestHead } from '../../src/http/request-head.ts'
import { RequestParser } from '../../src/http/request-parser.ts'
import { defaultLimits, octets } from '../support/http-cases.ts'

function mapOf(...lines: string[]): HeaderMap {
  const parser = new RequestParser(defaultLimits)
  parser.feed(octets(`GET / HTTP/1.0\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\nGET /next HTTP/1.0\r\nX: next\r\n\r\n`))
  const head = parser.nextHead()
  if (!(head instanceof RequestHead)) throw new Error('not a head')
  return new HeaderMap(head)
}

describe('the fields of a request', () => {
  it('are found by name in any case (RFC 9110 §5.1)', () => {
    const map = mapOf('X-Token: abc', 'aCCept: */*')
    expect([map.get('x-token'), map.get('X-TOKEN'), map.get('Accept'), map.get('none')]).toEqual(['abc', 'abc', '*/*', null])
    expect([map.has('X-Token'), map.has('accept'), map.has('none')]).toEqual([true, true, false])
  })

  it('are those of their own request', () => {
    expect([...mapOf()]).toEqual([])
    expect([...mapOf('A: 1')]).toEqual([['a', '1']])
  })

  it.each([
    ['X:a', 'a'],
    ['X: \t a b\tc \t ', 'a b\tc'],
    ['X:', ''],
    ['X: \t ', ''],
    ['X: a:b', 'a:b'],
    ['X: caf\xc3\xa9', 'caf\xc3\xa9'],
    ['X:\xa0a\xa0', '\xa0a\xa0'],
  ])('%j has, without the blanks around it (RFC 9110 §5.5), the value %j', (line, value) => {
    expect(mapOf(line).get('x')).toBe(value)
  })

  it('that are repeated are joined with a comma (RFC 9110 §5.2), cookies with a semicolon (RFC 6265 §5.4)', () => {
    const map = mapOf('X: a', 'Cookie: c=1', 'x: b', 'cookie: d=2', 'X:')
    expect([...map]).toEqual([
      ['x', 'a, b, '],
      ['cookie', 'c=1; d=2'],
    ])
  })

  it('may be named like a property of an object', () => {
    const map = mapOf('__proto__: a', 'constructor: b')
    expect([map.get('__proto__'), map.get('constructor'), map.get('toString')]).toEqual(['a', 'b', null])
  })

  it('may be changed by a filter', () => {
    const map = mapOf('A: 1', 'B: 2')
    map.set('A', '3')
    map.append('b', '4')
    map.append('C', '5')
    map.append('Cookie', 'x=1')
    map.append('cookie', 'y=2')
    expect([...map.entries()]).toEqual([
      ['a', '3'],
      ['b', '2, 4'],
      ['c', '5'],
      ['cookie', 'x=1; y=2'],
    ])
    map.delete('B')
    expect(map.has('b')).toBe(false)
  })

  it('are gone through in the order they came', () => {
    const map = mapOf('B: 2', 'A: 1')
    const seen: string[] = []
    map.forEach((value, name) => seen.push(`${name}=${value}`))
    expect(seen).toEqual(['b=2', 'a=1'])
    expect([...map.keys()]).toEqual(['b', 'a'])
    expect([...map.values()]).toEqual(['2', '1'])
    expect(new Headers([...map]).get('a')).toBe('1')
  })

  it('are what was sent, for any names and values', () => {
    const blanks = fc.constantFrom('', ' ', '\t', ' \t ')
    const name = fc.stringMatching(/^[!#$%&'*+\-.^_`|~0-9a-z]{1,20}$/)
    const value = fc.stringMatching(/^(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]{0,20}[\x21-\x7e\x80-\xff])?)?$/)
    const reserved = ['host', 'content-length', 'transfer-encoding', 'connection', 'expect']
    const field = fc.tuple(name, value, blanks, blanks).filter(([one]) => !reserved.includes(one))
    fc.assert(
      fc.property(fc.uniqueArray(field, { maxLength: 20, selector: ([one]) => one }), (fields) => {
        const map = mapOf(...fields.map(([one, text, before, behind]) => `${one}:${before}${text}${behind}`))
        expect([...map]).toEqual(fields.map(([one, text]) => [one, text]))
      }),
    )
  })
})
