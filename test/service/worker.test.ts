import { Socket } from 'node:net'
import { expect, test } from 'vitest'
import type { LogControl } from '../../src/service/log-control.ts'
import type { ServiceBase } from '../../src/service/service-base.ts'
import { runWorker } from '../../src/service/worker.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { FakeParent, fakeSignals, FakeService, record, settle } from './fakes.ts'

interface Wanted {
  gracefulTimeout?: number
  create?: () => Promise<ServiceBase>
  log?: LogControl
}

function prepare({ gracefulTimeout = 60, create, ...others }: Wanted = {}) {
  const [clock, parent, signals, service] = [new FakeClock(), new FakeParent(), fakeSignals(), new FakeService()]
  const code = runWorker({ name: 'compute', create: create ?? (async () => service), gracefulTimeout, clock, port: parent, signals, ...others })
  const send = (signal: string): void => void signals.emit(signal, signal)
  return { clock, parent, signals, service, code, send }
}

async function prepareServing(wanted: Wanted = {}) {
  const all = prepare(wanted)
  await settle()
  all.service.started()
  await settle()
  return all
}

test('it says ready when the service has started, not before', async () => {
  const { parent, service } = prepare()
  await settle()
  expect([service.calls, parent.heard]).toEqual([['start'], []])
  service.started()
  await settle()
  expect(parent.heard).toEqual([{ verb: 'ready' }])
})

test('a connection goes to the service paused, able to be half open, and is acknowledged', async () => {
  const { parent, service } = await prepareServing()
  const socket = new Socket()
  service.current = { connections: 1, requests: 0 }
  parent.order({ verb: 'connection', id: 1 }, socket)
  expect(service.sockets).toEqual([socket])
  expect([socket.allowHalfOpen, socket.isPaused()]).toEqual([true, true])
  await settle()
  expect(parent.heard.at(-1)).toEqual({ verb: 'received', ids: [1], connections: 1, requests: 0 })
})

test('a connection whose socket did not come along is acknowledged, as there is none to give to another', async () => {
  const { parent, service } = await prepareServing()
  parent.order({ verb: 'connection', id: 1 })
  await settle()
  expect([service.sockets, parent.verbs().at(-1)]).toEqual([[], 'received'])
})

test('a connection that was lost on the way is refused', async () => {
  const { parent } = await prepareServing()
  parent.lose(5)
  expect(parent.heard.at(-1)).toEqual({ verb: 'refused', id: 5 })
})

test('the load is told after a connection closes', async () => {
  const { clock, parent, service } = await prepareServing()
  const socket = new Socket()
  service.current = { connections: 1, requests: 1 }
  parent.order({ verb: 'connection', id: 1 }, socket)
  await settle()
  clock.advance(1000)
  service.current = { connections: 0, requests: 0 }
  socket.destroy()
  await settle()
  clock.advance(100)
  expect(parent.heard.at(-1)).toEqual({ verb: 'load', connections: 0, requests: 0 })
  clock.advance(100)
  // The heartbeat's two.
  expect(clock.pending).toBe(2)
})

test('asked to stop, it finishes, says so, and exits with 0', async () => {
  const { clock, parent, signals, service, code } = await prepareServing()
  parent.order({ verb: 'quiesce' })
  parent.order({ verb: 'stop', deadlineSeconds: 60 })
  expect(service.calls).toEqual(['start', 'quiesce', 'stop'])
  service.stopped()
  expect(await code).toBe(0)
  expect(parent.heard.at(-1)).toEqual({ verb: 'stopped', cut: 0 })
  expect([signals.eventNames(), clock.pending]).toEqual([[], 0])
})

test('at the deadline it cuts what is left, says how much, and exits with 1', async () => {
  const { clock, parent, service, code } = await prepareServing()
  service.cuts = 2
  parent.order({ verb: 'stop', deadlineSeconds: 10 })
  clock.advance(10_000)
  service.stopped()
  expect(await code).toBe(1)
  expect(parent.heard.at(-1)).toEqual({ verb: 'stopped', cut: 2 })
})

test('a second stop moves the deadline', async () => {
  const { clock, parent, service } = await prepareServing()
  parent.order({ verb: 'stop', deadlineSeconds: null })
  parent.order({ verb: 'stop', deadlineSeconds: 1 })
  clock.advance(1000)
  expect(service.calls).toEqual(['start', 'quiesce', 'stop', 'abort'])
})

test('a service that cannot be made fails the worker with its error', async () => {
  const { parent, code } = prepare({ create: () => Promise.reject(new TypeError('no app')) })
  expect(await code).toBe(1)
  expect(parent.heard).toMatchObject([{ verb: 'failed', error: { kind: 'TypeError', message: 'no app' } }])
})

test('so does one that cannot start', async () => {
  const { parent, service, code } = prepare()
  await settle()
  service.failStart(new Error('no database'))
  expect(await code).toBe(1)
  expect(parent.heard).toMatchObject([{ verb: 'failed', error: { message: 'no database' } }])
})

test('and one whose stop throws', async () => {
  const { parent, service, code } = await prepareServing()
  parent.order({ verb: 'stop', deadlineSeconds: 10 })
  service.failStop(new Error('stuck'))
  expect(await code).toBe(1)
  expect(parent.heard.at(-1)).toMatchObject({ verb: 'failed', error: { message: 'stuck' } })
})

test('a stop before the service has started ends the worker with 0', async () => {
  const { parent, service, code } = prepare()
  parent.order({ verb: 'quiesce' })
  parent.order({ verb: 'stop', deadlineSeconds: 60 })
  expect(await code).toBe(0)
  service.started()
  await settle()
  expect([service.calls, parent.heard]).toEqual([[], []])
})

test('connections that come before the service has started are served, also when a stop follows', async () => {
  const { parent, service, code } = prepare()
  const socket = new Socket()
  parent.order({ verb: 'quiesce' })
  parent.order({ verb: 'connection', id: 1 }, socket)
  parent.order({ verb: 'stop', deadlineSeconds: 60 })
  await settle()
  expect(parent.heard).toEqual([])
  service.started()
  await settle()
  expect(service.calls).toEqual(['start', 'quiesce', 'accept', 'stop'])
  expect(parent.verbs()).toEqual(['ready', 'received'])
  service.stopped()
  expect(await code).toBe(0)
})

test('TERM is told to the primary, which says when to stop', async () => {
  const { parent, service, send } = await prepareServing()
  send('SIGTERM')
  await settle()
  expect([parent.heard.at(-1), service.calls]).toEqual([{ verb: 'stopping' }, ['start']])
})

test('TERM during a stop says nothing', async () => {
  const { parent, send } = await prepareServing()
  parent.order({ verb: 'stop', deadlineSeconds: null })
  send('SIGTERM')
  await settle()
  expect(parent.verbs()).toEqual(['ready'])
})

test.each(['SIGINT', 'SIGTTIN', 'SIGTTOU', 'SIGUSR2'])('%s is left to the primary', async (signal) => {
  const { parent, service, send } = await prepareServing()
  send(signal)
  await settle()
  expect([parent.verbs(), service.calls]).toEqual([['ready'], ['start']])
})

test('HUP makes it ask for its settings, which it takes over without a restart', async () => {
  const { parent, service, send } = await prepareServing()
  send('SIGHUP')
  await settle()
  expect(parent.heard.at(-1)).toEqual({ verb: 'reset-asked' })
  parent.order({ verb: 'mutate', settings: { a: 1 } })
  await settle()
  expect(service.calls).toEqual(['start', 'mutate {"a":1}', 'reset'])
})

test('settings that cannot be taken over are told of, and it serves on', async () => {
  const { parent, service } = await prepareServing()
  const failed = record('reload.failed')
  service.mutate = () => {
    throw new Error('no such certificate')
  }
  parent.order({ verb: 'mutate', settings: {} })
  await settle()
  expect(failed).toMatchObject([{ method: 'mutate', error: { message: 'no such certificate' } }])
  expect(parent.verbs()).toEqual(['ready'])
})

test('without settings it only resets', async () => {
  const { parent, service } = await prepareServing()
  parent.order({ verb: 'mutate', settings: null })
  await settle()
  expect(service.calls).toEqual(['start', 'reset'])
})

test('it lists what it has been doing for longer than is asked', async () => {
  const { parent, service } = await prepareServing()
  const item = { id: 'req-1', what: 'GET /', seconds: 5, phase: 'waiting for the app' }
  service.work = [item, { ...item, id: 'req-2', seconds: 0.5 }]
  parent.order({ verb: 'list-work', olderThan: 1 })
  expect(parent.heard.at(-1)).toEqual({ verb: 'work', items: [item] })
})

test('the log is reopened, and gets another level, when the primary says so; reopened also on USR1', async () => {
  const done: string[] = []
  const { parent, send } = await prepareServing({ log: { reopen: () => void done.push('reopened'), setLevel: (level) => void done.push(level) } })
  parent.order({ verb: 'reopen-logs' })
  parent.order({ verb: 'log-level', level: 'debug' })
  send('SIGUSR1')
  await settle()
  expect(done).toEqual(['reopened', 'debug', 'reopened'])
})

test('a service without connections starts and stops in the same way', async () => {
  const calls: string[] = []
  const note = (name: string) => () => void calls.push(name)
  const service = { start: note('start'), stop: note('stop'), wait: note('wait'), reset: note('reset') }
  const { parent, code } = prepare({ create: async () => service })
  await settle()
  parent.order({ verb: 'list-work', olderThan: 0 })
  parent.order({ verb: 'mutate', settings: 1 })
  await settle()
  parent.order({ verb: 'stop', deadlineSeconds: 1 })
  expect(await code).toBe(0)
  expect(calls).toEqual(['start', 'reset', 'stop', 'wait'])
  expect(parent.verbs()).toEqual(['ready', 'work', 'stopped'])
})

test('when the primary dies it finishes what it has and exits with 1', async () => {
  const { parent, service, code } = await prepareServing()
  const died = record('parent.died')
  parent.die()
  expect(died).toEqual([{ api: 'compute' }])
  expect(service.calls).toEqual(['start', 'quiesce', 'stop'])
  service.stopped()
  expect(await code).toBe(1)
})

test('what it cannot finish within the timeout is cut then', async () => {
  const { clock, parent, service, code } = await prepareServing({ gracefulTimeout: 5 })
  parent.die()
  clock.advance(5000)
  expect(service.calls.at(-1)).toBe('abort')
  clock.advance(500)
  expect(await code).toBe(1)
})

test('without a timeout nothing is cut', async () => {
  const { clock, parent, service } = await prepareServing({ gracefulTimeout: 0 })
  parent.die()
  clock.advance(1_000_000)
  expect(service.calls).not.toContain('abort')
})

test('when the primary dies during the start or a stop, the worker ends as well', async () => {
  const starting = prepare()
  starting.parent.die()
  expect(await starting.code).toBe(1)
  const stopping = await prepareServing()
  stopping.parent.order({ verb: 'stop', deadlineSeconds: 60 })
  stopping.parent.die()
  stopping.service.stopped()
  expect(await stopping.code).toBe(0)
})

test('what comes after the end is not heard', async () => {
  const { parent, service, code } = await prepareServing()
  const died = record('parent.died')
  parent.order({ verb: 'stop', deadlineSeconds: 60 })
  service.stopped()
  await code
  parent.order({ verb: 'connection', id: 1 }, new Socket())
  parent.die()
  expect([service.sockets, died]).toEqual([[], []])
})

test('a process nobody forked is no worker', () => {
  expect(() => runWorker({ name: 'compute', create: async () => new FakeService() })).toThrow('not a worker of a launcher')
})

test('a service that has started when its worker was told to stop is stopped: nothing of it keeps the process', async () => {
  const { parent, service, code } = prepare()
  await settle()
  parent.order({ verb: 'stop', deadlineSeconds: 60 })
  expect(await code).toBe(0)
  service.started()
  await settle()
  expect(service.calls).toEqual(['start', 'stop'])
})
