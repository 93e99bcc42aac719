import { Readable } from 'node:stream'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { HeaderValue, HttpReply } from '../../src/app.ts'
import { type EncodedReply, type ReplyContext, ReplyEncoder } from '../../src/http/reply-encoder.ts'

const DATE = 'Thu, 01 Jan 2026 00:00:00 GMT'
const GET: ReplyContext = { method: 'GET', minor: 1, persistent: true, date: DATE }
const HEAD = { method: 'HEAD' }
const OLD = { minor: 0 }
const CHUNKED = 'transfer-encoding: chunked'

function encode(reply: HttpReply, context: Partial<ReplyContext> = {}, keepAlive = 0): EncodedReply {
  return new ReplyEncoder(keepAlive).encode(reply, { ...GET, ...context })
}

/** The field lines of the reply, without Date and the connection's, which are in all. */
function fieldsOf(reply: HttpReply, context: Partial<ReplyContext> = {}): string[] {
  const lines = encode(reply, context).head.split('\r\n').slice(1, -2)
  return lines.filter((line) => !/^(?:date|connection|keep-alive):/.test(line))
}

function stream(): Readable {
  return Readable.from(['a'])
}

/** Whether the connection closes, and the field lines that say so. */
function connectionOf(...parameters: Parameters<typeof encode>): unknown[] {
  const { head, close } = encode(...parameters)
  return [close, ...(head.match(/^(?:connection|keep-alive):.*$/gim) ?? [])]
}

describe('the status line (RFC 9112 §4)', () => {
  it.each([
    [undefined, undefined, 'HTTP/1.1 200 OK'],
    [404, undefined, 'HTTP/1.1 404 Not Found'],
    [204, undefined, 'HTTP/1.1 204 No Content'],
    [299, undefined, 'HTTP/1.1 299 '],
    [599, undefined, 'HTTP/1.1 599 '],
    [200, 'Fine', 'HTTP/1.1 200 Fine'],
    [200, '', 'HTTP/1.1 200 '],
    [200, 'caf\xe9\tx', 'HTTP/1.1 200 caf\xe9\tx'],
  ])('of status %s and phrase %j is "%s"', (status, statusText, line) => {
    const reply: HttpReply = { ...(status === undefined ? {} : { status }), ...(statusText === undefined ? {} : { statusText }) }
    expect(encode(reply).head.split('\r\n')[0]).toBe(line)
    expect(encode(reply).status).toBe(status ?? 200)
  })

  it("has the server's own version for HTTP/1.0 as well (RFC 9110 §2.5)", () => {
    expect(encode({}, OLD).head).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
  })

  it.each([0, -1, 99, 100, 101, 199, 600, 999, 200.5, Number.NaN, '200'])('of status %s is none of a final reply', (status) => {
    expect(() => encode({ status: status as number })).toThrow(new TypeError(`${status} is not the status of a final reply`))
  })

  it.each(['OK\r\nX-Injected: 1', 'a\rb', 'a\nb', 'a\0b', 'a\x7fb', '€'])('§11.1: cannot have the phrase %j', (statusText) => {
    expect(() => encode({ statusText })).toThrow(TypeError)
  })
})

describe('a reply', () => {
  it.each([null, undefined, 5, 'a', Symbol('a')])('is not %s', (reply) => {
    const refusal = new TypeError(`the app answered with ${String(reply)}, which is not a reply`)
    expect(() => encode(reply as unknown as HttpReply)).toThrow(refusal)
  })

  it('is not a WHATWG Response', () => {
    const refusal = new TypeError('the app answered with a WHATWG Response, which is not a reply')
    expect(() => encode(new Response('a') as unknown as HttpReply)).toThrow(refusal)
  })

  it('may be of a class, or of none', () => {
    class Teapot {
      readonly status = 418
    }
    expect(encode(new Teapot())).toMatchObject({ status: 418 })
    expect(encode(Object.assign(Object.create(null) as HttpReply, { status: 418 }))).toMatchObject({ status: 418 })
  })
})

describe('the fields of a reply', () => {
  it.each([
    ['a text', { 'x-a': 'b' }, ['x-a: b']],
    ['an empty text', { 'x-a': '' }, ['x-a: ']],
    ['obs-text and tabs (RFC 9110 §5.5)', { 'x-a': '\t\xe9\xff' }, ['x-a: \t\xe9\xff']],
    ['a number', { 'x-a': 5 }, ['x-a: 5']],
    ['a list, one line each', { 'set-cookie': ['a=1', 'b=2'] }, ['set-cookie: a=1', 'set-cookie: b=2']],
    ['an empty list', { 'x-a': [] }, []],
    ['a name in other letters', { 'X-Token': 'a' }, ['X-Token: a']],
    ['some', { b: '2', a: '1' }, ['b: 2', 'a: 1']],
  ])('may have %s', (_, headers: Record<string, HeaderValue>, lines) => {
    expect(fieldsOf({ headers })).toEqual([...lines, 'content-length: 0'])
  })

  it.each(['a\r\nX-Injected: 1', 'a\rb', 'a\nb', '\r\n', 'a\0b', '\x01', '\x1b[0m', '\x7f', '€', '\u010d\u010a'])(
    'RFC 9112 §11.1: %j cannot be sent as a value, alone, in a list, or as a content-type or date',
    (value) => {
      const all: Record<string, HeaderValue>[] = [{ 'x-a': value }, { 'x-a': ['b', value] }, { 'content-type': value }, { date: value }]
      for (const headers of all) expect(() => encode({ headers })).toThrow(TypeError)
      expect(() => encode({ headers: { 'x-a': value } })).toThrow('the value of the field x-a has characters no field may have')
    },
  )

  it.each(['', 'a b', 'a:', 'a\r\nb', 'é'])('RFC 9110 §5.1: %j cannot be sent as a name', (name) => {
    expect(() => encode({ headers: { [name]: 'a' } })).toThrow('is not a field name')
  })

  it.each([undefined, null, true, { a: 1 }, Symbol('a')])('%s cannot be a value', (value) => {
    expect(() => encode({ headers: { 'x-a': value as unknown as string } })).toThrow(
      new TypeError('the value of the field x-a is not a string, a number or a list of strings'),
    )
  })

  it('are one line each, whatever the app gives', () => {
    const text = fc.string({ unit: 'binary', maxLength: 8 })
    const value = fc.oneof(text, fc.string(), fc.integer(), fc.array(text, { maxLength: 3 }))
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 8 }), value, text, (name, given, statusText) => {
        let head: string
        try {
          head = encode({ statusText, headers: { [name]: given } }).head
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError)
          return
        }
        const lines = head.split('\r\n')
        expect(lines.length).toBeLessThanOrEqual(4 + 3 + (Array.isArray(given) ? given.length : 1))
        expect(head.replaceAll('\r\n', '')).not.toMatch(/[\r\n\0]/)
        expect(head.endsWith('\r\n\r\n')).toBe(true)
      }),
      { numRuns: 500 },
    )
  })
})

describe('Date (RFC 9110 §6.6.1)', () => {
  it('is in each reply', () => {
    expect(encode({}).head).toContain(`\r\ndate: ${DATE}\r\n`)
  })

  it.each(['date', 'Date'])('is not there twice when the app sent one as %s', (name) => {
    const { head } = encode({ headers: { [name]: 'Fri, 02 Jan 2026 00:00:00 GMT' } })
    expect(head.match(/^date:.*$/gim)).toEqual([`${name}: Fri, 02 Jan 2026 00:00:00 GMT`])
  })
})

describe('Content-Type (RFC 9110 §8.3)', () => {
  it.each([
    ['a text', 'a', 'text/plain; charset=utf-8'],
    ['octets', Buffer.from('a'), 'application/octet-stream'],
    ['an object', { a: 1 }, 'application/json'],
    ['a stream', Readable.from(['a']), 'application/octet-stream'],
  ])('is that of %s when the app names none', (_, body, type) => {
    expect(fieldsOf({ body })).toContain(`content-type: ${type}`)
  })

  it.each(['content-type', 'Content-Type'])("is the app's own, given as %s", (name) => {
    expect(fieldsOf({ headers: { [name]: 'text/html' }, body: 'a' })).toEqual([`${name}: text/html`, 'content-length: 1'])
  })

  it('is not there without a body, unless the app says so', () => {
    expect(fieldsOf({})).toEqual(['content-length: 0'])
    expect(fieldsOf({ headers: { 'content-type': 'text/html' } })).toEqual(['content-type: text/html', 'content-length: 0'])
  })
})

describe('the end of a reply (RFC 9112 §6.3)', () => {
  const cases: [name: string, reply: () => HttpReply, context: Partial<ReplyContext>, end: [framing: string, ...fields: string[]]][] = [
    ['no body', () => ({}), {}, ['length', 'content-length: 0']],
    ['no body, whatever was announced', () => ({ headers: { 'content-length': '5' } }), {}, ['length', 'content-length: 0']],
    ['a text, in octets', () => ({ body: 'é' }), {}, ['length', 'content-length: 2']],
    ['an empty text', () => ({ body: '' }), {}, ['length', 'content-length: 0']],
    ['octets', () => ({ body: Buffer.from('abc') }), {}, ['length', 'content-length: 3']],
    ['an object', () => ({ body: { a: 'é' } }), {}, ['length', 'content-length: 10']],
    ['a text, whatever was announced', () => ({ headers: { 'content-length': '5' }, body: 'a' }), {}, ['length', 'content-length: 1']],
    ['a stream', () => ({ body: stream() }), {}, ['chunked', CHUNKED]],
    ['a stream with a length', () => ({ headers: { 'content-length': '5' }, body: stream() }), {}, ['length', 'content-length: 5']],
    ['a stream with a length of 0', () => ({ headers: { 'Content-Length': 0 }, body: stream() }), {}, ['length', 'content-length: 0']],
    ['a stream, to HTTP/1.0', () => ({ body: stream() }), OLD, ['close']],
    ['a stream with a length, to 1.0', () => ({ headers: { 'content-length': 5 }, body: stream() }), OLD, ['length', 'content-length: 5']],
    ['a text, to HTTP/1.0', () => ({ body: 'a' }), OLD, ['length', 'content-length: 1']],
    ['a coding of its own', () => ({ headers: { 'transfer-encoding': 'gzip, chunked' }, body: 'a' }), {}, ['length', 'content-length: 1']],
    ['a stream, a coding of its own', () => ({ headers: { 'Transfer-Encoding': 'gzip' }, body: stream() }), {}, ['chunked', CHUNKED]],
    ['a Keep-Alive of its own', () => ({ headers: { 'keep-alive': 'timeout=9' } }), {}, ['length', 'content-length: 0']],
    ['204, no body', () => ({ status: 204 }), {}, ['none']],
    ['204, a text', () => ({ status: 204, body: 'a' }), {}, ['none']],
    ['204, an announced length (RFC 9110 §8.6)', () => ({ status: 204, headers: { 'content-length': '5' } }), {}, ['none']],
    ['204, a stream', () => ({ status: 204, body: stream() }), {}, ['none']],
    ['205, a text (RFC 9110 §15.3.6)', () => ({ status: 205, body: 'a' }), {}, ['length', 'content-length: 0']],
    ['205, a stream', () => ({ status: 205, body: stream() }), {}, ['length', 'content-length: 0']],
    ['304, a text', () => ({ status: 304, body: 'a' }), {}, ['none']],
    ['304, a stream, to HTTP/1.0', () => ({ status: 304, body: stream() }), OLD, ['none']],
    ['HEAD, a text', () => ({ body: 'abc' }), HEAD, ['length', 'content-length: 3']],
    ['HEAD, a length announced', () => ({ headers: { 'content-length': '5' } }), HEAD, ['length', 'content-length: 5']],
    ['HEAD, nothing known of what GET gives (RFC 9110 §8.6)', () => ({}), HEAD, ['none']],
    ['HEAD, a stream', () => ({ body: stream() }), HEAD, ['none']],
    ['HEAD, a stream with a length', () => ({ headers: { 'content-length': '5' }, body: stream() }), HEAD, ['length', 'content-length: 5']],
    ['HEAD of HTTP/1.0, a stream', () => ({ body: stream() }), { ...HEAD, ...OLD }, ['none']],
  ]

  it.each(cases)('of %s', (_, reply, context, [framing, ...fields]) => {
    expect(fieldsOf(reply(), context).filter((line) => !line.startsWith('content-type'))).toEqual(fields)
    expect(encode(reply(), context).framing).toBe(framing)
  })

  it.each(['-1', 'a', '5, 5', '1.5', 'Infinity', '9007199254740992', ['5', '5']])('cannot be told by a content-length of %j', (length) => {
    const refusal = new TypeError(`${JSON.stringify(length)} is not a content-length`)
    expect(() => encode({ headers: { 'content-length': length }, body: stream() })).toThrow(refusal)
  })

  it('gives what is to be sent, and how much it must be', () => {
    const body = stream()
    expect(encode({ body: 'é' })).toMatchObject({ body: 'é', length: 2, unsent: null })
    expect(encode({ body })).toMatchObject({ body, length: -1, unsent: null })
    expect(encode({ body, headers: { 'content-length': 7 } })).toMatchObject({ body, length: 7, unsent: null })
    expect(encode({})).toMatchObject({ body: null, unsent: null })
  })

  it.each([
    ['HEAD', 200, 'HEAD'],
    ['204', 204, 'GET'],
    ['205', 205, 'GET'],
    ['304', 304, 'GET'],
  ])('sends nothing for %s, and gives back the stream nobody reads', (_, status, method) => {
    const body = stream()
    expect(encode({ status, body }, { method })).toMatchObject({ body: null, unsent: body })
    expect(encode({ status, body: 'abc' }, { method })).toMatchObject({ body: null, unsent: null })
    expect(encode({ status, body: Buffer.from('a') }, { method })).toMatchObject({ body: null, unsent: null })
  })
})

describe('the connection after a reply (RFC 9112 §9.3)', () => {
  it('stays, and says so, to HTTP/1.0 as well', () => {
    expect(connectionOf({})).toEqual([false, 'connection: keep-alive'])
    expect(connectionOf({}, OLD)).toEqual([false, 'connection: keep-alive'])
  })

  it('says how long it stays', () => {
    expect(connectionOf({}, {}, 74)).toEqual([false, 'connection: keep-alive', 'keep-alive: timeout=74'])
  })

  it('closes when the request or the server is done with it', () => {
    expect(connectionOf({}, { persistent: false }, 74)).toEqual([true, 'connection: close'])
  })

  it('closes when only that ends the body', () => {
    expect(connectionOf({ body: Readable.from(['a']) }, OLD)).toEqual([true, 'connection: close'])
  })

  it.each(['close', 'Close', 'foo, close', 'close,foo', 'foo\tclose', ['foo', 'close']])('closes when the app says %j', (connection) => {
    expect(connectionOf({ headers: { connection } })).toEqual([true, 'connection: close'])
    expect(connectionOf({ headers: { Connection: connection } })).toEqual([true, 'connection: close'])
  })

  it.each(['keep-alive', 'upgrade', 'closed', 'not-close', ''])('stays when the app says %j', (connection) => {
    expect(connectionOf({ headers: { connection } })).toEqual([false, 'connection: keep-alive'])
  })

  it('does not stay because the app wants it to', () => {
    expect(connectionOf({ headers: { connection: 'keep-alive' } }, { persistent: false })).toEqual([true, 'connection: close'])
  })
})
