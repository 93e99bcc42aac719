import { Readable } from 'node:stream'
import { expect, test, vi } from 'vitest'
import { letGo } from '../src/let-go.ts'

test('a Node stream is destroyed', () => {
  const stream = Readable.from(['a'])
  letGo(stream)
  expect(stream.destroyed).toBe(true)
})

test('a Node stream may fail over it', async () => {
  const stream = new Readable({ read: () => {}, destroy: (_error, done) => done(new Error('unread')) })
  letGo(stream)
  await new Promise((resolve) => stream.once('close', resolve))
  expect(stream.errored).toMatchObject({ message: 'unread' })
})

test('a web stream is cancelled', () => {
  const cancel = vi.fn()
  letGo(new ReadableStream({ cancel }))
  expect(cancel).toHaveBeenCalledOnce()
})

test('an iterator is told to return, if it can be', () => {
  const end = vi.fn()
  letGo({ [Symbol.asyncIterator]: () => ({ return: end }) })
  letGo({ [Symbol.asyncIterator]: () => ({}) })
  expect(end).toHaveBeenCalledOnce()
})

test.each([[undefined], [null], ['text'], [{ a: 1 }], [new Uint8Array(1)]])('nothing is to be done for %j', (body) => {
  expect(() => letGo(body)).not.toThrow()
})

test('one that is read by somebody else, or cannot be let go, is no error', async () => {
  const unhandled = vi.fn()
  process.on('unhandledRejection', unhandled)
  const locked = new ReadableStream()
  locked.getReader()
  letGo(locked)
  letGo({
    [Symbol.asyncIterator]: () => {
      throw new Error('no')
    },
  })
  await new Promise(setImmediate)
  process.off('unhandledRejection', unhandled)
  expect(unhandled).not.toHaveBeenCalled()
})
