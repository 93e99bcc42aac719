import { expect, test } from 'vitest'
import { ConfigError } from '../../src/errors.ts'
import { describeFailure, isPrimaryMessage, reviveFailure } from '../../src/service/messages.ts'

function sendThere<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T
}

test('an error keeps its class name, message and stack on its way to the primary', () => {
  const error = new TypeError('no such thing')
  const revived = reviveFailure(sendThere(describeFailure(error)))
  expect(revived).toBeInstanceOf(Error)
  expect(revived).toMatchObject({ name: 'TypeError', message: 'no such thing', stack: error.stack })
})

test('a ConfigError is one again, with all its problems', () => {
  const error = new ConfigError([{ message: 'unknown option', file: 'millrace.conf', line: 3, nearest: 'backlog' }, { message: 'another' }])
  const revived = reviveFailure(sendThere(describeFailure(error)))
  expect(revived).toBeInstanceOf(ConfigError)
  expect(revived).toMatchObject({ problem: error.problem, problems: error.problems, message: error.message, stack: error.stack })
})

test('what was thrown and is no error becomes one', () => {
  const revived = reviveFailure(sendThere(describeFailure('just a string')))
  expect(revived).toMatchObject({ name: 'Error', message: 'just a string' })
})

test('an error without a stack is sent without one', () => {
  const error = new Error('bare')
  delete error.stack
  expect(describeFailure(error)).toEqual({ kind: 'Error', message: 'bare' })
})

test('only messages with a verb of ours are ours', () => {
  expect(isPrimaryMessage({ verb: 'quiesce' })).toBe(true)
  for (const foreign of [undefined, null, 'ready', 7, {}, { verb: 'dance' }, { verb: 'ready' }, { cmd: 'NODE_HANDLE' }]) expect(isPrimaryMessage(foreign)).toBe(false)
})
