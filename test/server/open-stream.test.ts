import { expect, test } from 'vitest'
import { letGo } from '../../src/let-go.ts'
import { openStream } from '../../src/server/open-stream.ts'
import { turn } from '../support/server-harness.ts'

function fail(): never {
  throw new Error('not with me')
}

const endless = { next: () => Promise.resolve({ done: false as const, value: 'x' }) }

/** Streams that do not want to be let go, each in its own way; `called` when they were asked. */
const UNWILLING: [what: string, make: (called: () => void) => object][] = [
  ['whose return throws', (called) => iterable({ ...endless, return: () => (called(), fail()) })],
  ['whose return rejects', (called) => iterable({ ...endless, return: () => (called(), Promise.reject(new Error('no'))) })],
  ['whose return is no promise', (called) => iterable({ ...endless, return: () => called() })],
  ['whose destroy throws', (called) => ({ ...iterable({ ...endless, return: called }), destroy: fail })],
  ['that is a web stream whose cancel throws', (called) => new ReadableStream({ cancel: () => (called(), fail()) })],
]

function iterable(iterator: object): object {
  return { [Symbol.asyncIterator]: () => iterator }
}

test.each(UNWILLING)('a stream %s is asked to go, and its protest is nobody\'s', async (_what, make) => {
  let calls = 0
  const count = (): void => void (calls += 1)
  openStream(make(count) as AsyncIterable<string>).cancel(new Error('gone'))
  letGo(make(count))
  // A rejection nobody handles would fail the run.
  await turn()
  expect(calls).toBe(2)
})

test.each<[what: string, body: object]>([
  ['whose iterator cannot be made', { [Symbol.asyncIterator]: fail }],
  ['whose iterator is none', { [Symbol.asyncIterator]: 7 }],
  ['somebody else reads', lockedStream()],
])('a body %s is left alone', (_what, body) => {
  expect(() => letGo(body)).not.toThrow()
})

function lockedStream(): ReadableStream {
  const stream = new ReadableStream()
  stream.getReader()
  return stream
}
