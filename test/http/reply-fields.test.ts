import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import type { HeaderValue } from '../../src/app.ts'
import { encodeFields } from '../../src/http/reply-fields.ts'

type Headers = Record<string, HeaderValue>

it.each<[what: string, headers: Headers]>([
  ['a plain object', { 'x-a': 'b' }],
  ['one without a prototype', Object.assign(Object.create(null) as Headers, { 'x-a': 'b' })],
  ['one of another realm', runInNewContext('({ "x-a": "b" })') as Headers],
])('fields are taken from %s', (_what, headers) => {
  expect(encodeFields(headers).text).toBe('x-a: b\r\n')
})

it.each<[what: string, headers: object]>([
  ['a Map', new Map([['x-a', 'b']])],
  ['a Headers', new Headers({ 'x-a': 'b' })],
  ['a list', [['x-a', 'b']]],
])('and not from %s, whose fields would be lost', (_what, headers) => {
  expect(() => encodeFields(headers as Headers)).toThrow(/the fields of a reply cannot be \[object \w+\]/)
})
