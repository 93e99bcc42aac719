import { expect, test } from 'vitest'
import { Drain } from '../../src/service/drain.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { FakeService, record, settle } from './fakes.ts'

function prepare(): { clock: FakeClock; service: FakeService; drain: Drain } {
  const clock = new FakeClock()
  const service = new FakeService()
  return { clock, service, drain: new Drain(service, clock) }
}

test('a service that finishes in time ends clean, told to be quiet first', async () => {
  const { clock, service, drain } = prepare()
  const ended = drain.stop(60)
  service.stopped()
  expect(await ended).toEqual({ cut: 0, clean: true })
  expect(service.calls).toEqual(['quiesce', 'stop'])
  expect(clock.pending).toBe(0)
})

test('a service is told to be quiet once', () => {
  const { service, drain } = prepare()
  drain.quiesce()
  drain.quiesce()
  void drain.stop(null)
  expect(service.calls).toEqual(['quiesce', 'stop'])
})

test('what is in flight at the deadline is cut and counted', async () => {
  const { clock, service, drain } = prepare()
  service.cuts = 3
  const ended = drain.stop(60)
  clock.advance(59_999)
  expect(service.calls).not.toContain('abort')
  clock.advance(1)
  expect(service.calls).toEqual(['quiesce', 'stop', 'abort'])
  service.stopped()
  expect(await ended).toEqual({ cut: 3, clean: false })
  expect(clock.pending).toBe(0)
})

test('cutting what costs no request is clean', async () => {
  const { clock, service, drain } = prepare()
  const ended = drain.stop(1)
  clock.advance(1000)
  service.stopped()
  expect(await ended).toEqual({ cut: 0, clean: true })
})

test('a service that does not end after the cut is given up', async () => {
  const { clock, drain } = prepare()
  const ended = drain.stop(0)
  clock.advance(500)
  expect(await ended).toEqual({ cut: 0, clean: false })
})

test('without a deadline it takes as long as it takes', async () => {
  const { clock, service, drain } = prepare()
  const ended = drain.stop(null)
  clock.advance(1_000_000)
  service.stopped()
  expect(await ended).toEqual({ cut: 0, clean: true })
})

test('the deadline can be moved, and lifted', () => {
  const { clock, service, drain } = prepare()
  void drain.stop(null)
  drain.limit(10)
  drain.limit(null)
  clock.advance(100_000)
  expect(service.calls).not.toContain('abort')
  drain.limit(1)
  clock.advance(1000)
  expect(service.calls).toContain('abort')
})

test('it is cut once only, and only while it stops', async () => {
  const { clock, service, drain } = prepare()
  drain.abort()
  drain.limit(1)
  expect(service.calls).toEqual([])
  const ended = drain.stop(1)
  drain.abort()
  drain.abort()
  drain.limit(1)
  service.stopped()
  await ended
  clock.advance(10_000)
  expect(service.calls).toEqual(['quiesce', 'stop', 'abort'])
})

test('what stop rejects with is passed on, and no timer stays', async () => {
  const { clock, service, drain } = prepare()
  const ended = drain.stop(60)
  service.failStop(new Error('no'))
  await expect(ended).rejects.toThrow('no')
  await settle()
  expect(clock.pending).toBe(0)
})

test('a service that throws where it is told to be quiet, or to cut, is stopped all the same, and told of once', async () => {
  const { clock, service, drain } = prepare()
  const failed = record('service.failed')
  const error = new Error('not now')
  service.quiesce = service.abort = () => {
    throw error
  }
  const ended = drain.stop(1)
  clock.advance(1000)
  service.stopped()
  expect(await ended).toEqual({ cut: 0, clean: true })
  expect(failed).toEqual([{ api: 'compute', pid: process.pid, error }])
})

test('a number of cut requests that is none counts as 0', async () => {
  const { service, drain } = prepare()
  service.cuts = NaN
  const ended = drain.stop(null)
  drain.abort()
  service.stopped()
  expect(await ended).toEqual({ cut: 0, clean: true })
})
