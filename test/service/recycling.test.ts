import { expect, test } from 'vitest'
import { type RecycleLimits, Recycling } from '../../src/service/recycling.ts'

const NEVER: RecycleLimits = { max_requests: 0, max_requests_jitter: 0, max_worker_age: 0, max_worker_memory: 0 }
const MIB = 1024 * 1024

test('without limits a worker is never replaced', () => {
  expect(new Recycling().reason({ done: 1e9, rss: 1e12 }, 1e9, NEVER)).toBeNull()
})

test.each([
  { share: 0, most: 100 },
  { share: 0.5, most: 105 },
  { share: 0.999, most: 110 },
])('max_requests: with jitter 10 the random share $share makes it $most', ({ share, most }) => {
  const recycling = new Recycling(() => share)
  const limits = { ...NEVER, max_requests: 100, max_requests_jitter: 10 }
  expect(recycling.reason({ done: most - 1, rss: 0 }, 0, limits)).toBeNull()
  expect(recycling.reason({ done: most, rss: 0 }, 0, limits)).toBe(`it has answered ${most} requests (max_requests)`)
})

test('jitter alone replaces nobody', () => {
  expect(new Recycling(() => 0).reason({ done: 1e6, rss: 0 }, 0, { ...NEVER, max_requests_jitter: 10 })).toBeNull()
})

test.each([
  { share: 0, oldest: 1000 },
  { share: 1, oldest: 1100 },
])('max_worker_age: those forked together are spread over a tenth (share $share: $oldest s)', ({ share, oldest }) => {
  const recycling = new Recycling(() => share)
  const limits = { ...NEVER, max_worker_age: 1000 }
  expect(recycling.reason({ done: 0, rss: 0 }, oldest - 1, limits)).toBeNull()
  expect(recycling.reason({ done: 0, rss: 0 }, oldest + 0.1, limits)).toBe(`it is ${oldest} s old (max_worker_age)`)
})

test('max_worker_memory: too much in every report for half a minute; a peak passes', () => {
  const recycling = new Recycling()
  const limits = { ...NEVER, max_worker_memory: 100 * MIB }
  const report = (mib: number, age: number) => recycling.reason({ done: 0, rss: mib * MIB }, age, limits)
  expect([report(101, 0), report(101, 29), report(100, 30), report(101, 31), report(500, 60)]).toEqual([null, null, null, null, null])
  expect(report(101, 61)).toBe(`it has had more than ${100 * MIB} bytes of memory for 30 s (max_worker_memory)`)
})

test('a memory limit that is taken away while a worker is over it forgets that', () => {
  const recycling = new Recycling()
  const limits = { ...NEVER, max_worker_memory: 1 }
  recycling.reason({ done: 0, rss: 2 }, 0, limits)
  recycling.reason({ done: 0, rss: 2 }, 10, NEVER)
  expect(recycling.reason({ done: 0, rss: 2 }, 40, limits)).toBeNull()
})

test('the share is drawn once for each worker', () => {
  let draws = 0
  const recycling = new Recycling(() => {
    draws += 1
    return 0
  })
  for (let age = 0; age < 5; age++) recycling.reason({ done: 0, rss: 0 }, age, { ...NEVER, max_requests: 5, max_requests_jitter: 5 })
  expect(draws).toBe(1)
})
