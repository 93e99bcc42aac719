import { expect, test } from 'vitest'
import { readInspection } from '../../src/service/inspection.ts'
import { readWorkerMessage } from '../../src/service/worker-words.ts'

const REPORT = { done: 1, inFlight: 2, queued: 3, connections: { IDLE: 4, REQUEST: 5, CLOSE: 6 }, loopDelay: 7, rss: 8, heapUsed: 9 }
const ITEM = { id: 'r1', what: 'GET /', seconds: 1, phase: 'waiting', client: '::1' }
const NOTHING = { done: 0, inFlight: 0, queued: 0, connections: { IDLE: 0, REQUEST: 0, CLOSE: 0 }, loopDelay: 0, rss: 0, heapUsed: 0 }

test.each([
  { verb: 'ready' },
  { verb: 'ready', debugged: true },
  { verb: 'failed', error: { kind: 'Error', message: 'no', stack: 'at' } },
  { verb: 'failed', error: { kind: 'ConfigError', message: 'no', problems: [{ message: 'no' }] } },
  { verb: 'stopping' },
  { verb: 'received', ids: [1, 2], connections: 2, requests: 1 },
  { verb: 'refused', id: 4 },
  { verb: 'load', connections: 1, requests: 0 },
  { verb: 'beat', report: REPORT },
  { verb: 'reset-asked' },
  { verb: 'work', items: [ITEM] },
  { verb: 'stopped', cut: 2 },
])('a worker says %j', (message) => {
  expect(readWorkerMessage(message)).toEqual(message)
})

test.each([
  null, 'ready', [], {}, { verb: 'dance' }, { verb: 'toString' }, { verb: '__proto__' }, { verb: 7 }, { verb: 'quiesce' }, { verb: 'stop' },
  { verb: 'failed' }, { verb: 'failed', error: 'no' }, { verb: 'received' }, { verb: 'received', ids: 7 }, { verb: 'refused' }, { verb: 'refused', id: '1' },
  { verb: 'beat' }, { verb: 'beat', report: null }, { verb: 'work' }, { verb: 'work', items: 'x' },
])('an app that sends %j says nothing to us', (message) => {
  expect(readWorkerMessage(message)).toBeNull()
})

test('what a service tells of itself and is no number counts as 0', () => {
  expect(readWorkerMessage({ verb: 'load', connections: null, requests: -1 })).toEqual({ verb: 'load', connections: 0, requests: 0 })
  expect(readWorkerMessage({ verb: 'received', ids: [null, 1, {}], connections: 'x' })).toEqual({ verb: 'received', ids: [1], connections: 0, requests: 0 })
  expect(readWorkerMessage({ verb: 'beat', report: {} })).toEqual({ verb: 'beat', report: NOTHING })
  expect(readWorkerMessage({ verb: 'stopped' })).toEqual({ verb: 'stopped', cut: 0 })
})

test('of a list of work only items are taken, with texts where there should be', () => {
  expect(readWorkerMessage({ verb: 'work', items: [null, 3, {}, ITEM] })).toEqual({ verb: 'work', items: [{ id: '', what: '', seconds: 0, phase: '' }, ITEM] })
})

test.each([{}, [], [null], ['x'], [{ message: 5 }]])('a failure with problems that are %j is a plain one', (problems) => {
  expect(readWorkerMessage({ verb: 'failed', error: { problems } })).toEqual({ verb: 'failed', error: { kind: '', message: '' } })
})

test('an inspection is read as it was written, and nothing else is one', () => {
  expect(readInspection(JSON.stringify({ stack: 'at', work: [ITEM] }))).toEqual({ stack: 'at', work: [ITEM] })
  for (const spared of ['idle', 'debugged'] as const) expect(readInspection(JSON.stringify({ stack: 'at', work: [], spared }))).toEqual({ stack: 'at', work: [], spared })
  expect(readInspection('{"stack":"at","work":[],"spared":"never"}')).toEqual({ stack: 'at', work: [] })
  for (const line of ['nonsense', 'null', '{}', '{"stack":"at"}', '{"work":[]}', '{"stack":1,"work":[]}', '{"stack":"","work":3}']) expect(readInspection(line)).toBeNull()
})
