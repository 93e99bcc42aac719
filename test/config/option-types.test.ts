import { describe, expect, it } from 'vitest'
import { describeExpected, formatValue, readValue, type OptionLimits } from '../../src/config/option-types.ts'

const MiB = 2 ** 20

const accepted: readonly (readonly [OptionLimits, string, unknown])[] = [
  ...['true', 'TRUE', 'yes', 'on', '1'].map((text) => [{ type: 'boolean' }, text, true] as const),
  ...['false', 'No', 'off', '0'].map((text) => [{ type: 'boolean' }, text, false] as const),
  [{ type: 'string' }, 'any text # at all', 'any text # at all'],
  [{ type: 'string' }, '', ''],
  [{ type: 'integer' }, '0', 0],
  [{ type: 'integer', min: 1, max: 3 }, '3', 3],
  [{ type: 'port' }, '0', 0],
  [{ type: 'port' }, '65535', 65_535],
  [{ type: 'seconds' }, '30', 30],
  [{ type: 'seconds' }, '1.5', 1.5],
  [{ type: 'seconds' }, '30s', 30],
  [{ type: 'seconds' }, '30 s', 30],
  [{ type: 'seconds' }, '5m', 300],
  [{ type: 'seconds' }, '2h', 7200],
  [{ type: 'seconds' }, '250ms', 0.25],
  [{ type: 'seconds' }, '2147483', 2_147_483],
  [{ type: 'bytes' }, '1048576', MiB],
  [{ type: 'bytes' }, '1 MiB', MiB],
  [{ type: 'bytes' }, '1.5MiB', 1.5 * MiB],
  [{ type: 'bytes' }, '64k', 65_536],
  [{ type: 'bytes' }, '64K', 65_536],
  [{ type: 'bytes' }, '64 KiB', 65_536],
  [{ type: 'bytes' }, '64 kB', 64_000],
  [{ type: 'bytes' }, '1 MB', 1e6],
  [{ type: 'bytes' }, '1.1 GB', 1.1e9],
  [{ type: 'bytes' }, '2G', 2 ** 31],
  [{ type: 'bytes' }, '7 B', 7],
  [{ type: 'rate' }, '500', 500],
  [{ type: 'rate' }, '500 B/s', 500],
  [{ type: 'rate' }, '1 KiB/s', 1024],
  [{ type: 'rate' }, '1k', 1024],
  [{ type: 'list' }, '', []],
  [{ type: 'list' }, 'a, b', ['a', 'b']],
  [{ type: 'list' }, 'a b\nc,,d ,', ['a', 'b', 'c', 'd']],
  [{ type: 'enum', choices: ['a', 'b'] }, 'b', 'b'],
  [{ type: 'mode' }, '0660', 0o660],
  [{ type: 'mode' }, '600', 0o600],
  [{ type: 'mode' }, '0o600', 0o600],
  [{ type: 'path' }, 'tls/a.pem', '/etc/millrace/tls/a.pem'],
  [{ type: 'path' }, '/a.pem', '/a.pem'],
  [{ type: 'file' }, 'api-paste.ini', 'api-paste.ini'],
  [{ type: 'address' }, '0.0.0.0', '0.0.0.0'],
  [{ type: 'address' }, '::', '::'],
  [{ type: 'address' }, '[::1]', '::1'],
  [{ type: 'address' }, 'localhost', 'localhost'],
  [{ type: 'address' }, 'api-1.example.org', 'api-1.example.org'],
  [{ type: 'address' }, 'unix:/run/api.sock', 'unix:/run/api.sock'],
  [{ type: 'address' }, 'unix:api.sock', 'unix:/etc/millrace/api.sock'],
]

const refused: readonly (readonly [OptionLimits, string])[] = [
  ...['', '2', 'enabled', 'y'].map((text) => [{ type: 'boolean' }, text] as const),
  [{ type: 'string' }, 'two\nlines'],
  ...['', '-1', '1.5', '1e3', '0x10', 'many', '99999999999999999999'].map((text) => [{ type: 'integer' }, text] as const),
  [{ type: 'integer', min: 1 }, '0'],
  [{ type: 'integer', max: 3 }, '4'],
  ...['', '65536', '-1', 'http'].map((text) => [{ type: 'port' }, text] as const),
  ...['', '-1', '5 days', 's', '.5', '1,5', '2147484', '600h', '1constructor'].map((text) => [{ type: 'seconds' }, text] as const),
  ...['', '1 TB', '-1', '1.5', '0.1k'].map((text) => [{ type: 'bytes' }, text] as const),
  [{ type: 'bytes', min: 1 }, '0'],
  ...['', '500/s/s', '500 s'].map((text) => [{ type: 'rate' }, text] as const),
  ...['', 'A', 'c', 'constructor'].map((text) => [{ type: 'enum', choices: ['a', 'b'] }, text] as const),
  ...['', '888', '0x1b0', 'rw-', '66', '1777'].map((text) => [{ type: 'mode' }, text] as const),
  [{ type: 'path' }, ''],
  [{ type: 'file' }, ''],
  ...['', '256.0.0.1', '1.2.3', '::1::', '[0.0.0.0]', '[host]', 'unix:', 'a b', 'host:80', '-host', 'http://host'].map(
    (text) => [{ type: 'address' }, text] as const),
]

describe('a value that is read', () => {
  it.each(accepted)('%j %j is %j', (limits, text, value) => expect(readValue(limits, text, '/etc/millrace')).toEqual(value))
})

describe('a value that is refused', () => {
  it.each(refused)('%j %j', (limits, text) => expect(readValue(limits, text, '/')).toBeUndefined())
})

it.each<[OptionLimits, string]>([
  [{ type: 'integer' }, 'a whole number'],
  [{ type: 'integer', min: 1 }, 'a whole number, at least 1'],
  [{ type: 'seconds', min: 1, max: 9 }, 'seconds, or a time such as 250ms, 30s, 5m or 2h, at least 1, at most 9'],
  [{ type: 'enum', choices: ['a', 'b'] }, 'one of a, b'],
])('%j expects %j', (limits, expected) => expect(describeExpected(limits)).toBe(expected))

it.each<[Parameters<typeof formatValue>, string]>([
  [['path', null], ''],
  [['list', ['a', 'b']], 'a, b'],
  [['mode', 0o600], '0600'],
  [['boolean', true], 'true'],
  [['seconds', 0.25], '0.25'],
])('%j is shown as %j', (parameters, text) => expect(formatValue(...parameters)).toBe(text))
