import { expect, test } from 'vitest'
import { LogFlood } from '../../src/log/log-flood.ts'
import { FakeClock } from '../support/fake-clock.ts'

interface Watched {
  readonly clock: FakeClock
  /** What it told of, as `kind count`. */
  readonly told: string[]
  /** How many of so many lines were admitted. */
  pour(kind: string, lines: number): number
}

function watch(): Watched {
  const clock = new FakeClock()
  const told: string[] = []
  const flood = new LogFlood(clock, (kind, dropped) => told.push(`${kind} ${dropped}`))
  const pour = (kind: string, lines: number): number => Array.from({ length: lines }, () => flood.admits(kind)).filter(Boolean).length
  return { clock, told, pour }
}

test.each(['request.refused', 'connection.timeout', 'connection.refused', 'accept.failed', 'tls.failed'])(
  'of 10,000 %s in a second ten are written, and at its end how many more there were',
  (kind) => {
    const { clock, told, pour } = watch()
    expect(pour(kind, 10_000)).toBe(10)
    clock.advance(999)
    expect(told).toEqual([])
    clock.advance(1)
    expect(told).toEqual([`${kind} 9990`])
    expect(clock.pending).toBe(0)
  },
)

test('ten in a second are all written, and nothing is told of more', () => {
  const { clock, told, pour } = watch()
  expect(pour('request.refused', 10)).toBe(10)
  clock.advance(1000)
  expect(told).toEqual([])
})

test('each second has its own ten, counted from its first line', () => {
  const { clock, told, pour } = watch()
  for (let second = 0; second < 5; second++) {
    expect(pour('request.refused', 100)).toBe(10)
    clock.advance(1000)
  }
  expect(told).toEqual(Array.from({ length: 5 }, () => 'request.refused 90'))
})

test('each kind has its own ten: a flood of one hides no other', () => {
  const { pour } = watch()
  pour('request.refused', 1000)
  expect(pour('accept.failed', 5)).toBe(5)
})

test.each(['request.failed', 'worker.exited', 'ready'])('%s, which no stranger causes alone, is never left out', (kind) => {
  const { clock, pour } = watch()
  expect(pour(kind, 1000)).toBe(1000)
  expect(clock.pending).toBe(0)
})
