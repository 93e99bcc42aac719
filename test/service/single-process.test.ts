import { expect, test } from 'vitest'
import { ServiceLauncher } from '../../src/service/service-launcher.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { fakeSignals, FakeService, FakeSource, record, settle } from './fakes.ts'

async function prepare({ method = 'reload', settings = null }: { method?: 'reload' | 'mutate'; settings?: unknown } = {}) {
  const clock = new FakeClock()
  const signals = fakeSignals()
  const source = new FakeSource()
  const service = new FakeService('compute', source)
  const settled: (readonly unknown[])[] = []
  const mutate = async () => ({ conf: { restart_method: method }, services: [], settingsOf: () => settings, settle: async (_done: boolean, used: readonly unknown[]) => void settled.push(used) })
  const hooks = settings === null ? {} : { hooks: { mutate } }
  const launcher = new ServiceLauncher({ restart_method: method }, { clock, signals, isDaemon: () => true, ...hooks })
  void launcher.launchService(service)
  const started = launcher.start()
  await settle()
  service.started()
  await started
  const send = async (signal: string): Promise<void> => {
    signals.emit(signal, signal)
    await settle()
  }
  return { clock, launcher, service, settled, source, send }
}

test('HUP stops the service, resets it and starts it again; connections that come meanwhile wait', async () => {
  const { launcher, service, source, send } = await prepare()
  const reloaded = record('reloaded')
  await send('SIGHUP')
  expect(service.calls).toEqual(['start', 'quiesce', 'stop'])
  expect(launcher.status().services[0]?.state).toBe('RELOADING')
  const socket = source.connect()
  service.stopped()
  await settle()
  expect([service.calls, service.sockets]).toEqual([['start', 'quiesce', 'stop', 'reset', 'start'], []])
  service.started()
  await settle()
  expect([service.sockets, source.closed]).toEqual([[socket], 0])
  expect(reloaded).toEqual([{ method: 'reload', replaced: 0, seconds: 0 }])
  expect(launcher.status().services[0]?.state).toBe('SERVING')
})

test('HUP under mutate only resets, after the settings were taken over', async () => {
  const { service, send, settled, source } = await prepare({ method: 'mutate', settings: { a: 1 } })
  await send('SIGHUP')
  expect(service.calls).toEqual(['start', 'mutate {"a":1}', 'reset'])
  expect(settled).toEqual([[source]])
})

test('a service that cannot start again is told of, and the launcher goes on', async () => {
  const { launcher, service, send } = await prepare()
  const failed = record('reload.failed')
  await send('SIGHUP')
  service.stopped()
  await settle()
  service.failStart(new Error('no database'))
  await settle()
  expect(failed).toMatchObject([{ replaced: 0, error: { message: 'no database' } }])
  expect(launcher.status().state).toBe('RUNNING')
})

test('TERM while the service stops for a reload ends it, and it is not started again', async () => {
  const { launcher, service, send } = await prepare()
  await send('SIGHUP')
  await send('SIGTERM')
  service.stopped()
  expect(await launcher.wait()).toBe(0)
  expect(service.calls.filter((call) => call === 'start')).toHaveLength(1)
})

test('a second TERM while the service stops for a reload cuts it', async () => {
  const { clock, launcher, service, send } = await prepare()
  await send('SIGHUP')
  await send('SIGTERM')
  await send('SIGTERM')
  expect(service.calls).toContain('abort')
  clock.advance(1000)
  await settle()
  clock.advance(1000)
  expect(await launcher.wait()).toBe(1)
})

test('TERM while the service starts again stops it when it has', async () => {
  const { launcher, service, source, send } = await prepare()
  await send('SIGHUP')
  service.stopped()
  await settle()
  const waiting = source.connect()
  await send('SIGTERM')
  service.started()
  await settle()
  expect(service.sockets).toEqual([waiting])
  service.stopped()
  expect(await launcher.wait()).toBe(0)
})

test('a drained service is out until it is reloaded', async () => {
  const { launcher, service, source, send } = await prepare()
  const drained = launcher.drain('compute')
  await settle()
  service.stopped()
  expect(await drained).toEqual({ cut: 0, clean: true })
  expect([source.closed, launcher.status().services[0]?.state]).toEqual([1, 'DRAINED'])
  expect(await launcher.drain('compute')).toEqual({ cut: 0, clean: true })
  await send('SIGHUP')
  service.started()
  await settle()
  expect(launcher.status().services[0]?.state).toBe('SERVING')
  const socket = source.connect()
  expect(service.sockets).toEqual([socket])
})

test('a service here has no workers to count, by signal or by command', async () => {
  const { launcher, send } = await prepare()
  await expect(launcher.scale('compute', 2)).rejects.toThrow("compute runs in the launcher's own process")
  await send('SIGTTIN')
  expect(launcher.status().services[0]?.workers).toBe(0)
})

test('status and stuck work are those of this process', async () => {
  const { clock, launcher, service } = await prepare()
  clock.advance(2000)
  service.work = [{ id: 'req-1', what: 'GET /', seconds: 5, phase: 'waiting for the app' }, { id: 'req-2', what: 'GET /', seconds: 0, phase: 'waiting for the app' }]
  expect(await launcher.stuck(1)).toEqual([{ service: 'compute', pid: process.pid, work: [service.work[0]] }])
  expect(launcher.status()).toMatchObject({ state: 'RUNNING', uptime: 2, services: [{ workers: 0, processes: [{ pid: process.pid, state: 'SERVING', age: 2 }] }] })
})

test('a launcher can be stopped by its program, gracefully or at once', async () => {
  const graceful = await prepare()
  graceful.launcher.stop()
  await settle()
  graceful.service.stopped()
  expect(await graceful.launcher.wait()).toBe(0)
  const immediate = await prepare()
  immediate.launcher.stop('immediate')
  await settle()
  expect(immediate.service.calls).toContain('abort')
  immediate.service.stopped()
  expect(await immediate.launcher.wait()).toBe(1)
})
