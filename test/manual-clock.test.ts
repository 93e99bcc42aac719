import { expect, test } from 'vitest'
import { ManualClock } from '../src/manual-clock.ts'

/** Sleeps twice, and writes down when. */
async function sleepTwice(clock: ManualClock, times: number[]): Promise<void> {
  for (const delay of [100, 250]) {
    await new Promise<void>((resolve) => clock.setTimer(resolve, delay))
    times.push(clock.now())
  }
}

test('time stands still until it is moved, and the wall’s begins where it is told to', () => {
  const clock = new ManualClock(1000)
  expect([clock.now(), clock.wallTime()]).toEqual([0, 1000])
  clock.advance(5)
  expect([clock.now(), clock.wallTime()]).toEqual([5, 1005])
})

test('timers fire in the order of time, then of setting', () => {
  const clock = new ManualClock()
  const fired: string[] = []
  clock.setTimer(() => fired.push(`late ${clock.now()}`), 20)
  clock.setTimer(() => fired.push(`first ${clock.now()}`), 10)
  clock.setTimer(() => fired.push(`second ${clock.now()}`), 10)
  clock.setTimer(() => fired.push('never'), 10).cancel()
  const ticker = clock.setTicker(() => fired.push(`tick ${clock.now()}`), 8)
  clock.advance(20)
  expect(fired).toEqual(['tick 8', 'first 10', 'second 10', 'tick 16', 'late 20'])
  expect(clock.pending).toBe(1)
  ticker.cancel()
  expect(clock.pending).toBe(0)
})

test('advancing calls timers only; passing lets what they woke sleep again', async () => {
  const clock = new ManualClock()
  const times: number[] = []
  void sleepTwice(clock, times)
  clock.advance(1000)
  expect(times).toEqual([])
  await clock.pass(1000)
  expect(times).toEqual([1000, 1250])
  expect(clock.now()).toBe(2000)
})

test('skipping ends one sleep, and tells how long it was', async () => {
  const clock = new ManualClock()
  void sleepTwice(clock, [])
  clock.advance(40)
  expect([await clock.skip(), await clock.skip(), await clock.skip()]).toEqual([60, 250, undefined])
  expect(clock.now()).toBe(350)
})

test('what a timer runs may take time itself, and time never goes back', async () => {
  const clock = new ManualClock()
  clock.setTimer(() => clock.advance(500), 10)
  clock.advance(100)
  expect(clock.now()).toBe(510)
  clock.setTimer(() => clock.advance(500), 10)
  await clock.pass(100)
  expect(clock.now()).toBe(1020)
})
