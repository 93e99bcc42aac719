import { expect, test } from 'vitest'
import { ServiceLauncher } from '../../src/service/service-launcher.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { fakeSignals, FakeService, FakeSource, record, settle } from './fakes.ts'

function prepare(options: { drainDelay?: number; isDaemon?: () => boolean } = {}) {
  const clock = new FakeClock()
  const signals = fakeSignals()
  const launcher = new ServiceLauncher({ drain_delay: options.drainDelay ?? 0 }, { clock, signals, isDaemon: options.isDaemon ?? (() => true) })
  const sources = [new FakeSource(), new FakeSource()] as const
  const services = [new FakeService('compute', sources[0]), new FakeService('metadata', sources[1])] as const
  for (const service of services) void launcher.launchService(service)
  const send = (signal: string): void => void signals.emit(signal, signal)
  return { clock, signals, launcher, services, sources, send }
}

async function startAll({ launcher, services }: ReturnType<typeof prepare>): Promise<boolean> {
  const started = launcher.start()
  await settle()
  for (const service of services) service.started()
  return started
}

test('it has started when every API has, and connections go to their service from then on', async () => {
  const all = prepare()
  const starting = record('api.starting')
  const started = all.launcher.start()
  await settle()
  all.services[0].started()
  await settle()
  expect([all.sources[0].listening, all.sources[1].listening]).toEqual([true, false])
  all.services[1].started()
  expect(await started).toBe(true)
  const socket = all.sources[1].connect()
  expect(all.services[1].sockets).toEqual([socket])
  expect(starting).toEqual([
    { api: 'compute', workers: 0, listening: '127.0.0.1:8774' },
    { api: 'metadata', workers: 0, listening: '127.0.0.1:8774' },
  ])
})

test('TERM stops in order and exits with 0', async () => {
  const all = prepare({ drainDelay: 3 })
  await startAll(all)
  const caught = record('signal.caught')
  all.send('SIGTERM')
  await settle()
  expect(all.services[0].calls).toEqual(['start', 'quiesce'])
  all.sources[0].connect()
  all.clock.advance(3000)
  await settle()
  expect(all.services[0].calls).toEqual(['start', 'quiesce', 'accept', 'stop'])
  expect(all.sources.map((source) => source.closed)).toEqual([1, 1])
  for (const service of all.services) service.stopped()
  expect(await all.launcher.wait()).toBe(0)
  expect(caught).toEqual([{ signal: 'SIGTERM', action: 'stopping' }])
  expect(all.signals.eventNames()).toEqual([])
  expect(all.clock.pending).toBe(0)
})

test('requests that outlast the timeout are cut, and it exits with 1', async () => {
  const all = prepare()
  await startAll(all)
  all.send('SIGTERM')
  await settle()
  all.services[0].stopped()
  all.services[1].cuts = 2
  all.clock.advance(60_000)
  expect(all.services[1].calls.at(-1)).toBe('abort')
  all.services[1].stopped()
  expect(await all.launcher.wait()).toBe(1)
})

test('a second TERM cuts what is left', async () => {
  const all = prepare()
  await startAll(all)
  all.send('SIGTERM')
  await settle()
  all.send('SIGTERM')
  for (const service of all.services) expect(service.calls.at(-1)).toBe('abort')
  for (const service of all.services) service.stopped()
  expect(await all.launcher.wait()).toBe(1)
})

test('INT ends at once with 1, even when a service never ends', async () => {
  const all = prepare({ drainDelay: 30 })
  await startAll(all)
  const caught = record('signal.caught')
  all.send('SIGINT')
  await settle()
  for (const service of all.services) expect(service.calls.slice(1)).toEqual(['quiesce', 'stop', 'abort'])
  all.clock.advance(500)
  expect(await all.launcher.wait()).toBe(1)
  expect(caught).toEqual([{ signal: 'SIGINT', action: 'instantaneous exiting' }])
})

test('in the foreground HUP stops like TERM, and is ignored once a stop has begun', async () => {
  const all = prepare({ isDaemon: () => false })
  await startAll(all)
  const caught = record('signal.caught')
  all.send('SIGHUP')
  await settle()
  all.send('SIGHUP')
  await settle()
  for (const service of all.services) expect(service.calls.slice(1)).toEqual(['quiesce', 'stop'])
  expect(caught.map(({ action }) => action)).toEqual(['stopping', 'ignored'])
  for (const service of all.services) service.stopped()
  expect(await all.launcher.wait()).toBe(0)
})

test('one that cannot start ends the others, and the start rejects with its error', async () => {
  const all = prepare()
  const started = all.launcher.start()
  await settle()
  all.services[0].started()
  await settle()
  all.services[1].failStart(new Error('no database'))
  await settle()
  expect(all.services[0].calls).toEqual(['start', 'quiesce', 'stop', 'abort'])
  expect(all.services[1].calls).toEqual(['start'])
  all.services[0].stopped()
  await expect(started).rejects.toThrow('no database')
  await expect(all.launcher.wait()).rejects.toThrow('no database')
})

test('TERM during the start ends it: nothing serves, exit code 0', async () => {
  const all = prepare()
  const started = all.launcher.start()
  all.send('SIGTERM')
  expect(await started).toBe(false)
  expect(await all.launcher.wait()).toBe(0)
  all.services[0].started()
  await settle()
  expect(all.sources[0].listening).toBe(false)
})

test('a service whose stop throws is told of, and the exit code is 1', async () => {
  const all = prepare()
  await startAll(all)
  const failed = record('service.failed')
  all.send('SIGTERM')
  await settle()
  all.services[0].failStop(new Error('stuck'))
  all.services[1].stopped()
  expect(await all.launcher.wait()).toBe(1)
  expect(failed).toMatchObject([{ api: 'compute', error: { message: 'stuck' } }])
})

test('one that is launched later is started at once', async () => {
  const all = prepare()
  await startAll(all)
  const source = new FakeSource()
  const late = new FakeService('late', source)
  const launched = all.launcher.launchService(late)
  await settle()
  late.started()
  await launched
  const socket = source.connect()
  expect(late.sockets).toEqual([socket])
})

test('it starts once, however often it is asked to', async () => {
  const all = prepare()
  const [first, second] = [startAll(all), all.launcher.start()]
  expect([await first, await second]).toEqual([true, true])
  expect(all.services[0].calls).toEqual(['start'])
})

test('a service that throws when it is asked, and hooks that do, cost neither status nor report nor the stop', async () => {
  const all = prepare()
  const failed = record('service.failed')
  const [broken, other] = all.services
  const error = new Error('ask somebody else')
  const fail = (): never => {
    throw error
  }
  Object.assign(broken, { activity: fail, inProgress: fail, quiesce: fail })
  await startAll(all)
  expect(all.launcher.status().services.map(({ processes }) => processes[0]?.report?.done)).toEqual([0, 0])
  expect(await all.launcher.stuck(0)).toMatchObject([{ work: [] }, { work: [] }])
  all.send('SIGTERM')
  await settle()
  for (const service of [broken, other]) service.stopped()
  expect(await all.launcher.wait()).toBe(0)
  expect(other.calls).toEqual(['start', 'quiesce', 'stop'])
  expect(failed).toEqual([{ api: 'compute', pid: process.pid, error }])
})

test('a report that cannot be made is a failure of its signal and of nothing else', async () => {
  const signals = fakeSignals()
  const error = new Error('no options today')
  const options = (): never => {
    throw error
  }
  const launcher = new ServiceLauncher({}, { clock: new FakeClock(), signals, hooks: { options } })
  await launcher.start()
  const failed = record('signal.failed')
  signals.emit('SIGUSR2', 'SIGUSR2')
  await settle()
  expect(failed).toEqual([{ signal: 'SIGUSR2', error }])
  launcher.stop()
  expect(await launcher.wait()).toBe(0)
})
