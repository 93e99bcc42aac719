import { expect, test } from 'vitest'
import { Deadline, Deadlines } from '../../src/server/deadlines.ts'
import { type PoolEntry, RequestPool } from '../../src/server/request-pool.ts'
import { FakeClock } from '../support/fake-clock.ts'

class Entry implements PoolEntry {
  readonly deadline = new Deadline({ expired: () => {} })
  state: 'waiting' | 'started' | 'rejected' = 'waiting'
  readonly #onStart: () => void

  constructor(onStart: () => void) {
    this.#onStart = onStart
  }

  start(): void {
    this.state = 'started'
    this.#onStart()
  }

  reject(): void {
    this.state = 'rejected'
  }
}

function prepare(size: number, queueSize: number): { pool: RequestPool; run(onStart?: () => void): Entry } {
  const pool = new RequestPool(size, queueSize, new Deadlines(new FakeClock()).list('queue', 1000))
  const run = (onStart: () => void = () => {}): Entry => {
    const entry = new Entry(onStart)
    pool.run(entry)
    return entry
  }
  return { pool, run }
}

test('so many start at once, so many wait, the rest are rejected', () => {
  const { pool, run } = prepare(2, 1)
  expect([run(), run(), run(), run()].map(({ state }) => state)).toEqual(['started', 'started', 'waiting', 'rejected'])
  expect([pool.active, pool.waiting]).toEqual([2, 1])
})

test('a free slot goes to the one that waited longest, whose wait is over', () => {
  const { pool, run } = prepare(1, 5)
  run()
  const [first, second] = [run(), run()]
  expect(first.deadline.armed).toBe(true)
  pool.release()
  expect([first.state, second.state]).toEqual(['started', 'waiting'])
  expect(first.deadline.armed).toBe(false)
  expect([pool.active, pool.waiting]).toEqual([1, 1])
})

test('a free slot nobody waits for is free', () => {
  const { pool, run } = prepare(1, 0)
  run()
  pool.release()
  expect(pool.active).toBe(0)
  expect(run().state).toBe('started')
})

test('one that leaves makes room in the queue, and leaving twice or uninvited is nothing', () => {
  const { pool, run } = prepare(1, 1)
  const started = run()
  const left = run()
  pool.leave(left)
  pool.leave(left)
  pool.leave(started)
  expect([pool.active, pool.waiting]).toEqual([1, 0])
  expect(left.deadline.armed).toBe(false)
  expect(run().state).toBe('waiting')
})

test('a larger pool starts who waits, those who waited longest first', () => {
  const { pool, run } = prepare(1, 5)
  const entries = [run(), run(), run(), run()]
  pool.resize(3, 5)
  expect(entries.map(({ state }) => state)).toEqual(['started', 'started', 'started', 'waiting'])
  expect([pool.active, pool.waiting, pool.full]).toEqual([3, 1, true])
  expect(entries.map(({ deadline }) => deadline.armed)).toEqual([false, false, false, true])
})

test('of a smaller pool the excess finishes, and nobody starts before there is room', () => {
  const { pool, run } = prepare(3, 5)
  run()
  run()
  run()
  pool.resize(1, 5)
  const waiting = run()
  for (const left of [2, 1]) {
    pool.release()
    expect([pool.active, waiting.state]).toEqual([left, 'waiting'])
  }
  pool.release()
  expect([pool.active, waiting.state]).toEqual([1, 'started'])
})

test('of a shorter queue nobody is sent away who is in it, and nobody comes in before it is shorter', () => {
  const { pool, run } = prepare(1, 3)
  run()
  const queued = [run(), run(), run()]
  pool.resize(1, 1)
  expect(queued.map(({ state }) => state)).toEqual(['waiting', 'waiting', 'waiting'])
  expect(run().state).toBe('rejected')
  pool.release()
  pool.release()
  expect(run().state).toBe('rejected')
  pool.release()
  expect(run().state).toBe('waiting')
})

test('a long queue of those who are answered at once is gone through without calls within calls', () => {
  const { pool, run } = prepare(1, 100_000)
  run()
  const queued = Array.from({ length: 100_000 }, () => run(() => pool.release()))
  pool.release()
  expect(queued.every(({ state }) => state === 'started')).toBe(true)
  expect([pool.active, pool.waiting]).toEqual([0, 0])
})

test('who comes while the queue is gone through stands behind it', () => {
  const { pool, run } = prepare(1, 5)
  const order: string[] = []
  run()
  run(() => {
    order.push('first')
    pool.release()
    run(() => order.push('late'))
  })
  run(() => {
    order.push('second')
    pool.release()
  })
  pool.release()
  expect(order).toEqual(['first', 'second', 'late'])
  expect([pool.active, pool.waiting]).toEqual([1, 0])
})

test('one whose start throws does not stop those behind it for good', () => {
  const { pool, run } = prepare(1, 5)
  run()
  run(() => {
    throw new Error('no')
  })
  const behind = run()
  expect(() => pool.release()).toThrow('no')
  pool.release()
  expect(behind.state).toBe('started')
})
