import { expect, test } from 'vitest'
import { launch } from '../../src/service/launch.ts'
import { ProcessLauncher } from '../../src/service/process-launcher.ts'
import type { RestartMethod } from '../../src/service/restart-method.ts'
import type { ServiceBase } from '../../src/service/service-base.ts'
import { ServiceLauncher } from '../../src/service/service-launcher.ts'
import { ServiceNames } from '../../src/service/service-names.ts'
import { fakeSignals, record } from './fakes.ts'

class Idle implements ServiceBase {
  start(): void {}
  stop(): void {}
  wait(): void {}
  reset(): void {}
}

test.each([[undefined], [null], [1]])('with %s workers the service runs in this process', async (workers) => {
  const ready = record('ready')
  const launcher = launch({}, new Idle(), { signals: fakeSignals(), ...(workers !== undefined && { workers }) })
  expect(launcher).toBeInstanceOf(ServiceLauncher)
  expect(await launcher.start()).toBe(true)
  expect(ready).toEqual([{ apis: [{ api: 'Idle', host: '', port: 0, url: '', workers: 0 }], workers: 0 }])
  launcher.stop()
  expect(await launcher.wait()).toBe(0)
})

test.each(['0', 'a', '1', 1.5, Number.NaN, true])('%j is no number of workers', (workers) => {
  expect(() => launch({}, new Idle(), { workers: workers as number })).toThrow(TypeError)
  expect(() => launch({}, new Idle(), { workers: workers as number })).toThrow('Type of workers should be int!')
})

test.each([0, -1])('%d workers are too few', (workers) => {
  expect(() => launch({}, new Idle(), { workers })).toThrow(RangeError)
  expect(() => launch({}, new Idle(), { workers })).toThrow('Number of workers should be positive!')
})

test('a restart method there is not is refused, from the configuration or for the call', () => {
  expect(() => launch({ restart_method: 'zap' as RestartMethod }, new Idle())).toThrow('Invalid restart_method: zap')
  expect(() => launch({}, new Idle(), { restartMethod: 'zap' as RestartMethod })).toThrow(RangeError)
})

test.each([[new ServiceLauncher()], [new ProcessLauncher()]])('what is no service is refused', (launcher) => {
  for (const service of [null, 1, {}, { start() {} }]) expect(() => launcher.launchService(service as unknown as ServiceBase)).toThrow('must be an instance of ServiceBase')
})

test('a launcher of one process does not start several workers', () => {
  expect(() => new ServiceLauncher().launchService(new Idle(), 2)).toThrow('Launcher asked to start multiple workers')
})

test('what the start rejects with is what wait does', async () => {
  const service = new Idle()
  service.start = () => {
    throw new Error('no database')
  }
  await expect(launch({}, service, { signals: fakeSignals() }).wait()).rejects.toThrow('no database')
})

test('a service is called what it says, or as its class; a second one of that name has a number', () => {
  const names = new ServiceNames()
  expect([names.take(new Idle()), names.take(new Idle()), names.take(new Idle())]).toEqual(['Idle', 'Idle-2', 'Idle-3'])
  const named = Object.assign(new Idle(), { name: 'reaper' })
  expect([names.take(named), names.take(named)]).toEqual(['reaper', 'reaper-2'])
})
