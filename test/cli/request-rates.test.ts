import { expect, test } from 'vitest'
import { RequestRates } from '../../src/cli/request-rates.ts'
import type { ServiceStatus } from '../../src/service/operations.ts'
import { makeProcess, makeReport, makeService, makeStatus } from '../support/fake-operations.ts'

/** Of processes by their ids, and how many requests each has answered. */
function service(done: Readonly<Record<number, number | null>>): ServiceStatus {
  const processes = Object.entries(done).map(([pid, count]) => makeProcess({ pid: Number(pid), report: count === null ? null : makeReport({ done: count }) }))
  return makeService({ processes })
}

function rateOf(...samples: [now: number, service: ServiceStatus][]): string {
  const rates = new RequestRates()
  for (const [now, one] of samples) rates.take(makeStatus({ services: [one] }), now)
  return rates.cell(samples.at(-1)![1])
}

test('there is none before the second time', () => {
  expect(new RequestRates().cell(service({}))).toBe('-')
  expect(rateOf([0, service({ 1: 100 })])).toBe('-')
})

test('there is none where no process says what it does', () => {
  expect(rateOf([0, service({ 1: null })], [1000, service({ 1: null })])).toBe('-')
})

test('is what all processes answered in the time between', () => {
  expect(rateOf([0, service({ 1: 100, 2: 50 })], [2000, service({ 1: 110, 2: 55 })])).toBe('7.5')
  expect(rateOf([0, service({ 1: 0 })], [1000, service({ 1: 90 })], [3000, service({ 1: 100 })])).toBe('5.0')
})

test('a process that is new has answered all of its own since, one that has ended or said nothing counts nothing', () => {
  expect(rateOf([0, service({ 1: 1000, 2: 7 })], [1000, service({ 2: 8, 3: 4, 4: null })])).toBe('5.0')
})
