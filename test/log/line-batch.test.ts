import { expect, test } from 'vitest'
import { LineBatch } from '../../src/log/line-batch.ts'
import { FakeClock } from '../support/fake-clock.ts'

function makeBatch(): { batch: LineBatch; written: string[]; clock: FakeClock } {
  const written: string[] = []
  const clock = new FakeClock()
  const batch = new LineBatch({ write: (lines) => written.push(lines), flushSync: () => written.push('flushed') }, clock)
  return { batch, written, clock }
}

test('lines are written together after a quarter of a second', () => {
  const { batch, written, clock } = makeBatch()
  batch.write('one\n')
  clock.advance(200)
  batch.write('two\n')
  expect(written).toEqual([])
  clock.advance(50)
  expect(written).toEqual(['one\ntwo\n'])
})

test('a write has whole lines and is no longer than a pipe takes at once', () => {
  const { batch, written } = makeBatch()
  const line = `${'x'.repeat(999)}\n`
  for (let count = 0; count < 9; count++) batch.write(line)
  expect(written).toEqual([line.repeat(4), line.repeat(4)])
})

test('a line longer than that is written by itself', () => {
  const { batch, written } = makeBatch()
  const long = `${'x'.repeat(5000)}\n`
  batch.write('short\n')
  batch.write(long)
  batch.write('short\n')
  expect(written).toEqual(['short\n', long])
})

test('flush writes what waits, and leaves no timer', () => {
  const { batch, written, clock } = makeBatch()
  batch.write('one\n')
  batch.flush()
  clock.advance(250)
  expect(written).toEqual(['one\n', 'flushed'])
})

test('lines somebody waits for are handed on at once', () => {
  const { batch, written } = makeBatch()
  batch.write('one\n')
  batch.handOn()
  batch.handOn()
  expect(written).toEqual(['one\n'])
})
