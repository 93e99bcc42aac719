import { expect, test } from 'vitest'
import { transition, TRANSITIONS, type WorkerEvent, type WorkerState } from '../../src/service/worker-state.ts'

const STATES: WorkerState[] = ['STARTING', 'READY', 'STOPPING', 'FAILED', 'EXITED']
const EVENTS: WorkerEvent[] = ['ready', 'failed', 'stopping', 'stop-asked', 'stopped', 'exit']

const KNOWN: [WorkerState, WorkerEvent, WorkerState, string][] = [
  ['STARTING', 'ready', 'READY', 'announce-ready'],
  ['STARTING', 'failed', 'FAILED', 'announce-failure'],
  ['STARTING', 'stopping', 'STARTING', 'announce-stop-wish'],
  ['STARTING', 'stop-asked', 'STOPPING', 'order-stop'],
  ['STARTING', 'exit', 'EXITED', 'announce-loss'],
  ['READY', 'stopping', 'READY', 'announce-stop-wish'],
  ['READY', 'stop-asked', 'STOPPING', 'order-stop'],
  ['READY', 'exit', 'EXITED', 'announce-loss'],
  ['STOPPING', 'ready', 'STOPPING', 'nothing'],
  ['STOPPING', 'stopping', 'STOPPING', 'nothing'],
  ['STOPPING', 'stop-asked', 'STOPPING', 'order-stop'],
  ['STOPPING', 'failed', 'STOPPING', 'announce-failure'],
  ['STOPPING', 'stopped', 'STOPPING', 'expect-exit'],
  ['STOPPING', 'exit', 'EXITED', 'announce-end'],
  ['FAILED', 'stop-asked', 'FAILED', 'nothing'],
  ['FAILED', 'exit', 'EXITED', 'announce-loss'],
]

test.each(KNOWN)('%s with %s goes to %s and does %s', (state, event, next, action) => {
  expect(transition(state, event)).toEqual([next, action])
})

const known = new Set(KNOWN.map(([state, event]) => `${state} ${event}`))
const all = STATES.flatMap((state) => EVENTS.map((event) => [state, event] as const))
const others = all.filter(([state, event]) => !known.has(`${state} ${event}`))

test.each(others)('%s cannot have %s', (state, event) => {
  expect(() => transition(state, event)).toThrow(`a worker in state ${state} cannot have the event ${event}`)
})

test('a live worker can always exit, and nothing follows that', () => {
  for (const state of STATES.filter((state) => state !== 'EXITED')) expect(TRANSITIONS[state].exit?.[0]).toBe('EXITED')
  expect(TRANSITIONS.EXITED).toEqual({})
})
