import { expect, test } from 'vitest'
import { LoadReporter } from '../../src/service/load-reporter.ts'
import type { WorkerMessage } from '../../src/service/messages.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { settle } from './fakes.ts'

function prepare() {
  const clock = new FakeClock()
  const sent: WorkerMessage[] = []
  const state = { load: { connections: 0, requests: 0 } }
  const reporter = new LoadReporter(() => state.load, (message) => void sent.push(message), clock)
  return { clock, sent, state, reporter }
}

test('connections that arrive in one turn are acknowledged together, with the load', async () => {
  const { sent, state, reporter } = prepare()
  reporter.received(1)
  reporter.received(2)
  state.load = { connections: 2, requests: 1 }
  expect(sent).toEqual([])
  await settle()
  reporter.received(3)
  await settle()
  expect(sent).toEqual([
    { verb: 'received', ids: [1, 2], connections: 2, requests: 1 },
    { verb: 'received', ids: [3], connections: 2, requests: 1 },
  ])
})

test('changes of load are told at most every 100 ms', () => {
  const { clock, sent, state, reporter } = prepare()
  for (let connections = 1; connections <= 5; connections++) {
    state.load = { connections, requests: 0 }
    reporter.changed()
    clock.advance(10)
  }
  expect(sent).toEqual([])
  clock.advance(50)
  expect(sent).toEqual([{ verb: 'load', connections: 5, requests: 0 }])
  state.load = { connections: 5, requests: 2 }
  clock.advance(99)
  expect(sent).toHaveLength(1)
  clock.advance(1)
  expect(sent[1]).toEqual({ verb: 'load', connections: 5, requests: 2 })
})

test('nothing is told and no timer runs while nothing changes', () => {
  const { clock, sent, reporter } = prepare()
  reporter.changed()
  expect(clock.pending).toBe(1)
  clock.advance(100)
  expect(sent).toEqual([])
  expect(clock.pending).toBe(0)
})
