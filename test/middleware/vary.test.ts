import { expect, test } from 'vitest'
import { addVary } from '../../src/middleware/vary.ts'

test.each([
  [undefined, 'Accept-Encoding'],
  ['Origin', 'Origin, Accept-Encoding'],
  [['Origin', 'Accept'], 'Origin, Accept, Accept-Encoding'],
  ['accept-encoding, Origin', 'accept-encoding, Origin'],
  ['*', '*'],
])('Vary %j becomes %j', (before, vary) => {
  const headers = before === undefined ? {} : { vary: before }
  addVary(headers, 'Accept-Encoding')
  expect(headers).toEqual({ vary })
})
