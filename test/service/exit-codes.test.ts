import { expect, test } from 'vitest'
import { explainExit } from '../../src/service/exit-codes.ts'

test.each([
  [{ code: 0, signal: null }, 'it ended by itself'],
  [{ code: 1, signal: null }, 'an error nobody caught, or process.exit(1)'],
  [{ code: 134, signal: null }, 'out of memory?'],
  [{ code: null, signal: 'SIGKILL' }, 'out of memory?'],
  [{ code: null, signal: 'SIGABRT' }, 'out of memory?'],
  [{ code: null, signal: 'SIGSEGV' }, 'a native addon?'],
  [{ code: 42, signal: null }, ''],
  [{ code: null, signal: 'SIGTERM' }, ''],
  [{ code: null, signal: null }, ''],
] as const)('%j is explained as "%s"', (exit, words) => {
  expect(explainExit(exit)).toBe(words)
})
