import { setImmediate as turn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { WriteBatch } from '../../src/server/write-batch.ts'
import { FakeClock } from '../support/fake-clock.ts'

/** What is written, in its order. */
function batch() {
  const clock = new FakeClock()
  const written: string[] = []
  const gathered = new WriteBatch(clock)
  const add = (name: string) => gathered.add({ flush: () => written.push(name) })
  return { clock, written, add }
}

it('what one turn of the event loop adds is written at its end, in its order', async () => {
  const { written, add } = batch()
  add('a')
  add('b')
  expect(written).toEqual([])
  await turn()
  expect(written).toEqual(['a', 'b'])
})

it('each turn has its own batch', async () => {
  const { written, add } = batch()
  add('a')
  await turn()
  add('b')
  expect(written).toEqual(['a'])
  await turn()
  expect(written).toEqual(['a', 'b'])
})

it('a reply that has waited for more than 1 ms is held back no longer, though the turn goes on', async () => {
  const { clock, written, add } = batch()
  add('a')
  clock.advance(1)
  add('b')
  expect(written).toEqual([])
  clock.advance(1)
  add('c')
  expect(written).toEqual(['a', 'b', 'c'])
  add('d')
  expect(written).toEqual(['a', 'b', 'c'])
  await turn()
  expect(written).toEqual(['a', 'b', 'c', 'd'])
})
