import { expect, test } from 'vitest'
import { ConfigError } from '../../src/errors.ts'
import { asBool, asCount, asFieldNames, asInt, asList, asText, readOptions } from '../../src/middleware/converters.ts'

test.each(['true', 'Yes', 'ON', 'y', 't', '1', ' true '])('%j is true', (value) => {
  expect(asBool(value, 'option')).toBe(true)
})

test.each(['false', 'No', 'OFF', 'n', 'f', '0'])('%j is false', (value) => {
  expect(asBool(value, 'option')).toBe(false)
})

test.each([['0', 0], [' 42 ', 42], ['+7', 7], ['-7', -7]])('%j is the integer %i', (value, integer) => {
  expect(asInt(value, 'option')).toBe(integer)
})

test.each([
  ['a b', ['a', 'b']],
  ['a, b,c', ['a', 'b', 'c']],
  ['\na\n  b\n', ['a', 'b']],
  ['', []],
])('%j is the list %j', (value, list) => {
  expect(asList(value)).toEqual(list)
})

test('names of fields are read in lower case', () => {
  expect(asFieldNames('X-A, X-B', 'option')).toEqual(['x-a', 'x-b'])
})

test.each([
  [asBool, 'maybe', 'is not a boolean'],
  [asInt, '1.5', 'is not an integer'],
  [asInt, '', 'is not an integer'],
  [asCount, '-1', 'is out of range'],
  [asFieldNames, 'x-a, x:b', 'is not the name of a header field (got "x:b")'],
])('%o refuses %j and names the option', (convert, value, message) => {
  const attempt = (): unknown => convert(value, 'the_option')
  expect(attempt).toThrow(ConfigError)
  expect(attempt).toThrow(`the_option: ${message}`)
})

const TABLE = { path: [asText, '/'], detailed: [asBool, false] } as const

test('options have their defaults until the section names them', () => {
  expect(readOptions<{ path: string; detailed: boolean }>({}, TABLE)).toEqual({ path: '/', detailed: false })
  expect(readOptions<{ path: string; detailed: boolean }>({ detailed: 'on', path: '' }, TABLE)).toEqual({ path: '', detailed: true })
})

test.each([
  ['detialed', 'detailed'],
  ['pathh', 'path'],
  ['colour', undefined],
])('the unknown option %j is a ConfigError; nearest is %j', (name, nearest) => {
  expect(() => readOptions<{ path: string; detailed: boolean }>({ [name]: '1' }, TABLE)).toThrow(
    expect.objectContaining({ name: 'ConfigError', problem: expect.objectContaining({ option: name, nearest }) }),
  )
})

test('a filter without options says so', () => {
  expect(() => readOptions({ a: '1' }, {})).toThrow('a: there is no such option (expected no options)')
})
