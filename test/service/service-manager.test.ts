import { channel } from 'node:diagnostics_channel'
import { expect, onTestFinished, test } from 'vitest'
import { emit } from '../../src/events.ts'
import type { LauncherStatus } from '../../src/service/operations.ts'
import { ServiceManager, type ServiceManagerOptions } from '../../src/service/service-manager.ts'
import { DatagramReceiver } from '../support/datagram-receiver.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { launcherStatus, processStatus, serviceStatus } from './launcher-status.ts'

const EXTENSION = 'EXTEND_TIMEOUT_USEC=15000000'

/** A service manager that is told into a list, of a launcher whose status a test decides. */
class Managed {
  readonly clock = new FakeClock()
  readonly env: NodeJS.ProcessEnv
  status: LauncherStatus = launcherStatus(serviceStatus())
  readonly manager: ServiceManager | null
  #told: string[] = []

  constructor(env: Record<string, string> = {}, options: Partial<ServiceManagerOptions> = {}) {
    this.env = { NOTIFY_SOCKET: '/run/manager', HOME: '/', ...env }
    this.manager = ServiceManager.attach({
      status: () => this.status,
      clock: this.clock,
      env: this.env,
      monotonic: () => 123_456n,
      send: async (state) => void this.#told.push(state),
      ...options,
    })
    onTestFinished(() => this.manager?.close())
  }

  /** What was told since the last call: of each message its lines. */
  async told(): Promise<string[][]> {
    await this.manager?.flush()
    return this.#told.splice(0).map((state) => state.split('\n'))
  }

  /** Of messages of so many milliseconds, only those lines that begin so. */
  async within(milliseconds: number, beginning: string): Promise<string[]> {
    this.clock.advance(milliseconds)
    return (await this.told()).flat().filter((line) => line.startsWith(beginning))
  }
}

const ready = (): void => emit('ready', { apis: [], workers: 1 })
const stopping = (): void => emit('stopping', { reason: 'SIGTERM', seconds: 60 })
const stopped = (): void => emit('stopped', { code: 0, cut: 0, seconds: 1 })
const reloading = (): void => emit('reloading', { method: 'reload', reason: 'SIGHUP' })
const reloaded = (): void => emit('reloaded', { method: 'reload', replaced: 1, seconds: 1 })

const COUNTS = 'compute 1/1 worker, 0 requests, 0 connections'

test.each([[{}], [{ NOTIFY_SOCKET: '' }]])('with %j nothing is set up', (env) => {
  const clock = new FakeClock()
  const manager = ServiceManager.attach({ status: () => launcherStatus(), clock, env: { ...env, WATCHDOG_USEC: '1000000' } })
  expect([manager, clock.pending, channel('millrace:stopping').hasSubscribers]).toEqual([null, 0, false])
})

test('its variables are gone, so that no worker speaks for the launcher', () => {
  expect(new Managed({ WATCHDOG_USEC: '1000000', WATCHDOG_PID: String(process.pid) }).env).toEqual({ HOME: '/' })
})

test('the environment is that of the process when none is given', () => {
  expect(ServiceManager.attach({ status: () => launcherStatus() })).toBeNull()
})

test('it is ready when the launcher is, and not before', async () => {
  const managed = new Managed()
  expect(await managed.told()).toEqual([[EXTENSION, `STATUS=Starting: ${COUNTS}`]])
  ready()
  expect(await managed.told()).toEqual([['READY=1', `STATUS=${COUNTS}`]])
})

test('while it starts it asks for more time, and then no more', async () => {
  const managed = new Managed()
  await managed.told()
  expect(await managed.within(15_000, 'EXTEND')).toEqual([EXTENSION, EXTENSION, EXTENSION])
  ready()
  expect(await managed.within(15_000, 'EXTEND')).toEqual([])
})

test('a reload is told with the time it began at, and its end (Type=notify-reload)', async () => {
  const managed = new Managed()
  ready()
  await managed.told()
  reloading()
  expect(await managed.told()).toEqual([['RELOADING=1', 'MONOTONIC_USEC=123456', EXTENSION, `STATUS=Reloading: ${COUNTS}`]])
  expect(await managed.within(5000, 'EXTEND')).toEqual([EXTENSION])
  reloaded()
  expect(await managed.told()).toEqual([['READY=1', `STATUS=${COUNTS}`]])
})

test('a reload that is asked for during another is one of its own', async () => {
  const managed = new Managed()
  ready()
  reloading()
  await managed.told()
  reloading()
  expect((await managed.told())[0]).toContain('RELOADING=1')
})

test('the time is that of CLOCK_MONOTONIC', async () => {
  const told: string[] = []
  const manager = ServiceManager.attach({ status: () => launcherStatus(), env: { NOTIFY_SOCKET: '/run/manager' }, send: async (state) => void told.push(state) })
  onTestFinished(() => manager?.close())
  ready()
  const before = process.hrtime.bigint() / 1000n
  reloading()
  const after = process.hrtime.bigint() / 1000n
  await manager?.flush()
  const time = BigInt(/MONOTONIC_USEC=(\d+)/.exec(told.at(-1)!)![1]!)
  expect(time >= before && time <= after).toBe(true)
})

test('a reload that failed is over as well, and the reason stays until the next one', async () => {
  const managed = new Managed()
  ready()
  reloading()
  await managed.told()
  emit('reload.failed', { method: 'reload', replaced: 0, error: new Error('api-paste.ini:3:\nno such app') })
  expect(await managed.told()).toEqual([['READY=1', `STATUS=Reload failed: api-paste.ini:3: no such app. ${COUNTS}`]])
  reloading()
  expect((await managed.told())[0]).toContain(`STATUS=Reloading: ${COUNTS}`)
})

test('a reason that is no Error, and is too long for a message, is cut', async () => {
  const managed = new Managed()
  ready()
  reloading()
  await managed.told()
  emit('reload.failed', { method: 'mutate', replaced: 0, error: 'ä'.repeat(5000) })
  const [[, status] = []] = await managed.told()
  expect(status).toMatch(/^STATUS=Reload failed: ä+$/)
  expect(Buffer.byteLength(status!)).toBeLessThan(4096)
})

test('a reload before it is ready is not told, for nobody has asked for one', async () => {
  const managed = new Managed()
  await managed.told()
  reloading()
  reloaded()
  expect(await managed.told()).toEqual([])
})

test('a stop is told, asks for more time while it lasts, and ends everything', async () => {
  const managed = new Managed()
  ready()
  await managed.told()
  stopping()
  expect(await managed.told()).toEqual([['STOPPING=1', EXTENSION, `STATUS=Stopping: ${COUNTS}`]])
  expect(await managed.within(10_000, 'EXTEND')).toEqual([EXTENSION, EXTENSION])
  stopped()
  expect(managed.clock.pending).toBe(0)
  expect(channel('millrace:ready').hasSubscribers).toBe(false)
})

test.each([
  ['a start', (): void => undefined],
  ['a reload', (): void => {
    ready()
    reloading()
  }],
])('a stop ends %s: what comes of it later is not told', async (_, begin) => {
  const managed = new Managed()
  begin()
  stopping()
  await managed.told()
  ready()
  reloaded()
  emit('reload.failed', { method: 'reload', replaced: 0, error: new Error('stopped') })
  expect(await managed.told()).toEqual([])
})

test('a launcher that never served ends as well', async () => {
  const managed = new Managed()
  stopped()
  expect(managed.clock.pending).toBe(0)
})

test('the status is told at most once a second, and only when it changed', async () => {
  const managed = new Managed()
  ready()
  await managed.told()
  expect(await managed.within(10_000, 'STATUS')).toEqual([])
  managed.status = launcherStatus(serviceStatus({ processes: [processStatus({ inFlight: 1 })] }))
  expect(await managed.within(999, 'STATUS')).toEqual([])
  expect(await managed.within(1, 'STATUS')).toEqual(['STATUS=compute 1/1 worker, 1 request, 0 connections'])
  expect(await managed.within(10_000, 'STATUS')).toEqual([])
})

test('the watchdog is fed at half of its time', async () => {
  const managed = new Managed({ WATCHDOG_USEC: '10000000' })
  ready()
  await managed.told()
  expect(await managed.within(4999, 'WATCHDOG')).toEqual([])
  expect(await managed.within(1, 'WATCHDOG')).toEqual(['WATCHDOG=1'])
  expect(await managed.within(5000, 'WATCHDOG')).toEqual(['WATCHDOG=1'])
})

test.each([
  ['there is none', {}],
  ['it is another process\'s', { WATCHDOG_USEC: '10000000', WATCHDOG_PID: '1' }],
  ['its time is 0', { WATCHDOG_USEC: '0' }],
])('no watchdog is fed when %s', async (_, env: Record<string, string>) => {
  const managed = new Managed(env)
  ready()
  expect(await managed.within(60_000, 'WATCHDOG')).toEqual([])
})

test('it is not fed while the workers do not answer', async () => {
  let alive = false
  const managed = new Managed({ WATCHDOG_USEC: '10000000', WATCHDOG_PID: String(process.pid) }, { alive: () => alive })
  ready()
  expect(await managed.within(20_000, 'WATCHDOG')).toEqual([])
  alive = true
  expect(await managed.within(5000, 'WATCHDOG')).toEqual(['WATCHDOG=1'])
  reloading()
  alive = false
  expect(await managed.within(5000, 'WATCHDOG')).toEqual([])
})

test('by itself it goes by what the workers said of late, within the watchdog\'s time', async () => {
  const managed = new Managed({ WATCHDOG_USEC: '10000000' })
  ready()
  managed.status = launcherStatus(serviceStatus({ processes: [processStatus({ silent: 11 })] }))
  expect(await managed.within(5000, 'WATCHDOG')).toEqual([])
  managed.status = launcherStatus(serviceStatus({ processes: [processStatus({ silent: 9 })] }))
  expect(await managed.within(5000, 'WATCHDOG')).toEqual(['WATCHDOG=1'])
})

test('while it starts and stops it is enough that the launcher runs', async () => {
  const managed = new Managed({ WATCHDOG_USEC: '10000000' }, { alive: () => false })
  expect(await managed.within(5000, 'WATCHDOG')).toEqual(['WATCHDOG=1'])
  stopping()
  expect(await managed.within(5000, 'WATCHDOG')).toEqual(['WATCHDOG=1'])
})

test('a real service manager gets it in order', async () => {
  const receiver = new DatagramReceiver()
  const manager = ServiceManager.attach({ status: () => launcherStatus(serviceStatus()), env: { NOTIFY_SOCKET: receiver.path } })
  ready()
  stopping()
  stopped()
  await manager?.flush()
  const told = [await receiver.next(), await receiver.next(), await receiver.next()]
  expect(told.map((state) => state.split('\n')[0])).toEqual([EXTENSION, 'READY=1', 'STOPPING=1'])
})
