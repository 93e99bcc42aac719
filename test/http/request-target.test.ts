import { describe, expect, it } from 'vitest'
import { headOf, refusalOf } from '../support/http-cases.ts'

function request(line: string, host = 'a.example'): string {
  return `${line} HTTP/1.1\r\nHost: ${host}\r\n\r\n`
}

describe('the origin-form (RFC 9112 §3.2.1)', () => {
  it.each([
    ['/', '/', ''],
    ['/a/b', '/a/b', ''],
    ['/a?x=1&y=2', '/a', 'x=1&y=2'],
    ['/a?', '/a', ''],
    ['/a?b?c', '/a', 'b?c'],
    ['/?x=/y', '/', 'x=/y'],
    ['//double//slash', '//double//slash', ''],
    ['//other.example/a', '//other.example/a', ''],
    ['/a%20b%2Fc', '/a%20b%2Fc', ''],
    ['/path%00', '/path%00', ''],
    ['/../../etc/passwd', '/../../etc/passwd', ''],
    ["/~u/;p=1/:c@x,$&'()*+!", "/~u/;p=1/:c@x,$&'()*+!", ''],
    ['/a{b}^`<c>"|\\', '/a{b}^`<c>"|\\', ''],
    ['/http://b.example/', '/http://b.example/', ''],
    ['/%ff/%C0%AF', '/%ff/%C0%AF', ''],
    ['/a?100%', '/a', '100%'],
    ['/a?%zz', '/a', '%zz'],
    ['/*', '/*', ''],
    ['/:', '/:', ''],
    ['/a:b@c', '/a:b@c', ''],
  ])('%s has the path %s and the query "%s"', (target, path, query) => {
    expect(headOf(request(`GET ${target}`))).toMatchObject({ target, path, query, host: 'a.example' })
  })

  it('§3.2 has no fragment', () => {
    expect(refusalOf(request('GET /a#b'))).toBe('badRequestLine')
  })

  it.each(['/%', '/%2', '/%zz', '/%2g', '/a%', '/%%20', '/%u0041', '/%?a', '/%2?0', '/%20/%0'])(
    '%s has a path with a broken escape (RFC 3986 §2.1)',
    (target) => {
      expect(refusalOf(request(`GET ${target}`))).toBe('badTarget')
    },
  )
})

describe('the absolute-form (RFC 9112 §3.2.2)', () => {
  it.each([
    ['http://b.example/foo?q=1', 'b.example', '/foo', 'q=1'],
    ['https://b.example/foo', 'b.example', '/foo', ''],
    ['HTTP://B.EXAMPLE/', 'B.EXAMPLE', '/', ''],
    ['http://b.example', 'b.example', '/', ''],
    ['http://b.example?x=1', 'b.example', '/', 'x=1'],
    ['http://b.example:8080/a', 'b.example:8080', '/a', ''],
    ['http://[2001:db8::1]:80/a', '[2001:db8::1]:80', '/a', ''],
    ['http://192.0.2.1/a?b=/c', '192.0.2.1', '/a', 'b=/c'],
    ['http://b.example:/a', 'b.example:', '/a', ''],
    ['http://b.example/a@c:d?e@f', 'b.example', '/a@c:d', 'e@f'],
    ['http://b.example//a', 'b.example', '//a', ''],
    ['http://b.example?', 'b.example', '/', ''],
    ['hTTps://[::ffff:192.0.2.1]', '[::ffff:192.0.2.1]', '/', ''],
  ])('%s is for the host %s, whatever Host says', (target, host, path, query) => {
    expect(headOf(request(`GET ${target}`))).toMatchObject({ target, host, path, query })
  })

  it('does not stand for a missing Host', () => {
    expect(refusalOf('GET http://b.example/ HTTP/1.1\r\n\r\n')).toBe('missingHost')
  })

  it('names the host for HTTP/1.0, which has no Host', () => {
    expect(headOf('GET http://b.example/ HTTP/1.0\r\n\r\n')).toMatchObject({ host: 'b.example', path: '/' })
  })

  it.each([
    ['an empty host', 'http:///a'],
    ['a port without a host (RFC 9110 §4.2.1)', 'http://:80/a'],
    ['nothing', 'http://'],
    ['a user (RFC 9110 §4.2.4)', 'http://user@b.example/'],
    ['a port that is no number', 'http://b.example:http/'],
    ['two ports', 'http://b.example:80:80/'],
    ['a host that is no address', 'http://[b.example]/'],
    ['an address of colons', 'http://[::::]/'],
    ['an address with a zone', 'http://[fe80::1%25eth0]/'],
    ['a port beyond TCP', 'http://b.example:65536/'],
    ['a user and a password', 'http://a:b@b.example/'],
    ['an escaped slash in its host', 'http://b.example%2Fa/'],
    ['a backslash in its host', 'http://b.example\\a/'],
    ['a host cut by a backslash', 'http:\\\\b.example/'],
    ['a broken escape in its host', 'http://b%zz.example/'],
    ['a broken escape in its path', 'http://b.example/%zz'],
    ['an empty host and a query', 'http://?a'],
    ['three slashes', 'http:///b.example/'],
    ['a scheme of sockets', 'ws://b.example/'],
    ['a file', 'file:///etc/passwd'],
    ['a scheme alone', 'http:'],
    ['no scheme', '://b.example/'],
    ['a space in it, escaped, for its host', 'http://%20/'],
    ['a scheme of others', 'ftp://b.example/'],
    ['a scheme without an authority', 'http:/a'],
    ['an opaque URI', 'urn:a:b'],
  ])('with %s is refused', (_, target) => {
    expect(refusalOf(request(`GET ${target}`))).toBe('badTarget')
  })
})

describe('the authority-form (RFC 9112 §3.2.3)', () => {
  it.each(['b.example:443', '192.0.2.1:80', '[2001:db8::1]:443'])('CONNECT %s is read, and not served (RFC 9110 §9.3.6)', (target) => {
    expect(refusalOf(request(`CONNECT ${target}`, target))).toBe('connectRefused')
  })

  it.each([
    'b.example', 'b.example:', ':443', 'b.example:443a', 'b.example:443/', 'b.example:443443', 'b.example:65536',
    'b.example:443?a', 'b%zz:443', '[::1]', '[:::]:443',
    'http://b.example:80', '/', '*', 'user@b.example:443', '[g]:443',
  ])('CONNECT %s is refused', (target) => {
    expect(refusalOf(request(`CONNECT ${target}`))).toBe('badTarget')
  })

  it('is for no other method', () => {
    expect(refusalOf(request('GET b.example:443', 'b.example:443'))).toBe('badTarget')
  })
})

describe('the asterisk-form (RFC 9112 §3.2.4)', () => {
  it('is for OPTIONS', () => {
    expect(headOf(request('OPTIONS *'))).toMatchObject({ target: '*', path: '*', query: '', host: 'a.example' })
  })

  it.each(['http://b.example', 'HTTPS://b.example:8080'])('is what OPTIONS %s means, which has neither path nor query', (target) => {
    expect(headOf(request(`OPTIONS ${target}`))).toMatchObject({ target, path: '*', query: '', host: target.slice(target.indexOf('b')) })
  })

  it.each([['http://b.example/', '/'], ['http://b.example?', '/'], ['http://b.example/*', '/*']])('is not OPTIONS %s', (target, path) => {
    expect(headOf(request(`OPTIONS ${target}`))).toMatchObject({ path })
  })

  it.each(['GET *', 'options *', 'CONNECT *', 'OPTIONS *:80', 'POST *', 'OPTIONS **', 'OPTIONS *?x'])('%s is refused', (line) => {
    expect(refusalOf(request(line))).toBe('badTarget')
  })
})

it.each([
  'foo/bar', '?x=1', '!', '.', '..', 'a.example', 'a.example:80', '\\', '\\a', '%2F', '%2fa', '*a', '@', ':', ':80', '~', '*/',
])('RFC 9112 §3.2: %s is none of the forms', (target) => {
  expect(refusalOf(request(`GET ${target}`))).toBe('badTarget')
})
