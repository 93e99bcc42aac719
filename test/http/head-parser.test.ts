import { describe, expect, it } from 'vitest'
import { defaultLimits, headOf, readThreeWays, refusalOf, requestWith } from '../support/http-cases.ts'

function withLine(line: string): string {
  return `${line}\r\nHost: a.example\r\n\r\n`
}

function withField(field: string): string {
  return `GET / HTTP/1.1\r\nHost: a.example\r\n${field}\r\n\r\n`
}

/** A request line of so many octets with its CRLF, which is not in it. */
function lineOf(size: number): string {
  return `GET /${'a'.repeat(size - 16)} HTTP/1.1`
}

/** A field line of so many octets with its CRLF, which is not in it. */
function fieldOf(size: number): string {
  return `X: ${'a'.repeat(size - 5)}`
}

/** A request whose field lines are so many octets: Host's 17, four of 16000, and one. The empty line is not in it. */
function sectionOf(size: number): string {
  return `GET / HTTP/1.1\r\nHost: a.example\r\n${`${fieldOf(16_000)}\r\n`.repeat(4)}${fieldOf(size - 64_017)}\r\n`
}

/** A request of so many fields, Host's one. */
function withFields(count: number): string {
  return requestWith(Array.from({ length: count - 1 }, (_, index) => `X-${index}: v`))
}

describe('the request line (RFC 9112 §3)', () => {
  it.each([
    'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PURGE', 'get', '-BLARGH',
    "!#$%&'*+-.^_`|~09aZ", 'M'.repeat(40),
  ])('§3.1 takes the method %s as it is, for the app to know or not', (method) => {
    expect(headOf(withLine(`${method} / HTTP/1.1`))).toMatchObject({ method, target: '/' })
  })

  it.each([
    ['two spaces before the target', 'GET  / HTTP/1.1'],
    ['two spaces before the version', 'GET /  HTTP/1.1'],
    ['a tab for a space', 'GET\t/ HTTP/1.1'],
    ['a tab before the version', 'GET /\tHTTP/1.1'],
    ['a vertical tab for a space', 'GET\x0b/ HTTP/1.1'],
    ['a form feed for a space', 'GET /\x0cHTTP/1.1'],
    ['a space in front', ' GET / HTTP/1.1'],
    ['a space at the end', 'GET / HTTP/1.1 '],
    ['a word too many', 'GET / x HTTP/1.1'],
    ['no target', 'GET HTTP/1.1'],
    ['only a method', 'GET'],
    ['an empty target', 'GET  HTTP/1.1'],
    ['a method that is no token', 'G(T / HTTP/1.1'],
    ['a method with a colon', 'GET: / HTTP/1.1'],
    ['an empty method', ' / HTTP/1.1'],
    ['a field instead', 'Host: a.example'],
    ['the answer of a server', 'HTTP/1.1 200 OK'],
  ])('refuses %s', (_, line) => {
    expect(refusalOf(withLine(line))).toBe('badRequestLine')
  })

  it.each([
    ['§2.2 a bare LF at its end', 'GET / HTTP/1.1\nHost: a.example\r\n\r\n', 'bareLineEnd'],
    ['§2.2 a bare LF for the whole line', '\nGET / HTTP/1.1\r\n', 'bareLineEnd'],
    ['§2.2 two CRs at its end', 'GET / HTTP/1.1\r\r\nHost: a.example\r\n\r\n', 'badRequestLine'],
    ['§2.2 a CR inside', 'GET /\r HTTP/1.1\r\nHost: a.example\r\n\r\n', 'badRequestLine'],
  ])('refuses %s', (_, input, name) => {
    expect(refusalOf(input)).toBe(name)
  })
})

describe('the version (RFC 9112 §2.3)', () => {
  it.each([
    ['1.0', 0, false],
    ['1.1', 1, true],
    ['1.2', 2, true],
    ['1.9', 9, true],
  ])('HTTP/%s is served (RFC 9110 §2.5: a higher minor as 1.1)', (version, minor, persistent) => {
    expect(headOf(withLine(`GET / HTTP/${version}`))).toMatchObject({ minor, persistent })
  })

  it.each(['0.9', '2.0', '3.0', '9.9'])('HTTP/%s is answered with 505 (RFC 9110 §15.6.6)', (version) => {
    expect(refusalOf(withLine(`GET / HTTP/${version}`))).toBe('badVersion')
  })

  it('the preface of HTTP/2 is answered with 505', () => {
    expect(refusalOf('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')).toBe('badVersion')
  })

  it.each([
    'http/1.1', 'Http/1.1', 'HTTP/1', 'HTTP/1.', 'HTTP/.1', 'HTTP/1.10', 'HTTP/01.1', 'HTTP/1,1', 'HTTP 1.1', 'HTTP/1.a',
    'HTTPS/1.1', 'ICE/1.0', 'RTSP/1.0',
  ])('%s is no version: the name is case-sensitive, each digit is one', (version) => {
    expect(refusalOf(withLine(`GET / ${version}`))).toBe('badRequestLine')
  })

  it('HTTP/0.9 without a version is no request line', () => {
    expect(refusalOf('GET /\r\n')).toBe('badRequestLine')
  })
})

describe('the line before the request line (RFC 9112 §2.2)', () => {
  it('is ignored when it is empty', () => {
    expect(headOf(`\r\n${withLine('GET /a HTTP/1.1')}`)).toMatchObject({ target: '/a' })
  })

  it('is ignored once for each request', () => {
    const events = readThreeWays(`\r\n${withLine('GET /a HTTP/1.1')}\r\n${withLine('GET /b HTTP/1.1')}`)
    expect(events).toMatchObject([{ target: '/a' }, { target: '/b' }])
  })

  it('is ignored behind a body', () => {
    const events = readThreeWays(`${requestWith(['Content-Length: 2'], 'hi')}\r\n${withLine('GET /b HTTP/1.1')}`)
    expect(events).toMatchObject([{ target: '/' }, { body: 'hi', ended: true }, { target: '/b' }])
  })

  it('is no request that has begun', () => {
    expect(readThreeWays('\r\n')).toEqual([])
    expect(readThreeWays('\r')).toEqual([{ begun: 'head' }])
  })

  it.each([
    ['a second one', '\r\n\r\n', 'badRequestLine'],
    ['the CR of a second one', '\r\n\r', 'badRequestLine'],
    ['one with a blank in it', ' \r\n', 'badRequestLine'],
    ['a CR alone', '\rGET / HTTP/1.1\r\n\r\n', 'badRequestLine'],
    ['an LF behind it', '\r\n\n', 'bareLineEnd'],
  ])('%s is refused', (_, input, name) => {
    expect(refusalOf(input)).toBe(name)
  })
})

describe('garbage is refused at its first invalid octet, before any line ends (RFC 9112 §2.2)', () => {
  it.each([
    ['a TLS hello', '\x16'],
    ['a TLS hello inside a method', 'GE\x16'],
    ['a NUL', '\0'],
    ['a NUL in the target', 'GET /\0'],
    ['an octet that is not ASCII in the target', 'GET /caf\xc3'],
    ['a DEL in the target', 'GET /\x7f'],
    ['a tab in the request line', 'GET\t'],
    ['a blank in front', ' '],
    ['a socks greeting', '\x05\x01\x00'],
    ['a JSON body', '{'],
    ['a CR that no LF follows', 'GET / HTTP/1.1\rX'],
  ])('%s', (_, input) => {
    expect(readThreeWays(input)).toEqual([{ refused: 'badRequestLine' }])
  })

  it.each([
    ['a NUL in a value', 'X: a\0'],
    ['a DEL in a value', 'X: a\x7f'],
    ['an escape in a name', 'X\x1b'],
    ['a CR that no LF follows', 'X: a\rb'],
    ['a CR in front of a line', '\rX'],
  ])('%s, in a field', (_, field) => {
    expect(readThreeWays(`GET / HTTP/1.1\r\nHost: a.example\r\n${field}`)).toEqual([{ refused: 'badField' }])
  })

  it.each([
    'G', 'SSH-2.0-OpenSSH', 'GET ', 'GET / HTTP/1.1', 'GET / HTTP/1.1\r',
    'GET / HTTP/1.1\r\n', 'GET / HTTP/1.1\r\nHost', 'GET / HTTP/1.1\r\n\r',
  ])('%j, which can still become a request, is waited for', (begun) => {
    expect(readThreeWays(begun)).toEqual([{ begun: 'head' }])
  })
})

describe('a field line (RFC 9112 §5)', () => {
  it.each([
    ['no blank before the value', 'X-A:1'],
    ['blanks around the value', 'X-A: \t 1 \t '],
    ['an empty value', 'X-A:'],
    ['a value of blanks', 'X-A: \t \t '],
    ['blanks inside', 'X-A: a a\ta'],
    ['colons inside', 'X-A: a:b:c'],
    ['obs-text (RFC 9110 §5.5)', 'X-A: caf\xc3\xa9 \xff'],
    ['quotes and comments', 'X-A: "q\\"x", (c(d)e)'],
    ['a name of one character', 'a:b'],
    ['a name of every tchar', "!#$%&'*+-.^_`|~0aZ: ok"],
    ['a long name', `${'n'.repeat(300)}: ok`],
    ['the name Close, which is not the connection option', 'Close: close'],
  ])('may have %s', (_, field) => {
    expect(headOf(withField(field))).toMatchObject({ fields: `Host: a.example\r\n${field}\r\n`, persistent: true })
  })

  it.each([
    ['§5.1 a space before the colon', 'X-A : 1', 'badField'],
    ['§5.1 a tab before the colon', 'X-A\t: 1', 'badField'],
    ['a space inside its name', 'X A: 1', 'badField'],
    ['no colon', 'garbage', 'badField'],
    ['no name', ': 1', 'badField'],
    ['a name with a slash', 'X/A: 1', 'badField'],
    ['a name with a parenthesis', 'X(A): 1', 'badField'],
    ['a name that is not ASCII', 'X\xe9: 1', 'badField'],
    ['a NUL in its value (RFC 9110 §5.5)', 'X-A: a\0b', 'badField'],
    ['a control in its value (RFC 9110 §5.5)', 'X-A: a\x01b', 'badField'],
    ['a DEL in its value (RFC 9110 §5.5)', 'X-A: a\x7fb', 'badField'],
    ['§2.2 a bare CR in its value', 'X-A: a\rX-B: b', 'badField'],
    ['§2.2 two CRs at its end', 'X-A: a\r', 'badField'],
    ['§2.2 a bare LF at its end', 'X-A: a\nX-B: b', 'bareLineEnd'],
    ['§5.2 a fold with a space', 'X-A: a\r\n b', 'foldedField'],
    ['§5.2 a fold with a tab', 'X-A: a\r\n\tb', 'foldedField'],
    ['§5.2 a fold of nothing', 'X-A: a\r\n ', 'foldedField'],
  ])('with %s is refused', (_, field, name) => {
    expect(refusalOf(withField(field))).toBe(name)
  })

  it.each([
    ['a blank before the first one', 'GET / HTTP/1.1\r\n Host: a.example\r\n\r\n', 'foldedField'],
    ['an empty line that ends in LF alone', 'GET / HTTP/1.1\r\nHost: a.example\r\n\n', 'bareLineEnd'],
    ['an empty line that ends in CR CR LF', 'GET / HTTP/1.1\r\nHost: a.example\r\n\r\r\n', 'badField'],
  ])('RFC 9112 §2.2: %s is refused', (_, input, name) => {
    expect(refusalOf(input)).toBe(name)
  })
})

describe('limits, at their border', () => {
  it('a request line of 8191 octets passes, one of 8192 is answered with 414 (RFC 9112 §3)', () => {
    expect(headOf(withLine(lineOf(8191))).target).toHaveLength(8191 - 15)
    expect(refusalOf(withLine(lineOf(8192)))).toBe('requestLineTooLong')
    expect(refusalOf(withLine(lineOf(200_000)))).toBe('requestLineTooLong')
  })

  it('a request line without an end is refused at the limit, not held', () => {
    expect(readThreeWays(`GET /${'a'.repeat(8191 - 5)}`)).toEqual([{ begun: 'head' }])
    expect(refusalOf(`GET /${'a'.repeat(8192 - 5)}`)).toBe('requestLineTooLong')
    expect(refusalOf('G'.repeat(8192))).toBe('requestLineTooLong')
  })

  it('a field line of 16383 octets passes, one of 16384 is answered with 431 (RFC 6585 §5)', () => {
    expect(headOf(withField(fieldOf(16_383))).fields).toHaveLength(17 + 16_383)
    expect(refusalOf(withField(fieldOf(16_384)))).toBe('fieldTooLong')
  })

  it('a field line without an end is refused at the limit, not held', () => {
    const head = 'GET / HTTP/1.1\r\n'
    expect(readThreeWays(`${head}X: ${'a'.repeat(16_383 - 3)}`)).toEqual([{ begun: 'head' }])
    expect(refusalOf(`${head}X: ${'a'.repeat(16_384 - 3)}`)).toBe('fieldTooLong')
  })

  it('a header section of 65536 octets with its empty line passes, one of 65537 is answered with 431 (RFC 6585 §5)', () => {
    expect(headOf(`${sectionOf(65_534)}\r\n`).fields).toHaveLength(65_534)
    expect(refusalOf(`${sectionOf(65_535)}\r\n`)).toBe('fieldsTooLarge')
  })

  it('a header section without an end is refused at the limit, not held', () => {
    expect(readThreeWays(sectionOf(65_536))).toEqual([{ begun: 'head' }])
    expect(refusalOf(sectionOf(65_537))).toBe('fieldsTooLarge')
    expect(refusalOf(sectionOf(65_800).slice(0, 'GET / HTTP/1.1\r\n'.length + 65_537))).toBe('fieldsTooLarge')
  })

  it('100 fields pass, 101 are answered with 431 (RFC 6585 §5)', () => {
    expect(headOf(withFields(100)).host).toBe('a.example')
    expect(refusalOf(withFields(101))).toBe('tooManyFields')
  })

  it('counts the fields of each request apart', () => {
    const request = requestWith(['A: 1', 'B: 2'], '', 'GET / HTTP/1.1')
    const limits = { ...defaultLimits, max_headers: 3 }
    expect(readThreeWays(request + request, limits)).toHaveLength(2)
  })
})
