import { expect, test } from 'vitest'
import { addVary } from '../../src/middleware/vary.ts'

test.each([
  [undefined, 'Accept-Encoding'],
  ['Origin', 'Origin, Accept-Encoding'],
  [['Origin', 'Accept'], 'Origin,Accept, Accept-Encoding'],
  ['accept-encoding, Origin', 'accept-encoding, Origin'],
  ['*', '*'],
])('Vary %j becomes %j', (before, vary) => {
  const reply = { headers: before === undefined ? {} : { vary: before } }
  expect(addVary(reply, 'Accept-Encoding')).toBe(reply.headers)
  expect(reply).toEqual({ headers: { vary } })
})
