import { expect, onTestFinished, test } from 'vitest'
import { Heartbeat } from '../../src/service/heartbeat.ts'
import type { WorkerMessage } from '../../src/service/messages.ts'
import type { Activity, ServiceBase } from '../../src/service/service-base.ts'
import { FakeClock } from '../support/fake-clock.ts'

const SILENT: ServiceBase = { start: () => undefined, stop: () => undefined, wait: () => undefined, reset: () => undefined }

function prepare(service: ServiceBase = SILENT) {
  const clock = new FakeClock()
  const sent: WorkerMessage[] = []
  const heartbeat = new Heartbeat(service, (message) => sent.push(message), clock)
  onTestFinished(() => heartbeat.stop())
  return { clock, heartbeat, sent }
}

test('a beat each second', () => {
  const { clock, sent } = prepare()
  clock.advance(999)
  expect(sent).toEqual([])
  clock.advance(1)
  expect(sent).toHaveLength(1)
  clock.advance(3000)
  expect(sent.map(({ verb }) => verb)).toEqual(['beat', 'beat', 'beat', 'beat'])
})

test('it tells what the service does, and what the process has', () => {
  const activity: Activity = { done: 7, inFlight: 2, queued: 1, connections: { IDLE: 3, REQUEST: 2, CLOSE: 0 } }
  const { clock, sent } = prepare({ ...SILENT, activity: () => activity })
  clock.advance(1000)
  expect(sent).toMatchObject([{ verb: 'beat', report: { ...activity, loopDelay: expect.any(Number), rss: expect.any(Number), heapUsed: expect.any(Number) } }])
  const [message] = sent
  if (message?.verb !== 'beat') throw new Error('no beat')
  expect(message.report.rss).toBeGreaterThan(message.report.heapUsed / 2)
  expect(message.report.loopDelay).toBeGreaterThanOrEqual(0)
})

test('a service that tells nothing does nothing', () => {
  const { clock, sent } = prepare()
  clock.advance(1000)
  expect(sent).toMatchObject([{ report: { done: 0, inFlight: 0, queued: 0, connections: { IDLE: 0, REQUEST: 0, CLOSE: 0 } } }])
})

test('none after a stop', () => {
  const { clock, heartbeat, sent } = prepare()
  heartbeat.stop()
  clock.advance(5000)
  expect(sent).toEqual([])
})
