import { expect, test } from 'vitest'
import { parseMediaRange, parseMediaRanges } from '../../src/compose/media-ranges.ts'

test.each([
  ['', '', {}],
  ['Application/JSON', 'application/json', {}],
  ['a/b;q=0.5', 'a/b', { q: '0.5' }],
  [' a/b ; Q = 0.5 ;version="2.1"; flag ', 'a/b', { q: '0.5', version: '2.1', flag: '' }],
  ['a/b;x="1;2,3";y=2', 'a/b', { x: '1;2,3', y: '2' }],
  [String.raw`a/b;x="say \"no\""`, 'a/b', { x: 'say "no"' }],
  ['a/b;x="open', 'a/b', { x: '"open' }],
  ['a/b;x=1;x=2', 'a/b', { x: '2' }],
  ['"a/b"', 'a/b', {}],
  ['a/b;version=', 'a/b', { version: '' }],
])('%j is %j with %j', (text, type, params) => {
  const range = parseMediaRange(text)
  expect([range.type, Object.fromEntries(range.params)]).toEqual([type, params])
})

test('items end at commas outside quotes', () => {
  expect(parseMediaRanges('a/b;x="1,2", c/d,, e/f').map(({ type }) => type)).toEqual(['a/b', 'c/d', 'e/f'])
  expect(parseMediaRanges('')).toEqual([])
})

test('a quote that is never closed ends with the header, and the header is read once', () => {
  expect(parseMediaRanges('"\\'.repeat(200_000))).toHaveLength(1)
  expect(parseMediaRanges(`a/b;${' '.repeat(200_000)}x`)).toHaveLength(1)
})
