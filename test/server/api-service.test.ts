import { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { ApiService } from '../../src/server/api-service.ts'
import { Server } from '../../src/server/server.ts'
import type { Bound } from '../../src/service/service-base.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { SETTINGS } from '../support/server-harness.ts'

const PLACE = { host: '192.0.2.1', port: 8774, url: 'http://192.0.2.1:8774/' }
const IDLE = { done: 0, inFlight: 0, queued: 0, connections: { IDLE: 0, REQUEST: 0, CLOSE: 0 } }

function prepare() {
  const made: Server[] = []
  const mutated: unknown[] = []
  const bound: Bound = { source: { label: 'here', onConnection: () => undefined, close: () => undefined }, place: PLACE }
  const service = new ApiService({
    name: 'compute',
    bind: async () => bound,
    create: async (address) => {
      const server = new Server({ name: 'compute', app: () => ({}), address, settings: SETTINGS, clock: new FakeClock() })
      made.push(server)
      return server
    },
    mutate: (_server, settings) => void mutated.push(settings),
  })
  return { bound, made, mutated, service }
}

test('it is bound without its app, which is made where and when it is started, once', async () => {
  const { bound, made, service } = prepare()
  expect([service.name, await service.bind(), made.length]).toEqual(['compute', bound, 0])
  service.bound(PLACE)
  await service.start()
  await service.start()
  expect(made).toHaveLength(1)
})

test('before it is started there is nothing to do, and nothing to wait for', async () => {
  const { mutated, service } = prepare()
  service.quiesce()
  service.stop()
  service.reset()
  service.mutate({ a: 1 })
  await service.wait()
  expect([service.abort(), service.load(), service.activity(), service.inProgress(), mutated]).toEqual([0, { connections: 0, requests: 0 }, IDLE, [], []])
  expect(() => service.accept(new Socket())).toThrow('compute was given a connection before it was started')
})

test('once started it is its server', async () => {
  const { made, mutated, service } = prepare()
  await service.start()
  const calls: string[] = []
  const [server] = made
  for (const name of ['accept', 'quiesce', 'stop', 'reset', 'abort', 'load', 'activity', 'inProgress'] as const) {
    const own: (...args: never[]) => unknown = server![name].bind(server)
    Object.assign(server!, { [name]: (...args: never[]) => (calls.push(name), name === 'accept' ? undefined : own(...args)) })
  }
  service.accept(new Socket())
  service.quiesce()
  service.mutate({ a: 1 })
  service.reset()
  expect([service.load(), service.activity(), service.inProgress()]).toEqual([{ connections: 0, requests: 0 }, IDLE, []])
  service.stop()
  await service.wait()
  expect(service.abort()).toBe(0)
  expect(calls).toEqual(['accept', 'quiesce', 'reset', 'load', 'activity', 'inProgress', 'stop', 'quiesce', 'abort'])
  expect(mutated).toEqual([{ a: 1 }])
})
