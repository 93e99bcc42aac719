import { expect, onTestFinished, test } from 'vitest'
import { type EventName, subscribe } from '../../src/events.ts'
import { defer } from '../../src/service/deferred.ts'
import { killHung, killLate } from '../../src/service/hang-kill.ts'
import type { Inspection } from '../../src/service/inspection.ts'
import { WorkerHandle, type WorkerObserver } from '../../src/service/worker-handle.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { FakeChild } from './fakes.ts'

const DEAF: WorkerObserver = {
  workerReady: () => undefined,
  workerWantsStop: () => undefined,
  workerFailed: () => undefined,
  workerExited: () => undefined,
  workerHasRoom: () => undefined,
  workerBeat: () => undefined,
  workerWantsReset: () => undefined,
  workerRefused: () => undefined,
}
const REPORT = { done: 0, inFlight: 0, queued: 0, connections: { IDLE: 0, REQUEST: 0, CLOSE: 0 }, loopDelay: 0, rss: 0, heapUsed: 0 }
const WORK = [
  { id: 'req-1', what: 'GET /a', seconds: 6, phase: 'app' },
  { id: 'req-2', what: 'GET /b', seconds: 2, phase: 'body' },
]

/** A ready worker, and everything that was said, in order, with the kill among it. */
function prepare({ debugged = false } = {}) {
  const prepared = prepareStarting()
  prepared.child.say({ verb: 'ready', ...(debugged && { debugged: true }) })
  return prepared
}

function prepareStarting() {
  const clock = new FakeClock()
  const child = new FakeChild(7)
  const seen = defer<Inspection | null>()
  child.inspect = () => seen.promise
  const told: string[] = []
  for (const name of ['process.blocked', 'work.cut', 'worker.hung', 'worker.late'] satisfies EventName[]) {
    onTestFinished(subscribe(name, (event) => told.push(`${name} ${JSON.stringify(event)}`)))
  }
  child.kill = (signal) => void told.push(`kill ${signal}`)
  const worker = new WorkerHandle(child, clock, DEAF)
  return { child, clock, seen, told, worker }
}

test('it tells where the worker is, each request that this costs, that it hangs, and then kills', async () => {
  const { seen, told, worker } = prepare()
  seen.resolve({ stack: '    at spin (/app.js:3:5)', work: WORK })
  await killHung('compute', worker, 30)
  expect(told).toEqual([
    'process.blocked {"api":"compute","pid":7,"seconds":30,"stack":"    at spin (/app.js:3:5)"}',
    'work.cut {"api":"compute","pid":7,"id":"req-1","what":"GET /a","seconds":6,"phase":"app"}',
    'work.cut {"api":"compute","pid":7,"id":"req-2","what":"GET /b","seconds":2,"phase":"body"}',
    'worker.hung {"api":"compute","pid":7,"seconds":30}',
    'kill SIGKILL',
  ])
  expect(worker.killed).toBe(true)
})

test('one of which nobody tells anything is killed all the same', async () => {
  const { seen, told, worker } = prepare()
  seen.resolve(null)
  await killHung('compute', worker, 30)
  expect(told).toEqual([
    'process.blocked {"api":"compute","pid":7,"seconds":30,"stack":"nobody tells where"}',
    'worker.hung {"api":"compute","pid":7,"seconds":30}',
    'kill SIGKILL',
  ])
})

test('one that says something while it is looked at lives on, and nothing is told', async () => {
  const { child, clock, seen, told, worker } = prepare()
  const judged = killHung('compute', worker, 30)
  clock.advance(1)
  child.say({ verb: 'beat', report: REPORT })
  seen.resolve({ stack: '', work: WORK })
  await judged
  expect([told, worker.killed]).toEqual([[], false])
})

test('one that ends while it is looked at is not killed', async () => {
  const { child, seen, told, worker } = prepare()
  const judged = killHung('compute', worker, 30)
  child.die()
  seen.resolve(null)
  await judged
  expect(told).toEqual([])
})

test('one that somebody debugs is neither looked at nor killed', async () => {
  const { child, told, worker } = prepare({ debugged: true })
  let looks = 0
  child.inspect = async () => {
    looks += 1
    return null
  }
  await killHung('compute', worker, 30)
  expect([told, looks]).toEqual([[], 0])
})

test.each(['idle', 'debugged'] as const)('one that is %s when it is looked at lives on', async (spared) => {
  const { seen, told, worker } = prepare()
  seen.resolve({ stack: 'it waits for events', work: WORK, spared })
  await killHung('compute', worker, 30)
  expect([told, worker.killed]).toEqual([[], false])
})

test.each<[string, Inspection | null]>([
  ['of which nobody tells anything', null],
  ['whose loop waits for events', { stack: 'it waits for events', work: [], spared: 'idle' }],
])('one %s and that does not get ready is told and killed', async (_, inspection) => {
  const { seen, told, worker } = prepareStarting()
  seen.resolve(inspection)
  await killLate('compute', worker, 60)
  expect(told).toEqual(['worker.late {"api":"compute","pid":7,"seconds":60}', 'kill SIGKILL'])
})

test('of one that does not get ready as its loop is blocked it is told where', async () => {
  const { seen, told, worker } = prepareStarting()
  seen.resolve({ stack: '    at spin (/app.js:3:5)', work: [] })
  await killLate('compute', worker, 60)
  expect(told[0]).toBe('process.blocked {"api":"compute","pid":7,"seconds":60,"stack":"    at spin (/app.js:3:5)"}')
  expect(told.slice(1)).toEqual(['worker.late {"api":"compute","pid":7,"seconds":60}', 'kill SIGKILL'])
})

test('one that gets ready while it is looked at lives on, and so does one with a debugger', async () => {
  const { child, seen, told, worker } = prepareStarting()
  const judged = killLate('compute', worker, 60)
  child.say({ verb: 'ready' })
  seen.resolve({ stack: '', work: [] })
  await judged
  const other = prepareStarting()
  other.seen.resolve({ stack: '', work: [], spared: 'debugged' })
  await killLate('compute', other.worker, 60)
  expect([told, other.told]).toEqual([[], []])
})
