import { expect, test } from 'vitest'
import type { Clock } from '../../src/clock.ts'
import { LoopLateness } from '../../src/service/loop-lateness.ts'

/** A loop whose ticker the test turns, at times of its own. */
function prepare() {
  const state = { now: 0, tick: () => undefined as void, cancelled: 0 }
  const clock: Clock = {
    now: () => state.now,
    wallTime: () => state.now,
    setTimer: () => ({ cancel: () => undefined }),
    setTicker: (run) => {
      state.tick = run
      return { cancel: () => void (state.cancelled += 1) }
    },
  }
  const lateness = new LoopLateness(clock)
  const tickAfter = (milliseconds: number) => {
    state.now += milliseconds
    state.tick()
  }
  return { state, lateness, tickAfter }
}

test('it tells the worst of what it saw, once', () => {
  const { lateness, tickAfter } = prepare()
  for (const gap of [100, 350, 100, 120]) tickAfter(gap)
  expect(lateness.take()).toBe(250)
  tickAfter(101)
  expect(lateness.take()).toBe(1)
})

test('what holds up the loop right after it was asked is told the next time', () => {
  const { lateness, tickAfter } = prepare()
  tickAfter(100)
  lateness.take()
  tickAfter(3000)
  expect(lateness.take()).toBe(2900)
})

test('what has just held it up is told although the ticker has not run yet, and not again', () => {
  const { state, lateness, tickAfter } = prepare()
  state.now += 3000
  expect(lateness.take()).toBe(2900)
  tickAfter(0)
  expect(lateness.take()).toBe(0)
})

test('stopped, it has no timer', () => {
  const { state, lateness } = prepare()
  lateness.stop()
  expect(state.cancelled).toBe(1)
})
