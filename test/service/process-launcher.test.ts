import { expect, test } from 'vitest'
import { ProcessLauncher } from '../../src/service/process-launcher.ts'
import type { WorkerGroupSpec } from '../../src/service/worker-group-spec.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { type FakeChild, FakeForks, fakeSignals, FakeSource, record, settle } from './fakes.ts'

interface Wanted {
  workers?: number
  maxWaiting?: number
  drainDelay?: number
  gracefulTimeout?: number
}

export function specOf(forks: FakeForks, { source, name = 'compute', ...others }: Partial<WorkerGroupSpec> & { source?: FakeSource }): WorkerGroupSpec {
  const bind = source === undefined ? {} : { bind: async () => ({ source, place: PLACE }) }
  return { name, workers: 2, fork: () => forks.fork(name), ...bind, ...others }
}

const PLACE = { host: '127.0.0.1', port: 8774, url: 'http://127.0.0.1:8774/' }

function prepare({ workers = 2, maxWaiting = 4096, drainDelay = 0, gracefulTimeout = 60 }: Wanted = {}) {
  const clock = new FakeClock()
  const signals = fakeSignals()
  const forks = new FakeForks()
  const source = new FakeSource()
  const launcher = new ProcessLauncher({ drain_delay: drainDelay, graceful_shutdown_timeout: gracefulTimeout }, { clock, signals, isDaemon: () => true })
  const add = (spec: Partial<WorkerGroupSpec> = {}): Promise<void> => launcher.launchGroup(specOf(forks, { source, workers, maxWaiting, ...spec }))
  void add()
  const send = async (signal: string): Promise<void> => {
    signals.emit(signal, signal)
    await settle()
  }
  return { clock, signals, forks, source, launcher, send, add }
}

async function prepareRunning(wanted: Wanted = {}) {
  const all = prepare(wanted)
  const started = all.launcher.start()
  await settle()
  all.forks.children.forEach((child) => child.say({ verb: 'ready' }))
  expect(await started).toBe(true)
  return all
}

test('it has started when every worker of every API is ready', async () => {
  const { forks, launcher, add } = prepare({ workers: 2 })
  void add({ name: 'metadata', workers: 1 })
  const ready = record('worker.ready')
  const log: string[] = []
  const started = launcher.start().then((all) => log.push(`started ${all}`))
  await settle()
  expect(forks.apis).toEqual(['compute', 'compute', 'metadata'])
  forks.ready(0, 2)
  await settle()
  expect(log).toEqual([])
  forks.ready(1)
  await started
  expect(log).toEqual(['started true'])
  expect(ready.map(({ api, pid }) => [api, pid])).toEqual([['compute', 100], ['metadata', 102], ['compute', 101]])
})

test('connections wait while no worker is ready, and go to the first that is, in order', async () => {
  const { forks, source, launcher } = prepare({ workers: 1 })
  void launcher.start()
  await settle()
  const waiting = [source.connect(), source.connect(), source.connect()]
  expect(forks.child(0).sockets).toEqual([])
  forks.ready(0)
  expect(forks.child(0).sockets).toEqual(waiting)
})

test('each connection goes to the worker with the least load', async () => {
  const { forks, source } = await prepareRunning({ workers: 2 })
  for (let i = 0; i < 3; i++) source.connect()
  expect(forks.children.map((child) => child.sockets.length)).toEqual([2, 1])
  forks.child(0).receive([1, 2], 0)
  source.connect()
  expect(forks.children.map((child) => child.sockets.length)).toEqual([3, 1])
})

test('connections beyond those that may wait are closed, the others are not', async () => {
  const { source, launcher } = prepare({ workers: 1, maxWaiting: 2 })
  const refused = record('connection.refused')
  void launcher.start()
  await settle()
  const sockets = [source.connect(), source.connect(), source.connect()]
  expect(sockets.map((socket) => socket.destroyed)).toEqual([false, false, true])
  expect(refused).toEqual([{ api: 'compute', waiting: 2 }])
})

test('a newcomer does not overtake those that wait', async () => {
  const { forks, source } = await prepareRunning({ workers: 1 })
  const sockets = Array.from({ length: 18 }, () => source.connect())
  expect(forks.child(0).sockets).toEqual(sockets.slice(0, 16))
  forks.child(0).receive([1])
  expect(forks.child(0).sockets).toEqual(sockets.slice(0, 17))
})

test('connections on their way to a worker that dies go to another, before any that wait', async () => {
  const { forks, source } = await prepareRunning({ workers: 1 })
  const sockets = Array.from({ length: 17 }, () => source.connect())
  forks.child(0).receive([1])
  forks.child(0).die()
  expect(forks.children).toHaveLength(2)
  forks.ready(1)
  expect(forks.child(1).sockets).toEqual(sockets.slice(1))
  expect(sockets.slice(1).some((socket) => socket.destroyed)).toBe(false)
})

test('a connection a worker has no file descriptor for goes to another', async () => {
  const { forks, source } = await prepareRunning({ workers: 2 })
  const failed = record('accept.failed')
  const socket = source.connect()
  forks.child(0).say({ verb: 'refused', id: 1 })
  expect(forks.child(1).sockets).toEqual([socket])
  expect(failed.map(({ listener }) => listener)).toEqual(['127.0.0.1:8774'])
  expect(failed[0]?.error.message).toContain('worker 100 of compute')
})

test('a worker that ends is replaced, even when it exits with 0', async () => {
  const { forks } = await prepareRunning({ workers: 2 })
  const exited = record('worker.exited')
  forks.child(0).exit(0)
  expect(forks.children).toHaveLength(3)
  forks.child(1).die('SIGSEGV')
  expect(exited).toEqual([
    { api: 'compute', pid: 100, code: 0, signal: null, expected: false, explanation: 'it ended by itself' },
    { api: 'compute', pid: 101, code: null, signal: 'SIGSEGV', expected: false, explanation: 'a native addon?' },
  ])
})

test('workers that die as fast as they start are replaced once a second', async () => {
  const { clock, forks } = await prepareRunning({ workers: 2 })
  const throttled = record('worker.throttled')
  forks.child(0).exit(1)
  forks.child(1).exit(1)
  forks.child(2).exit(1)
  expect(forks.children).toHaveLength(3)
  expect(throttled).toEqual([{ api: 'compute', seconds: 1 }])
  clock.advance(999)
  expect(forks.children).toHaveLength(3)
  clock.advance(1)
  expect(forks.children).toHaveLength(4)
  clock.advance(1000)
  expect(forks.children).toHaveLength(5)
  clock.advance(100_000)
  expect(forks.children).toHaveLength(5)
})

test('a replacement that fails to start is told of and tried again', async () => {
  const { clock, forks, launcher, send } = await prepareRunning({ workers: 1 })
  const failed = record('service.failed')
  forks.child(0).exit(1)
  forks.child(1).say({ verb: 'failed', error: { kind: 'Error', message: 'no database' } })
  expect(failed).toMatchObject([{ api: 'compute', pid: 101, error: { message: 'no database' } }])
  forks.child(1).exit(1)
  clock.advance(1000)
  forks.ready(2)
  await send('SIGTERM')
  forks.child(2).exit(0)
  expect(await launcher.wait()).toBe(0)
})

test('a fork the system refuses is tried again a second later', async () => {
  const { clock, forks } = await prepareRunning({ workers: 1 })
  const failed = record('service.failed')
  forks.errors.push(new Error('ENOMEM'))
  forks.child(0).exit(1)
  expect(failed).toMatchObject([{ api: 'compute', pid: 0, error: { message: 'ENOMEM' } }])
  clock.advance(1000)
  expect(forks.children).toHaveLength(2)
})

test('a process that could not be made is told of and tried again', async () => {
  const { forks } = await prepareRunning({ workers: 3 })
  const failed = record('service.failed')
  forks.child(0).exit(1)
  forks.child(3).exitWith({ code: null, signal: null, error: new Error('EAGAIN') })
  expect(failed).toMatchObject([{ error: { message: 'EAGAIN' } }])
})

const NEVER_READY = 'before it was ready'

test.each([
  ['says it failed', (child: FakeChild) => child.say({ verb: 'failed', error: { kind: 'TypeError', message: 'no app' } }), 'no app'],
  ['exits', (child: FakeChild) => child.exit(1), `a worker of compute (pid 100) exited with code 1 ${NEVER_READY}`],
  ['is killed', (child: FakeChild) => child.die('SIGKILL'), `a worker of compute (pid 100) was killed by SIGKILL ${NEVER_READY}`],
  ['cannot be made', (child: FakeChild) => child.exitWith({ code: null, signal: null, error: new Error('EAGAIN') }), 'EAGAIN'],
])('an API never ready whose worker %s fails the start, and everything else is ended', async (_how, fail, message) => {
  const { forks, source, launcher, add } = prepare({ workers: 2 })
  const [failed, other] = [record('service.failed'), new FakeSource()]
  void add({ name: 'metadata', workers: 1, bind: async () => ({ source: other, place: PLACE }) })
  const started = launcher.start()
  await settle()
  forks.ready(2)
  fail(forks.child(0))
  forks.child(1).say({ verb: 'failed', error: { kind: 'TypeError', message: 'no app' } })
  await settle()
  expect([forks.child(1).killed, forks.child(2).killed]).toEqual([['SIGKILL'], ['SIGKILL']])
  forks.child(1).exit(1)
  for (const child of forks.children) if (child.heardVerbs().includes('stop')) child.die()
  if (message === 'no app') forks.child(0).exit(1)
  await expect(started).rejects.toThrow(message)
  await expect(launcher.wait()).rejects.toThrow(message)
  expect([source.closed, other.closed, forks.children.length]).toEqual([1, 1, 3])
  expect(failed).toEqual([])
})

test('a fork the system refuses at the start fails it', async () => {
  const { forks, launcher } = prepare({ workers: 1 })
  forks.errors.push(new Error('E2BIG'))
  await expect(launcher.wait()).rejects.toThrow('E2BIG')
})

test('once one worker was ready, another that dies does not fail the start, and is replaced a second later', async () => {
  const { clock, forks, launcher } = prepare({ workers: 2 })
  const started = launcher.start()
  await settle()
  forks.ready(0)
  forks.child(1).exit(1)
  clock.advance(1000)
  forks.ready(2)
  expect(await started).toBe(true)
})

test('TERM: all workers are told, the delay passes while connections still come, then they are asked to stop', async () => {
  const { clock, forks, source, launcher, send } = await prepareRunning({ workers: 2, drainDelay: 5 })
  await send('SIGTERM')
  expect(forks.children.map((child) => child.heardVerbs())).toEqual([['quiesce'], ['quiesce']])
  source.connect()
  expect(forks.child(0).heardVerbs()).toEqual(['quiesce', 'connection'])
  clock.advance(5000)
  await settle()
  expect(source.closed).toBe(1)
  expect(forks.child(0).heard.at(-1)).toEqual({ verb: 'stop', deadlineSeconds: 55 })
  forks.child(0).receive([1])
  for (const child of forks.children) {
    child.say({ verb: 'stopped', cut: 0 })
    child.exit(0)
  }
  expect(await launcher.wait()).toBe(0)
  expect(forks.children).toHaveLength(2)
  expect(clock.pending).toBe(0)
})

test('a worker that dies while the delay passes is replaced, and its replacement is told too', async () => {
  const { forks, send } = await prepareRunning({ workers: 2, drainDelay: 5 })
  await send('SIGTERM')
  forks.child(0).die()
  expect(forks.child(2).heardVerbs()).toEqual(['quiesce'])
})

test('connections that wait at the stop are handed over before the workers stop', async () => {
  const { forks, source, send } = await prepareRunning({ workers: 2 })
  const sockets = Array.from({ length: 35 }, () => source.connect())
  await send('SIGTERM')
  const given = forks.children.flatMap((child) => child.sockets)
  expect(new Set(given)).toEqual(new Set(sockets))
  for (const child of forks.children) expect(child.heardVerbs().at(-1)).toBe('stop')
})

test('connections that wait at the stop go to a worker that is starting when none is ready', async () => {
  const { forks, source, send } = await prepareRunning({ workers: 1 })
  forks.child(0).die()
  const socket = source.connect()
  await send('SIGTERM')
  expect(forks.child(1).sockets).toEqual([socket])
  expect(forks.child(1).heardVerbs()).toEqual(['quiesce', 'connection', 'stop'])
})

test('connections nobody can take any more are closed, counted, and make the exit code 1', async () => {
  const { forks, source, launcher, send } = await prepareRunning({ workers: 1 })
  const stopped = record('stopped')
  const socket = source.connect()
  await send('SIGTERM')
  forks.child(0).exit(0)
  expect(await launcher.wait()).toBe(1)
  expect([socket.destroyed, stopped]).toEqual([true, [{ code: 1, cut: 1, seconds: 0 }]])
})

test('workers that had to cut requests make the exit code 1', async () => {
  const { forks, launcher, send } = await prepareRunning({ workers: 1 })
  const stopped = record('stopped')
  await send('SIGTERM')
  forks.child(0).say({ verb: 'stopped', cut: 3 })
  forks.child(0).exit(1)
  expect(await launcher.wait()).toBe(1)
  expect(stopped).toMatchObject([{ cut: 3 }])
})

test('a worker killed in a stop has cost the requests it was last known to answer, unless it said what it cut', async () => {
  const { forks, launcher, send } = await prepareRunning({ workers: 3 })
  const stopped = record('stopped')
  for (const child of forks.children) child.say({ verb: 'load', connections: 5, requests: 2 })
  await send('SIGTERM')
  forks.child(0).say({ verb: 'stopped', cut: 1 })
  forks.child(1).say({ verb: 'load', connections: 3, requests: 0 })
  await send('SIGTERM')
  for (const child of forks.children) child.die()
  expect(await launcher.wait()).toBe(1)
  expect(stopped).toMatchObject([{ code: 1, cut: 3 }])
})

test.each([
  ['was killed', (child: FakeChild) => child.die()],
  ['had to cut requests', (child: FakeChild) => (child.say({ verb: 'stopped', cut: 2 }), child.exit(1))],
])('a worker that was replaced and %s is not what a later stop is judged by', async (_how, end) => {
  const { forks, launcher, send } = await prepareRunning({ workers: 1 })
  const stopped = record('stopped')
  forks.child(0).say({ verb: 'load', connections: 5, requests: 2 })
  forks.child(0).say({ verb: 'stopping' })
  await settle()
  forks.ready(1)
  end(forks.child(0))
  await send('SIGTERM')
  forks.child(1).exit(0)
  expect(await launcher.wait()).toBe(0)
  expect(stopped).toMatchObject([{ code: 0, cut: 0 }])
})

test('a worker that ignores its deadline is killed a second later, and the exit code is 1', async () => {
  const { clock, forks, launcher, send } = await prepareRunning({ workers: 2, gracefulTimeout: 10 })
  await send('SIGTERM')
  forks.child(0).exit(0)
  clock.advance(11_000)
  expect(forks.child(1).killed).toEqual(['SIGKILL'])
  forks.child(1).die()
  expect(await launcher.wait()).toBe(1)
})

test('a timeout of 0 waits for ever', async () => {
  const { clock, forks, launcher, send } = await prepareRunning({ workers: 1, gracefulTimeout: 0 })
  await send('SIGTERM')
  expect(forks.child(0).heard.at(-1)).toEqual({ verb: 'stop', deadlineSeconds: null })
  clock.advance(1_000_000)
  forks.child(0).exit(0)
  expect(await launcher.wait()).toBe(0)
})

test.each(['SIGTERM', 'SIGINT'])('%s during a stop kills what is left at once', async (signal) => {
  const { forks, launcher, send } = await prepareRunning({ workers: 2 })
  await send('SIGTERM')
  expect(forks.child(0).killed).toEqual([])
  await send(signal)
  for (const child of forks.children) {
    expect(child.killed).toEqual(['SIGKILL'])
    child.die()
  }
  expect(await launcher.wait()).toBe(1)
})

test('INT kills all workers at once', async () => {
  const { forks, launcher, send, source } = await prepareRunning({ workers: 2, drainDelay: 30 })
  const socket = source.connect()
  await send('SIGINT')
  for (const child of forks.children) {
    expect(child.killed).toEqual(['SIGKILL'])
    child.die()
  }
  expect(await launcher.wait()).toBe(1)
  expect([source.closed, socket.destroyed]).toEqual([1, true])
})

test('TERM during the start stops the workers that start', async () => {
  const { forks, launcher, signals } = prepare({ workers: 2 })
  const started = launcher.start()
  await settle()
  signals.emit('SIGTERM', 'SIGTERM')
  expect(await started).toBe(false)
  await settle()
  for (const child of forks.children) {
    expect(child.heardVerbs()).toEqual(['quiesce', 'stop'])
    child.exit(0)
  }
  expect(await launcher.wait()).toBe(0)
})

test('a stop ends the wait for a throttled fork', async () => {
  const { clock, forks, launcher, send } = await prepareRunning({ workers: 1 })
  forks.child(0).exit(1)
  forks.child(1).exit(1)
  // Besides the look at the workers' silence.
  expect(clock.pending).toBe(2)
  await send('SIGTERM')
  expect(await launcher.wait()).toBe(0)
  expect([clock.pending, forks.children.length]).toEqual([0, 2])
})

test('a worker that got TERM is replaced first and then finishes within the timeout', async () => {
  const { forks, source } = await prepareRunning({ workers: 1 })
  const exited = record('worker.exited')
  forks.child(0).say({ verb: 'stopping' })
  await settle()
  expect(forks.child(0).heard).toEqual([{ verb: 'quiesce' }, { verb: 'stop', deadlineSeconds: 60 }])
  expect(forks.children).toHaveLength(2)
  const socket = source.connect()
  forks.ready(1)
  expect([forks.child(0).sockets, forks.child(1).sockets]).toEqual([[], [socket]])
  forks.child(0).exit(0)
  expect(exited).toMatchObject([{ pid: 100, expected: true }])
  expect(forks.children).toHaveLength(2)
})

test('TERM to the whole process group while the delay passes leaves the workers serving', async () => {
  const { forks, send } = await prepareRunning({ workers: 1, drainDelay: 5, gracefulTimeout: 0 })
  await send('SIGTERM')
  forks.child(0).say({ verb: 'stopping' })
  await settle()
  expect(forks.child(0).heardVerbs()).toEqual(['quiesce'])
  expect(forks.children).toHaveLength(1)
})

test('TERM to the whole process group, of which a worker tells first, stops it with the others', async () => {
  const { forks, signals } = await prepareRunning({ workers: 1, drainDelay: 5 })
  forks.child(0).say({ verb: 'stopping' })
  signals.emit('SIGTERM', 'SIGTERM')
  await settle()
  expect([forks.child(0).heardVerbs(), forks.children.length]).toEqual([['quiesce'], 1])
})

test('with no timeout, a worker that got TERM has none either', async () => {
  const { forks } = await prepareRunning({ workers: 1, gracefulTimeout: 0 })
  forks.child(0).say({ verb: 'stopping' })
  await settle()
  expect(forks.child(0).heard.at(-1)).toEqual({ verb: 'stop', deadlineSeconds: null })
})

test.each(['deadline', 'second TERM'])('the copy of a service in the primary that never stops is waited for until the %s, not for ever', async (until) => {
  const { clock, forks, launcher, send, add } = prepare({ workers: 1, gracefulTimeout: 5 })
  void add({ name: 'stubborn', workers: 1, service: { stop: () => new Promise(() => {}), reset: () => undefined } })
  const started = launcher.start()
  await settle()
  forks.ready(0, 1)
  await started
  await send('SIGTERM')
  for (const child of forks.children) child.exit(0)
  await settle()
  expect(launcher.status().state).toBe('STOPPING')
  if (until === 'deadline') clock.advance(5000)
  else await send('SIGTERM')
  expect(await launcher.wait()).toBe(until === 'deadline' ? 0 : 1)
  expect(clock.pending).toBe(0)
})

test('a place that cannot be had ends the start with that error alone, before anything is forked', async () => {
  const { forks, launcher, add } = prepare()
  void add({ name: 'metadata', bind: () => Promise.reject(new Error('EADDRINUSE')) })
  await expect(launcher.wait()).rejects.toThrow('EADDRINUSE')
  expect(forks.children).toEqual([])
})
