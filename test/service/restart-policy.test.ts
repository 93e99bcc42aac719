import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { RestartPolicy } from '../../src/service/restart-policy.ts'
import { FakeClock } from '../support/fake-clock.ts'

/** The seconds at which `count` forks happen when every worker dies as soon as it is forked. */
function forkTimes(workers: number, count: number): number[] {
  const clock = new FakeClock()
  const policy = new RestartPolicy(workers, clock)
  return Array.from({ length: count }, () => {
    clock.advance(policy.delayBeforeFork())
    return clock.now() / 1000
  })
}

test('workers + 1 forks are free, then one a second', () => {
  expect(forkTimes(4, 9)).toEqual([0, 0, 0, 0, 0, 1, 2, 3, 4])
})

test('a crash loop stays near one fork a second, as the oldest fork leaves the window only so fast', () => {
  const times = forkTimes(4, 100)
  expect(times.at(-1)).toBeGreaterThanOrEqual(75)
  expect(times.at(-1)).toBeLessThanOrEqual(95)
})

test('one worker may be forked twice at once', () => {
  expect(forkTimes(1, 3)).toEqual([0, 0, 1])
})

test('a worker that dies now and then is replaced without delay', () => {
  const clock = new FakeClock()
  const policy = new RestartPolicy(2, clock)
  for (let i = 0; i < 20; i++) {
    expect(policy.delayBeforeFork()).toBe(0)
    clock.advance(1000)
  }
})

test('a fork counts from when it happens, not from when it was asked for', () => {
  const clock = new FakeClock()
  const policy = new RestartPolicy(1, clock)
  policy.delayBeforeFork()
  policy.delayBeforeFork()
  expect(policy.delayBeforeFork()).toBe(1000)
  clock.advance(1500)
  policy.delayBeforeFork()
  expect(policy.delayBeforeFork()).toBe(1000)
})

test('workers that end before they are ready: a second, twice as long with each, at most half a minute', () => {
  const clock = new FakeClock()
  const policy = new RestartPolicy(100, clock)
  const delays = Array.from({ length: 8 }, () => {
    policy.endedUnready()
    return policy.delayBeforeFork()
  })
  expect(delays).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000])
})

test('one that gets ready ends that', () => {
  const policy = new RestartPolicy(100, new FakeClock())
  for (let i = 0; i < 5; i++) policy.endedUnready()
  policy.gotReady()
  expect(policy.delayBeforeFork()).toBe(0)
  policy.endedUnready()
  expect(policy.delayBeforeFork()).toBe(1000)
})

test('of the two rules the longer pause holds', () => {
  const policy = new RestartPolicy(1, new FakeClock())
  policy.delayBeforeFork()
  policy.delayBeforeFork()
  policy.endedUnready()
  policy.endedUnready()
  expect(policy.delayBeforeFork()).toBe(2000)
})

/** oslo.service's own rule (launcher, `_start_child`), written as it is told: it sleeps where ours says for how long. */
function throttled(workers: number, gaps: readonly number[]): number[] {
  const forks: number[] = []
  let now = 0
  return gaps.map((gap) => {
    now += gap
    let pause = 0
    if (forks.length > workers) {
      if (now - forks[0]! < workers * 1000) pause = 1000
      forks.shift()
    }
    now += pause
    forks.push(now)
    return pause
  })
}

test('property: whatever the times at which workers die, pauses are those of the throttle, never negative and at most a second', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), fc.array(fc.integer({ min: 0, max: 4000 }), { maxLength: 60 }), (workers, gaps) => {
      const clock = new FakeClock()
      const policy = new RestartPolicy(workers, clock)
      const pauses = gaps.map((gap) => {
        clock.advance(gap)
        const pause = policy.delayBeforeFork()
        clock.advance(pause)
        return pause
      })
      expect(pauses).toEqual(throttled(workers, gaps))
    }),
  )
})

test('property: no history makes a pause longer than half a minute, and failures never make one shorter', () => {
  const step = fc.oneof(fc.constant('ready'), fc.constant('unready'), fc.integer({ min: 0, max: 60_000 }))
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 60 }), (workers, steps) => {
      const clock = new FakeClock()
      const policy = new RestartPolicy(workers, clock)
      let failures = 0
      for (const each of steps) {
        if (typeof each === 'number') clock.advance(each)
        else if (each === 'ready') policy.gotReady()
        else policy.endedUnready()
        failures = each === 'ready' ? 0 : failures + (each === 'unready' ? 1 : 0)
        const pause = policy.delayBeforeFork()
        expect(pause).toBeLessThanOrEqual(30_000)
        expect(pause).toBeGreaterThanOrEqual(failures === 0 ? 0 : Math.min(30_000, 1000 * 2 ** (failures - 1)))
      }
    }),
  )
})
