import { expect, test } from 'vitest'
import { DataRate } from '../../src/server/data-rate.ts'

test('a rate means nothing before ten seconds of waiting', () => {
  const rate = new DataRate(500)
  rate.wait(0)
  expect(rate.tooSlow(1, 10_000)).toBe(false)
})

test('after that the average counts', () => {
  const rate = new DataRate(500)
  rate.wait(0)
  expect(rate.tooSlow(5_500, 11_000)).toBe(false)
  rate.wait(11_000)
  expect(rate.tooSlow(499, 12_000)).toBe(true)
})

test('only time that was waited for counts', () => {
  const rate = new DataRate(500)
  rate.wait(0)
  expect(rate.tooSlow(1, 6_000)).toBe(false)
  expect(rate.tooSlow(1, 60_000)).toBe(false)
  rate.wait(100_000)
  rate.wait(103_000)
  expect(rate.tooSlow(1, 106_000)).toBe(true)
})

test('a new message begins anew', () => {
  const rate = new DataRate(500)
  rate.wait(0)
  rate.reset(500)
  expect(rate.tooSlow(1, 60_000)).toBe(false)
  rate.wait(60_000)
  expect(rate.tooSlow(1, 70_000)).toBe(false)
})

test('a rate of 0 lets everything pass', () => {
  const rate = new DataRate(0)
  rate.wait(0)
  expect(rate.tooSlow(0, 1_000_000)).toBe(false)
})

test('a message is held to the rate that holds when it begins', () => {
  const rate = new DataRate(0)
  rate.reset(500)
  rate.wait(0)
  expect(rate.tooSlow(1, 11_000)).toBe(true)
})
