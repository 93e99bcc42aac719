import { Readable } from 'node:stream'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { typedBody } from '../../src/http/reply-body.ts'

async function* pieces(): AsyncGenerator<string> {
  yield 'a'
}

describe("a reply's body", () => {
  it.each([
    ['nothing', undefined, null, ''],
    ['null', null, null, ''],
    ['a text', 'a', 'a', 'text/plain; charset=utf-8'],
    ['an empty text', '', '', 'text/plain; charset=utf-8'],
    ['an object', { a: 1 }, '{"a":1}', 'application/json'],
    ['a list', [1, 'b'], '[1,"b"]', 'application/json'],
    ['an object without a prototype', Object.create(null) as object, '{}', 'application/json'],
    ['an empty object', {}, '{}', 'application/json'],
    ['an empty object of another realm', runInNewContext('({})') as object, '{}', 'application/json'],
    ['an object that says it is empty', new (class { toJSON(): object { return {} } })(), '{}', 'application/json'],
    ['an object of a class', new (class { a = 1 })(), '{"a":1}', 'application/json'],
    ['an object that knows its JSON', new Date(0), '"1970-01-01T00:00:00.000Z"', 'application/json'],
    ['octets', new Uint8Array([1, 2]), new Uint8Array([1, 2]), 'application/octet-stream'],
    ['a buffer', Buffer.from([1, 2]), Buffer.from([1, 2]), 'application/octet-stream'],
    ['an ArrayBuffer', new Uint8Array([1, 2]).buffer, new Uint8Array([1, 2]), 'application/octet-stream'],
  ])('may be %s', (_, body, sent, type) => {
    expect(typedBody(body)).toEqual({ body: sent, typeField: type === '' ? '' : `content-type: ${type}\r\n` })
  })

  it.each([
    ['a web stream', new Response('a').body],
    ['a Node stream', Readable.from(['a'])],
    ['an async iterable', pieces()],
  ])('may be %s', (_, body) => {
    expect(typedBody(body)).toEqual({ body, typeField: 'content-type: application/octet-stream\r\n' })
    expect(typedBody(body).body).toBe(body)
  })

  it.each([
    ['a number', 5, 'cannot be a number'],
    ['a boolean', true, 'cannot be a boolean'],
    ['a function', () => 'a', 'cannot be a function'],
    ['a symbol', Symbol('a'), 'cannot be a symbol'],
    ['a promise', Promise.resolve('a'), 'await it first'],
    ['an object without a JSON form', { toJSON: () => undefined }, 'has no JSON form'],
    ['a Map', new Map([['a', 1]]), 'cannot be [object Map]: nothing of it is JSON'],
    ['a Set', new Set(['a']), '[object Set]'],
    ['a FormData', new FormData(), '[object FormData]'],
    ['a Blob', new Blob(['a']), '[object Blob]'],
    ['a URLSearchParams', new URLSearchParams('a=1'), '[object URLSearchParams]'],
    ['a Response', new Response('a'), '[object Response]'],
    ['an error', new Error('a'), '[object Error]'],
    ['an object with a BigInt', { a: 1n }, 'BigInt'],
  ])('cannot be %s', (_, body, message) => {
    expect(() => typedBody(body as object)).toThrow(TypeError)
    expect(() => typedBody(body as object)).toThrow(message)
  })

  it('cannot be an object that holds itself', () => {
    const body: { self?: object } = {}
    body.self = body
    expect(() => typedBody(body)).toThrow(TypeError)
  })
})
