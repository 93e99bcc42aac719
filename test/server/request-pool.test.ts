import { expect, test } from 'vitest'
import { Deadline, Deadlines } from '../../src/server/deadlines.ts'
import { type PoolEntry, RequestPool } from '../../src/server/request-pool.ts'
import { FakeClock } from '../support/fake-clock.ts'

class Entry implements PoolEntry {
  readonly deadline = new Deadline({ expired: () => {} })
  state: 'waiting' | 'started' | 'rejected' = 'waiting'

  start(): void {
    this.state = 'started'
  }

  reject(): void {
    this.state = 'rejected'
  }
}

function prepare(size: number, queueSize: number): { pool: RequestPool; run(): Entry } {
  const pool = new RequestPool(size, queueSize, new Deadlines(new FakeClock()).list('queue', 1000))
  const run = (): Entry => {
    const entry = new Entry()
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
