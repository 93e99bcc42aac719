import { beforeEach, expect, test } from 'vitest'
import { BriefCache } from '../../src/middleware/brief-cache.ts'
import { FakeClock } from '../support/fake-clock.ts'

interface Answer {
  readonly number: number
}

let clock: FakeClock
let cache: BriefCache<Answer>
let asked: number

beforeEach(async () => {
  clock = new FakeClock()
  cache = await BriefCache.make<Answer>(2, clock)
  asked = 0
})

const failing = (): Promise<never> => Promise.reject(new Error('down'))

const ask = (key: string, lifetime = 1000): Answer | Promise<Answer> => cache.find(key, async () => ({ value: { number: ++asked }, lifetime }))

test('what is known is said at once, until its time is over', async () => {
  expect(await ask('a')).toEqual({ number: 1 })
  clock.advance(1000)
  expect(ask('a')).toEqual({ number: 1 })
  clock.advance(1)
  expect(await ask('a')).toEqual({ number: 2 })
})

test('each answer has its own time, and none at all is not kept', async () => {
  await ask('long', 5000)
  await ask('none', 0)
  clock.advance(2000)
  expect(ask('long')).toEqual({ number: 1 })
  expect(await ask('none')).toEqual({ number: 3 })
})

test('those who ask meanwhile wait for the same answer', async () => {
  expect(await Promise.all([ask('a'), ask('a'), ask('b')])).toEqual([{ number: 1 }, { number: 1 }, { number: 2 }])
})

test('only so many are kept, and the one not asked for longest goes', async () => {
  for (const key of ['a', 'b']) await ask(key)
  void ask('a')
  await ask('c')
  expect(ask('a')).toEqual({ number: 1 })
  expect(await ask('b')).toEqual({ number: 4 })
})

test('a failure fails all who wait for it, and is not kept', async () => {
  const answers = [cache.find('a', failing), cache.find('a', failing)]
  for (const answer of answers) await expect(answer).rejects.toThrow('down')
  expect(await ask('a')).toEqual({ number: 1 })
})

test('what is known without being asked for is found as well', async () => {
  cache.set('a', { value: { number: 7 }, lifetime: 1000 })
  cache.set('b', { value: { number: 8 }, lifetime: 0 })
  expect([cache.get('a'), ask('a'), cache.get('b')]).toEqual([{ number: 7 }, { number: 7 }, undefined])
  clock.advance(1001)
  expect(cache.get('a')).toBeUndefined()
})

test('it sets no timers', async () => {
  await ask('a')
  expect(clock.pending).toBe(0)
})
