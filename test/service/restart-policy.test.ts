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
