import { expect, it } from 'vitest'
import { printable } from '../src/printable.ts'

it.each([
  ['a colour', '\x1b[31mred', '\\u001b[31mred'],
  ['the same in one character', '\u009b31mred', '\\u009b31mred'],
  ['the end of a title', 'a\x07', 'a\\u0007'],
  ['the line so far', 'ok\rno\b', 'ok\\u000dno\\u0008'],
  ['the direction of a text', 'a\u202eb\u2066c', 'a\\u202eb\\u2066c'],
  ['nothing', 'é └─ 名\tb\nc', 'é └─ 名\tb\nc'],
])('%s is shown, not done', (_what, text, shown) => expect(printable(text)).toBe(shown))

it('JSON means what it meant', () => {
  const value = { '\x1b': '\u009b\x7f\u202e' }
  expect(JSON.parse(printable(JSON.stringify(value, null, 2)))).toEqual(value)
})
