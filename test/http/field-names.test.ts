import { describe, expect, it } from 'vitest'
import { fieldName } from '../../src/http/field-names.ts'

describe('the name of a field in a reply', () => {
  it.each([
    ['x-token', 'plain'],
    ['content-type', 'content-type'],
    ['Content-Type', 'content-type'],
    ['CONTENT-LENGTH', 'content-length'],
    ['connection', 'connection'],
    ['date', 'date'],
    ['transfer-encoding', 'framing'],
    ['keep-alive', 'framing'],
    ['constructor', 'plain'],
    ['__proto__', 'plain'],
    ["!#$%&'*+-.^_`|~09aZ", 'plain'],
  ])('%s is sent as it is written; its role is %s', (name, role) => {
    expect(fieldName(name)).toEqual({ role, prefix: `${name}: ` })
  })

  it.each(['', ' ', 'a b', 'a:', 'a\r\nb', 'a\n', 'a\0', 'é', 'a/b', '(a)', '"a"'])('%j is not a token (RFC 9110 §5.1)', (name) => {
    expect(() => fieldName(name)).toThrow(TypeError)
    expect(() => fieldName(name)).toThrow('is not a field name')
  })

  it('is remembered, but not without end', () => {
    expect(fieldName('x-known')).toBe(fieldName('x-known'))
    for (let made = 0; made < 1000; made += 1) fieldName(`x-made-up-${made}`)
    expect(fieldName('x-late')).toEqual(fieldName('x-late'))
    expect(fieldName('x-late')).not.toBe(fieldName('x-late'))
    expect(fieldName('x-known')).toBe(fieldName('x-known'))
  })
})
