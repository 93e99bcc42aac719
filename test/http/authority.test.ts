import { isIPv6 } from 'node:net'
import { describe, expect, it } from 'vitest'
import { AUTHORITY_FORM, HOST } from '../../src/http/authority.ts'

/** So many groups with colons between them. */
function groups(count: number): string {
  return Array.from({ length: count }, (_, index) => (index === 0 ? 'fe80' : `${index}`)).join(':')
}

/** Every way to put up to nine groups around `::`, or none, with an IPv4 address at the end or not. */
function* addresses(): Generator<string> {
  for (const end of ['', '192.0.2.1']) {
    for (let before = 0; before <= 9; before += 1) {
      yield groups(before) + (before > 0 && end !== '' ? ':' : '') + end
      for (let after = 0; after <= 9 - before; after += 1) {
        yield `${groups(before)}::${groups(after)}${after > 0 && end !== '' ? ':' : ''}${end}`
      }
    }
  }
}

describe('an address in brackets (RFC 3986 §3.2.2)', () => {
  it('is one exactly when Node takes it for an IPv6 address, whatever groups it leaves out', () => {
    const all = [...addresses()]
    expect(all.filter((address) => HOST.test(`[${address}]`))).toEqual(all.filter((address) => isIPv6(address)))
    expect(all.filter((address) => isIPv6(address)).length).toBeGreaterThan(50)
  })

  it.each([
    '::', '::1', '1::', 'FE80::a', '0:00:000:0000::', '::255.249.199.99', '1:2:3:4:5:6:7:8', 'v1.x', 'V7f.a:b', "vF.-._~!$&'()*+,;=:",
  ])('may be %s', (address) => {
    expect(HOST.test(`[${address}]`)).toBe(true)
  })

  it.each([
    '', ':', ':::', '::::', '1', '1:2', ':1', '1:', '1::2::3', '12345::', 'g::', '::1.2.3', '::1.2.3.4.5', '::256.0.0.1',
    '::01.2.3.4', '192.0.2.1', '::1.2.3.4:5', 'fe80::1%eth0', 'fe80::1%25eth0', ' ::1', '[::1]', 'v.x', 'v1.', 'v1', 'vg.x', 'v1.x/y', 'v1.[x]', 'a.example',
  ])('is not "%s"', (address) => {
    expect(HOST.test(`[${address}]`)).toBe(false)
  })
})

describe('a name (RFC 3986 §3.2.2)', () => {
  it.each([
    'a', 'A-1.b_c~d', "!$&'()*+,;=", '192.0.2.1', '999.0.0.1', 'a..b', '.', '%61%5A%30%2d%2E%5f%7E', 'caf%C3%A9.example', '%ff%80',
  ])('may be %s', (name) => {
    expect(HOST.test(name)).toBe(true)
  })

  it('has no escape of an octet below 0x80 that could not stand there itself', () => {
    const escapes = Array.from({ length: 0x80 }, (_, octet) => `%${octet.toString(16).padStart(2, '0')}`)
    const allowed = escapes.filter((escape) => HOST.test(`a${escape}`)).map((escape) => decodeURIComponent(escape))
    expect(allowed.join('')).toBe('-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~')
  })

  it.each([
    'a b', 'a/b', 'a?b', 'a#b', 'a@b', 'a[b', 'a]b', 'a"b', 'a<b', 'a\\b', 'a^b', 'a`b', 'a{b', 'a|b', 'a%', 'a%4', 'a%4g', 'a\xe9', 'a\n',
  ])('is not %j', (name) => {
    expect(HOST.test(name)).toBe(false)
  })
})

describe('a port (RFC 3986 §3.2.3)', () => {
  it('may be any from 0 to 65535, and no other number', () => {
    const numbers = Array.from({ length: 140_000 }, (_, number) => number)
    expect(numbers.filter((number) => HOST.test(`a:${number}`))).toEqual(numbers.slice(0, 65_536))
    expect(numbers.filter((number) => AUTHORITY_FORM.test(`a:${number}`))).toEqual(numbers.slice(0, 65_536))
  })

  it.each(['00', '0080', '0000000065535'])('may be %s', (port) => {
    expect([HOST.test(`a:${port}`), AUTHORITY_FORM.test(`a:${port}`)]).toEqual([true, true])
  })

  it.each(['999999', '4294967376', '065536', '80a', '-80', '+80', ' 80', '0x50', '80:80'])('is not %s', (port) => {
    expect([HOST.test(`a:${port}`), AUTHORITY_FORM.test(`a:${port}`)]).toEqual([false, false])
  })

  it('may be empty, but not for CONNECT, which has no default port (RFC 9110 §9.3.6)', () => {
    expect([HOST.test('a:'), AUTHORITY_FORM.test('a:'), AUTHORITY_FORM.test('a')]).toEqual([true, false, false])
  })

  it('does not stand without a host (RFC 9110 §4.2.1)', () => {
    expect([HOST.test(':80'), HOST.test(':'), AUTHORITY_FORM.test(':80')]).toEqual([false, false, false])
  })
})

it('a long Host that fails at its end is refused at once: nothing in the grammar backtracks far', () => {
  const parts = ['a'.repeat(16_000), `a:${'0'.repeat(16_000)}`, `[${'1:'.repeat(8000)}]`, `[v1.${':'.repeat(16_000)}`, '%61'.repeat(5000)]
  expect(parts.filter((part) => HOST.test(`${part}%`))).toEqual([])
})
