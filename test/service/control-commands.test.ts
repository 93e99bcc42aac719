import { expect, test } from 'vitest'
import { DEFAULT_OPTIONS } from '../../src/config/default-options.ts'
import { LOG_LEVELS, readCall } from '../../src/service/control-commands.ts'
import { FakeOperations } from '../support/fake-operations.ts'

test.each<[command: string, args: Record<string, unknown>, call: unknown[], result: unknown]>([
  ['reload', {}, ['restart'], { done: true, replaced: 2 }],
  ['stop', {}, ['stop', 'graceful'], undefined],
  ['stop', { now: false }, ['stop', 'graceful'], undefined],
  ['stop', { now: true }, ['stop', 'immediate'], undefined],
  ['scale', { service: 'compute', workers: 4 }, ['scale', 'compute', 4], { before: 2 }],
  ['drain', { service: 'compute' }, ['drain', 'compute'], { cut: 0, clean: true }],
  ['log-level', { level: 'debug' }, ['setLogLevel', 'debug'], undefined],
  ['stuck', {}, ['stuck', 1], []],
  ['stuck', { seconds: 0 }, ['stuck', 0], []],
  ['stuck', { seconds: 2.5 }, ['stuck', 2.5], []],
])('%s %j', async (command, args, call, result) => {
  const operations = new FakeOperations()
  const read = readCall(command, args)
  expect(operations.calls).toEqual([])
  expect(await read.run(operations)).toEqual(result)
  expect(operations.calls).toEqual([call])
  expect(read.quiet).toBe(false)
})

test('ping and status change nothing, and are quiet', async () => {
  const operations = new FakeOperations()
  expect(readCall('ping', {})).toMatchObject({ quiet: true })
  expect(readCall('ping', {}).run(operations)).toEqual({ pid: process.pid })
  expect(readCall('status', {})).toMatchObject({ quiet: true })
  expect(readCall('status', {}).run(operations)).toBe(operations.current)
  expect(operations.calls).toEqual([])
})

test.each<[command: string, args: Record<string, unknown>, message: string]>([
  ['relaod', {}, 'there is no command "relaod"; did you mean "reload"?'],
  ['explode', {}, 'there is no command "explode"'],
  ['constructor', {}, 'there is no command "constructor"'],
  ['status', { verbose: true }, 'there is no argument of status "verbose"'],
  ['stop', { nwo: true }, 'there is no argument of stop "nwo"; did you mean "now"?'],
  ['stop', { now: 'yes' }, 'now should be true or false, not "yes"'],
  ['stop', { now: null }, 'now should be true or false, not null'],
  ['scale', {}, 'service should be the name of a service'],
  ['scale', { service: 1, workers: 1 }, 'service should be the name of a service, not 1'],
  ['scale', { service: 'compute' }, 'workers should be a whole number from 1 on'],
  ['scale', { service: 'compute', workers: 0 }, 'workers should be a whole number from 1 on, not 0'],
  ['scale', { service: 'compute', workers: 1.5 }, 'workers should be a whole number from 1 on, not 1.5'],
  ['scale', { service: 'compute', workers: '2' }, 'workers should be a whole number from 1 on, not "2"'],
  ['drain', { service: ['compute'] }, 'service should be the name of a service, not ["compute"]'],
  ['log-level', { level: 'loud' }, 'level should be one of fatal, error, warn, info, debug, trace, silent, not "loud"'],
  ['stuck', { seconds: -1 }, 'seconds should be a number of seconds, not -1'],
])('refuses %s %j: %s', (command, args, message) => {
  expect(() => readCall(command, args)).toThrow(new RangeError(message))
})

test('the levels are those of log_level', () => {
  expect(DEFAULT_OPTIONS.find(({ name }) => name === 'log_level')).toMatchObject({ choices: LOG_LEVELS })
})
