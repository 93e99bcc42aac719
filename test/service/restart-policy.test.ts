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

test('workers that end before they are ready: a second, twice as long each time, at most half a minute', () => {
  const clock = new FakeClock()
  const policy = new RestartPolicy(100, clock)
  const delays = Array.from({ length: 8 }, () => {
    policy.endedUnready(clock.now())
    const delay = policy.delayBeforeFork()
    clock.advance(delay)
    return delay
  })
  expect(delays).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000])
})

test('siblings that end of one cause count once, and the pause ends for all of them', () => {
  const clock = new FakeClock()
  const policy = new RestartPolicy(8, clock)
  for (let fork = 0; fork < 8; fork++) policy.delayBeforeFork()
  clock.advance(500)
  for (let each = 0; each < 8; each++) {
    policy.endedUnready(0)
    clock.advance(20)
  }
  expect(policy.delayBeforeFork()).toBe(840)
  clock.advance(9000)
  expect(Array.from({ length: 7 }, () => policy.delayBeforeFork())).toEqual([0, 0, 0, 0, 0, 0, 0])
})

test('a pause that is over holds up nobody', () => {
  const clock = new FakeClock()
  const policy = new RestartPolicy(4, clock)
  policy.endedUnready(0)
  clock.advance(1000)
  expect(policy.delayBeforeFork()).toBe(0)
})

test('one that gets ready ends that', () => {
  const policy = new RestartPolicy(100, new FakeClock())
  for (let i = 0; i < 5; i++) policy.endedUnready(0)
  policy.gotReady()
  expect(policy.delayBeforeFork()).toBe(0)
  policy.endedUnready(0)
  expect(policy.delayBeforeFork()).toBe(1000)
})

test('of the two rules the longer pause holds', () => {
  const policy = new RestartPolicy(1, new FakeClock())
  policy.delayBeforeFork()
  policy.delayBeforeFork()
  policy.endedUnready(0)
  policy.endedUnready(0)
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

test('property: no history makes a pause longer than half a minute, and failures never make one shorter than their own', () => {
  const step = fc.oneof(fc.constant('ready'), fc.constant('unready'), fc.integer({ min: 0, max: 60_000 }))
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 60 }), (workers, steps) => {
      const clock = new FakeClock()
      const policy = new RestartPolicy(workers, clock)
      let failures = 0
      let failedAt = 0
      for (const each of steps) {
        if (typeof each === 'number') clock.advance(each)
        else if (each === 'ready') policy.gotReady()
        else policy.endedUnready(clock.now())
        if (each === 'unready') failedAt = clock.now()
        failures = each === 'ready' ? 0 : failures + (each === 'unready' ? 1 : 0)
        const pause = policy.delayBeforeFork()
        expect(pause).toBeLessThanOrEqual(30_000)
        const owed = failures === 0 ? 0 : Math.min(30_000, 1000 * 2 ** (failures - 1)) - (clock.now() - failedAt)
        expect(pause).toBeGreaterThanOrEqual(Math.max(0, owed))
      }
    }),
  )
})
