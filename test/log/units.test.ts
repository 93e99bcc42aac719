import { expect, test } from 'vitest'
import { formatOctets, formatSeconds } from '../../src/log/units.ts'

test.each([
  [0, '0.0 s'], [0.04, '0.0 s'], [9.94, '9.9 s'], [9.96, '10 s'], [59.4, '59 s'], [59.6, '1 m 0 s'], [61, '1 m 1 s'], [3599.7, '1 h 0 m'],
  [7325, '2 h 2 m'], [86_399, '23 h 59 m'], [86_400, '1 d 0 h'], [1_000_000, '11 d 13 h'],
])('%s seconds are %s', (seconds, text) => {
  expect(formatSeconds(seconds)).toBe(text)
})

test.each([[0, '0 KiB'], [2048, '2 KiB'], [2 ** 20, '1.0 MiB'], [100.26 * 2 ** 20, '100.3 MiB'], [1.5 * 2 ** 30, '1.5 GiB']])('%s octets are %s', (octets, text) => {
  expect(formatOctets(octets)).toBe(text)
})
