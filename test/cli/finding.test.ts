import { describe, expect, test } from 'vitest'
import { describeFinding, distinct, findingsOf, listFinding, warningsOf } from '../../src/cli/finding.ts'
import { ConfigError } from '../../src/errors.ts'

describe('what is found', () => {
  test('of a ConfigError is each of its problems, of any other error its message', () => {
    const error = new ConfigError([{ message: 'one', file: 'f', line: 1 }, { message: 'two' }])
    expect(findingsOf(error, 'compute')).toEqual([
      { level: 'error', api: 'compute', message: 'one', file: 'f', line: 1 },
      { level: 'error', api: 'compute', message: 'two' },
    ])
    expect(findingsOf(new TypeError('boom'))).toMatchObject([{ level: 'error', message: 'boom' }])
    expect(findingsOf('a string')).toMatchObject([{ level: 'error', message: 'a string' }])
  })

  test('of warnings is what an operator should see, in its parts where they are known', () => {
    const warning = { level: 'warn', file: 'f', line: 2, message: '[app:x] admin_password: is odd (got "hunter2")' } as const
    const problem = { section: 'app:x', option: 'admin_password', value: 'hunter2', message: 'is odd' }
    const found = warningsOf([warning, { ...warning, problem }, { ...warning, level: 'info' }], 'compute')
    expect(found).toEqual([
      { level: 'warning', api: 'compute', file: 'f', line: 2, message: warning.message },
      { level: 'warning', api: 'compute', file: 'f', line: 2, ...problem, value: '***' },
    ])
  })

  test('is told once, of the API it was found in first', () => {
    const found = { level: 'error', file: 'f', line: 1, message: 'shared' } as const
    expect(distinct([{ ...found, api: 'a' }, { ...found, api: 'b' }, { ...found, line: 2, api: 'b' }])).toMatchObject([{ api: 'a' }, { line: 2 }])
  })

  test('is one line for people, and every key for programs', () => {
    const finding = { level: 'error', file: 'f', line: 1, section: 's', option: 'o', value: 'v', message: 'is odd' } as const
    expect(describeFinding(finding)).toBe('error: f:1: [s] o: is odd (got "v")')
    expect(listFinding(finding)).toEqual({ api: null, expected: null, nearest: null, ...finding })
  })
})
