import { expect, test } from 'vitest'
import { preferredType } from '../../../src/middleware/healthcheck/preferred-type.ts'

test.each([
  [null, 'a/one'],
  ['', 'a/one'],
  ['*/*', 'a/one'],
  ['b/two', 'b/two'],
  ['B/Two; Q=0.5, a/one;q=0.4', 'b/two'],
  ['a/*;q=0.1, b/two;q=0.2', 'b/two'],
  ['a/one;q=0, */*', 'b/two'],
  ['a/*;q=0, a/one', 'a/one'],
  ['b/two;q=none', 'a/one'],
  ['b/two;level=1;q=0.3, a/one;q=0.2', 'b/two'],
  ['c/three', 'a/one'],
])('of a/one and b/two %j likes %s best (RFC 9110 §12.5.1)', (accept, type) => {
  expect(preferredType(accept, ['a/one', 'b/two'])).toBe(type)
})
