import { describe, expect, it } from 'vitest'
import { bodyOf, chunkedRequest, defaultLimits, headOf, readThreeWays, refusalOf, requestWith } from '../support/http-cases.ts'

function hosted(...values: string[]): string {
  return `GET / HTTP/1.1\r\n${values.map((value) => `Host:${value}\r\n`).join('')}\r\n`
}

function coded(...values: string[]): string {
  return requestWith(values.map((value) => `Transfer-Encoding:${value}`), '5\r\nhello\r\n0\r\n\r\n')
}

describe('Host (RFC 9112 §3.2)', () => {
  it.each([
    [' a.example', 'a.example'],
    ['a.example', 'a.example'],
    [' \t a.example \t ', 'a.example'],
    [' A.Example', 'A.Example'],
    [' a.example.', 'a.example.'],
    [' a.example:8080', 'a.example:8080'],
    [' a.example:', 'a.example:'],
    [' 192.0.2.1:80', '192.0.2.1:80'],
    [' [2001:db8::1]', '[2001:db8::1]'],
    [' [::ffff:192.0.2.1]:8080', '[::ffff:192.0.2.1]:8080'],
    [' %61.example', '%61.example'],
    [' a_b.example', 'a_b.example'],
    [' 0.0.0.0=5000', '0.0.0.0=5000'],
    [' [v1.a:b]', '[v1.a:b]'],
    [' a.example:65535', 'a.example:65535'],
    ['', ''],
    [' ', ''],
  ])('"%s" is for "%s"', (value, host) => {
    expect(headOf(hosted(value)).host).toBe(host)
  })

  it.each([
    ['a user', ' user@a.example'],
    ['a path', ' a.example/x'],
    ['a query', ' a.example?x'],
    ['a fragment', ' a.example#x'],
    ['a space', ' a.example b.example'],
    ['a tab', ' a.example\tb'],
    ['a comma and a space', ' a.example, b.example'],
    ['a port that is no number', ' a.example:80a'],
    ['a negative port', ' a.example:-80'],
    ['two ports', ' a.example:80:80'],
    ['a port without a host (RFC 9110 §4.2.1)', ' :80'],
    ['an open bracket', ' [::1'],
    ['a closed bracket', ' ::1]'],
    ['an address without brackets', ' 2001:db8::1'],
    ['no address in brackets', ' [a.example]'],
    ['nothing in brackets', ' []'],
    ['a zone', ' [fe80::1%25eth0]'],
    ['a scheme', ' http://a.example'],
    ['markup', ' <script>'],
    ['a backslash', ' a.example\\b'],
    ['a quote', ' "a.example"'],
    ['an octet that is not ASCII', ' caf\xc3\xa9.example'],
    ['NBSP, which is not a blank (RFC 9110 §5.6.3)', ' \xa0a.example'],
    ['an escape cut short', ' a%2.example'],
    ['an escaped NUL', ' a%00.example'],
    ['an escaped slash', ' a.example%2Fx'],
    ['colons for an address', ' [::::]'],
    ['a port beyond TCP (RFC 9293 §3.1)', ' a.example:65536'],
    ['a port that would be another in 16 bits', ' a.example:65616'],
    ['something behind the brackets', ' [::1]a'],
  ])('with %s is refused', (_, value) => {
    expect(refusalOf(hosted(value))).toBe('badHost')
  })

  it.each([
    ['two hosts', hosted(' a.example', ' b.example')],
    ['the same host twice', hosted(' a.example', ' a.example')],
    ['one host and an empty one', hosted(' a.example', '')],
    ['names in other letters', 'GET / HTTP/1.1\r\nHOST: a.example\r\nhost: a.example\r\n\r\n'],
  ])('refuses %s', (_, input) => {
    expect(refusalOf(input)).toBe('repeatedHost')
  })

  it('must be in HTTP/1.1', () => {
    expect(refusalOf('GET / HTTP/1.1\r\nX-Host: a.example\r\n\r\n')).toBe('missingHost')
    expect(refusalOf('GET / HTTP/1.1\r\n\r\n')).toBe('missingHost')
    expect(refusalOf('GET / HTTP/1.2\r\n\r\n')).toBe('missingHost')
  })

  it('need not be in HTTP/1.0', () => {
    expect(headOf('GET / HTTP/1.0\r\n\r\n').host).toBe('')
    expect(headOf('GET / HTTP/1.0\r\nHost: a.example\r\n\r\n').host).toBe('a.example')
  })

  it('is judged for each request of a connection apart', () => {
    const a = hosted(' a.example')
    expect(readThreeWays(a + a + hosted(' b.example'))).toMatchObject([{ host: 'a.example' }, { host: 'a.example' }, { host: 'b.example' }])
    expect(refusalOf(`${a}GET / HTTP/1.1\r\n\r\n`)).toBe('missingHost')
    expect(refusalOf(a + hosted(' a.example b'))).toBe('badHost')
  })
})

describe('Content-Length (RFC 9112 §6.2, RFC 9110 §8.6)', () => {
  it.each([
    ['5', 'hello'],
    ['005', 'hello'],
    [`${'0'.repeat(40)}5`, 'hello'],
    [' \t5\t ', 'hello'],
    ['1', '\0'],
    ['4', '\r\n\r\n'],
    ['16', 'GET / HTTP/1.1\r\n'],
  ])('%j is the body %j, in octets', (length, body) => {
    expect(bodyOf(requestWith([`Content-Length:${length}`], body))).toBe(body)
  })

  it.each(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE'])('§6 frames %s as any other method', (method) => {
    expect(bodyOf(requestWith(['content-length: 2'], 'hi', `${method} / HTTP/1.1`))).toBe('hi')
  })

  it('of 0, and its absence, are no body (§6.3)', () => {
    expect(readThreeWays(requestWith(['Content-Length: 0']))).toHaveLength(1)
    expect(readThreeWays(requestWith([]))).toHaveLength(1)
    expect(readThreeWays('POST / HTTP/1.0\r\n\r\n')).toHaveLength(1)
  })

  it('waits for what has not come (§8)', () => {
    expect(readThreeWays(requestWith(['Content-Length: 5'], 'hell'))).toMatchObject([{ method: 'POST' }, { body: 'hell', ended: false }])
  })

  it.each([
    '', '-1', '+5', '5.0', '1e1', '0x5', '1_0', '5a', 'a', '5 5', '5,5', '5, 5', '5, 6', '5;', '"5"',
    '\xa05', '\xb2', '1234567890123456', '001234567890123456', '18446744073709551616', '18446744073709551621',
    '9'.repeat(400), ',5', '5,', '0,5', '5 ,5', '%35', '5h', '0o5', '0b1', '1 000', '5\xa0', '-0', '++5', "'5'",
  ])('"%s" is refused', (length) => {
    expect(refusalOf(requestWith([`Content-Length: ${length}`], 'hello'))).toBe('badContentLength')
  })

  it.each([
    ['two of them', ['Content-Length: 5', 'Content-Length: 6']],
    ['the same one twice, which §6.3 lets a server refuse', ['Content-Length: 5', 'content-length: 5']],
  ])('refuses %s', (_, fields) => {
    expect(refusalOf(requestWith(fields, 'hello'))).toBe('repeatedContentLength')
  })

  it('may be as large as max_body_size (RFC 9110 §15.5.14)', () => {
    const limits = { ...defaultLimits, max_body_size: 5 }
    expect(bodyOf(requestWith(['Content-Length: 5'], 'hello'), limits)).toBe('hello')
    expect(refusalOf(requestWith(['Content-Length: 6'], 'hello!'), limits)).toBe('bodyTooLarge')
  })

  it('without max_body_size may be as large as a number can say', () => {
    expect(readThreeWays(requestWith(['Content-Length: 999999999999999'], 'x')).at(-1)).toEqual({ body: 'x', ended: false })
  })

  it('is not the field whose name has an underscore', () => {
    expect(readThreeWays(requestWith(['Content_Length: 5']))).toHaveLength(1)
  })
})

describe('Transfer-Encoding (RFC 9112 §6.1, §6.3)', () => {
  it.each(['chunked', ' chunked', ' Chunked', ' CHUNKED', ' \tchunked\t '])('"%s" is chunked', (value) => {
    expect(bodyOf(coded(value))).toBe('hello')
  })

  it('is heeded for any method', () => {
    expect(bodyOf(requestWith(['Transfer-Encoding: chunked'], '2\r\nhi\r\n0\r\n\r\n', 'GET / HTTP/1.1'))).toBe('hi')
  })

  it.each([
    ['gzip, chunked', [' gzip, chunked']],
    ['gzip and chunked in two lines', [' gzip', ' chunked']],
    ['identity, chunked', [' identity, chunked']],
    ['a coding with parameters, chunked', [' x;a=b ,\tchunked']],
  ])('%s is sound, and a coding not known here: 501', (_, values) => {
    expect(refusalOf(coded(...values))).toBe('unknownCoding')
  })

  it.each([
    ['nothing', ['']],
    ['a comma', [' ,']],
    ['chunked and an empty element', [' chunked,']],
    ['an empty element and chunked', [' ,chunked']],
    ['identity', [' identity']],
    ['gzip', [' gzip']],
    ['xchunked', [' xchunked']],
    ['chunk', [' chunk']],
    ['chunkedchunked', [' chunkedchunked']],
    ['chunked with a parameter', [' chunked;a=b']],
    ['chunked in quotes', [' "chunked"']],
    ['chunked, gzip', [' chunked, gzip']],
    ['chunked, chunked', [' chunked, chunked']],
    ['chunked twice', [' chunked', ' chunked']],
    ['chunked, then identity', [' chunked', ' identity']],
    ['chunked, gzip, chunked', [' chunked, gzip, chunked']],
    ['chunked behind NBSP, which is not a blank', ['\xa0chunked']],
    ['chunked behind NEL, which is not a blank', ['\x85chunked']],
    ['chunked and an octet of obs-text', [' chunked\xff']],
    ['chunked with an empty parameter', [' chunked;']],
    ['chunked with a weight', [' chunked;q=1']],
    ['two words', [' chunked chunked']],
    ['chunked in a comment', [' (chunked)']],
    ['chunked behind a semicolon', [' ;chunked']],
    ['an empty line of it, and chunked', ['', ' chunked']],
    ['chunked, and an empty line of it', [' chunked', '']],
    ['chunked twice, with another in between', [' chunked', ' gzip', ' chunked']],
    ['chunked and chunked in other letters', [' chunked, CHUNKED']],
  ])('%s is refused', (_, values) => {
    expect(refusalOf(coded(...values))).toBe('chunkedNotFinal')
  })

  it.each([
    ['Content-Length first', ['Content-Length: 5', 'Transfer-Encoding: chunked']],
    ['Transfer-Encoding first', ['Transfer-Encoding: chunked', 'Content-Length: 5']],
    ['a length of 0', ['Transfer-Encoding: chunked', 'Content-Length: 0']],
    ['a coding that is none', ['Transfer-Encoding: identity', 'Content-Length: 5']],
    ['an empty coding', ['Content-Length: 5', 'Transfer-Encoding:']],
  ])('§6.1 is refused together with Content-Length: %s', (_, fields) => {
    expect(refusalOf(requestWith(fields, '0\r\n\r\n'))).toBe('lengthAndCoding')
  })

  it('§6.1 is refused in HTTP/1.0', () => {
    expect(refusalOf(requestWith(['Transfer-Encoding: chunked'], '0\r\n\r\n', 'POST / HTTP/1.0'))).toBe('codingInOldVersion')
  })

  it('is not Content-Encoding, TE or the field whose name has an underscore', () => {
    expect(readThreeWays(requestWith(['Content-Encoding: chunked', 'TE: chunked', 'Transfer_Encoding: chunked']))).toHaveLength(1)
  })

  it('is forgotten with its request', () => {
    expect(readThreeWays(chunkedRequest('0\r\n\r\n') + requestWith(['Content-Length: 2'], 'hi'))).toMatchObject([
      { method: 'POST' },
      { body: '', ended: true },
      { method: 'POST' },
      { body: 'hi', ended: true },
    ])
  })
})

describe('Connection (RFC 9112 §9.3, RFC 9110 §7.6.1)', () => {
  it.each([
    ['1.1', [], true],
    ['1.1', ['keep-alive'], true],
    ['1.1', ['close'], false],
    ['1.1', ['Close'], false],
    ['1.1', [' \tclose\t '], false],
    ['1.1', ['foo, close'], false],
    ['1.1', ['close , foo'], false],
    ['1.1', ['foo', 'close'], false],
    ['1.1', ['keep-alive, close'], false],
    ['1.1', ['close, keep-alive'], false],
    ['1.1', [',close,'], false],
    ['1.1', ['foo,\tclose\t,bar'], false],
    ['1.1', [',, ,\t,close'], false],
    ['1.1', ['', 'close'], false],
    ['1.1', ['CLOSE', 'Keep-Alive'], false],
    ['1.1', [','], true],
    ['1.1', ['close;q=1'], true],
    ['1.1', ['"close"'], true],
    ['1.1', ['\xa0close'], true],
    ['1.1', ['close keep-alive'], true],
    ['1.1', ['closed'], true],
    ['1.1', ['not-close'], true],
    ['1.1', ['upgrade'], true],
    ['1.1', [''], true],
    ['1.0', [], false],
    ['1.0', ['keep-alive'], true],
    ['1.0', ['Keep-Alive'], true],
    ['1.0', ['foo, keep-alive'], true],
    ['1.0', [',\tKEEP-ALIVE ,,'], true],
    ['1.0', ['keep-alive, foo, Close'], false],
    ['1.0', ['keep-alived'], false],
    ['1.0', ['keep-alive, close'], false],
    ['1.0', ['keep-alive', 'close'], false],
    ['1.0', ['upgrade'], false],
  ])('HTTP/%s with %j may serve another request: %j', (version, values, persistent) => {
    const fields = values.map((value) => `Connection: ${value}`)
    expect(headOf(requestWith(fields, '', `GET / HTTP/${version}`)).persistent).toBe(persistent)
  })

  it('is told of a request alone, not of those behind it', () => {
    const input = requestWith(['Connection: close'], '', 'GET / HTTP/1.1') + requestWith([], '', 'GET / HTTP/1.1')
    expect(readThreeWays(input)).toMatchObject([{ persistent: false }, { persistent: true }])
  })
})

describe('Expect (RFC 9110 §10.1.1)', () => {
  it.each([
    ['a body with a length', '1.1', 'Content-Length: 5\r\n\r\nhello', true],
    ['a chunked body', '1.1', 'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n', true],
    ['no body', '1.1', '\r\n', false],
    ['a body of 0 octets', '1.1', 'Content-Length: 0\r\n\r\n', false],
    ['a body from HTTP/1.0, which knows no 100', '1.0', 'Content-Length: 5\r\n\r\nhello', false],
  ])('100-continue with %s is heeded or means nothing', (_, version, rest, expectsContinue) => {
    const [head] = readThreeWays(`POST / HTTP/${version}\r\nHost: a.example\r\nExpect: 100-continue\r\n${rest}`)
    expect(head).toMatchObject({ expectsContinue })
  })

  it('is written in any case', () => {
    expect(readThreeWays(requestWith(['expect: 100-Continue', 'Content-Length: 1'], 'a'))[0]).toMatchObject({ expectsContinue: true })
  })

  it.each(['100-continue, 100-continue', '100-continue\r\nExpect: 100-CONTINUE', ',\t100-continue ,,'])('may be listed as %j', (value) => {
    const [head] = readThreeWays(requestWith([`Expect: ${value}`, 'Content-Length: 1'], 'a'))
    expect(head).toMatchObject({ expectsContinue: true })
  })

  it.each(['', ' ', ',', ' ,\t, '])('a list of nothing, %j, expects nothing (RFC 9110 §5.6.1.2)', (value) => {
    const [head] = readThreeWays(requestWith([`Expect:${value}`, 'Content-Length: 1'], 'a'))
    expect(head).toMatchObject({ expectsContinue: false })
  })

  it.each([
    '200-ok', '100-continue, x', 'x, 100-continue', '100-continue\r\nExpect: x', '100-continue;a=b', '100-continue=yes',
    '"100-continue"', '100 continue', '100-continued', '\xa0100-continue',
  ])('any other, such as %j: 417', (value) => {
    expect(refusalOf(requestWith([`Expect: ${value}`]))).toBe('unknownExpectation')
  })

  it('any other from HTTP/1.0 is ignored', () => {
    expect(headOf(requestWith(['Expect: 200-ok'], '', 'GET / HTTP/1.0')).expectsContinue).toBe(false)
  })
})
