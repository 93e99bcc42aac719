import { expect, test } from 'vitest'
import { formatAnswer, parseRequest, ProtocolError } from '../../src/service/control-protocol.ts'

test.each<[line: string, request: object]>([
  ['{"id":1,"command":"status","args":{"a":2}}', { id: 1, command: 'status', args: { a: 2 } }],
  ['{"command":"status"}', { id: null, command: 'status', args: {} }],
  [' {"id":{"any":"thing"},"command":"x"}\r', { id: { any: 'thing' }, command: 'x', args: {} }],
])('reads %j', (line, request) => {
  expect(parseRequest(line)).toEqual(request)
})

test.each<[line: string, message: string]>([
  ['', 'expected JSON'],
  ['GET / HTTP/1.1', 'expected JSON'],
  ['null', 'expected a JSON object in one line'],
  ['[]', 'expected a JSON object in one line'],
  ['"status"', 'expected a JSON object in one line'],
  ['{}', 'expected a member "command" that is a string'],
  ['{"command":1}', 'expected a member "command" that is a string'],
  ['{"command":"x","args":null}', 'expected an object as "args"'],
  ['{"command":"x","args":[]}', 'expected an object as "args"'],
])('refuses %j: %s', (line, message) => {
  expect(() => parseRequest(line)).toThrow(new ProtocolError(message))
})

test('an answer is one line', () => {
  expect(formatAnswer({ id: 'a', ok: true, result: { text: 'two\nlines' } })).toBe('{"id":"a","ok":true,"result":{"text":"two\\nlines"}}\n')
  expect(formatAnswer({ id: 1, ok: true, result: undefined })).toBe('{"id":1,"ok":true,"result":null}\n')
  expect(formatAnswer({ id: null, ok: false, error: 'why' })).toBe('{"id":null,"ok":false,"error":"why"}\n')
})
