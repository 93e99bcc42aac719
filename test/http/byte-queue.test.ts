import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteQueue } from '../../src/http/byte-queue.ts'
import { octets } from '../support/http-cases.ts'

function queueOf(...texts: string[]): ByteQueue {
  const queue = new ByteQueue()
  for (const text of texts) queue.push(octets(text))
  return queue
}

describe('a byte queue', () => {
  it('is empty at first', () => {
    const queue = new ByteQueue()
    expect([queue.size, queue.take(5), queue.peekText(5), queue.indexOf(0)]).toEqual([0, Buffer.alloc(0), '', -1])
  })

  it('gives up to so many octets, in order', () => {
    const queue = queueOf('hello ', 'world')
    expect(queue.take(3).toString()).toBe('hel')
    expect(queue.take(100).toString()).toBe('lo world')
    expect(queue.size).toBe(0)
  })

  it('peeks at octets as latin1 text, and leaves them', () => {
    const queue = queueOf('a\xe9\xff')
    expect([queue.peekText(2), queue.peekText(9), queue.size]).toEqual(['a\xe9', 'a\xe9\xff', 3])
  })

  it('skips', () => {
    const queue = queueOf('hello')
    queue.skip(2)
    expect([queue.peekText(9), queue.size]).toEqual(['llo', 3])
    queue.skip(3)
    expect(queue.size).toBe(0)
  })

  it('finds an octet, counted from its front', () => {
    const queue = queueOf('a\nb\n')
    expect(queue.indexOf(10)).toBe(1)
    queue.skip(2)
    expect(queue.indexOf(10)).toBe(1)
    expect(queue.indexOf(0x61)).toBe(-1)
  })

  it('gives a buffer that is taken whole as it was pushed', () => {
    const bytes = octets('hello')
    const queue = new ByteQueue()
    queue.push(bytes)
    expect(queue.take(5)).toBe(bytes)
  })

  it('shares the memory of what it gives', () => {
    const bytes = octets('hello')
    const queue = new ByteQueue()
    queue.push(bytes)
    expect(queue.take(2).buffer).toBe(bytes.buffer)
  })

  it('has so many octets of a buffer as were pushed', () => {
    const queue = new ByteQueue()
    queue.push(octets('hello'), 4)
    expect([queue.size, queue.peekText(9)]).toEqual([4, 'hell'])
    queue.push(octets('world'), 2)
    expect([queue.size, queue.peekText(9)]).toEqual([6, 'hellwo'])
  })

  it('keeps what was not read: the buffer may be written to again', () => {
    const lent = octets('hello')
    const queue = new ByteQueue()
    queue.push(lent, 4)
    queue.skip(1)
    queue.keep()
    lent.fill('?')
    expect([queue.size, queue.take(9).toString()]).toEqual([3, 'ell'])
  })

  it('keeps nothing when all was read', () => {
    const queue = queueOf('hello')
    queue.skip(5)
    queue.keep()
    queue.push(octets('w'))
    expect(queue.take(9).toString()).toBe('w')
  })

  it('joins what was not read with what comes', () => {
    const queue = queueOf('hello')
    queue.skip(3)
    queue.push(octets('w'))
    expect(queue.take(9).toString()).toBe('low')
  })

  it('gives back what was pushed, whatever the order', () => {
    const step = fc.oneof(fc.record({ push: fc.uint8Array({ maxLength: 9 }) }), fc.record({ take: fc.integer({ min: 0, max: 9 }) }))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const queue = new ByteQueue()
        const pushed: number[] = []
        const taken: number[] = []
        for (const one of steps) {
          if ('push' in one) {
            queue.push(Buffer.from(one.push))
            pushed.push(...one.push)
          } else {
            taken.push(...queue.take(one.take))
          }
          expect(queue.size).toBe(pushed.length - taken.length)
        }
        expect([...taken, ...queue.take(Number.MAX_SAFE_INTEGER)]).toEqual(pushed)
      }),
    )
  })
})
