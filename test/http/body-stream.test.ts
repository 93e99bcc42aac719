import { describe, expect, it } from 'vitest'
import { BodyStream } from '../../src/http/body-stream.ts'

/** A body of these pieces; an Error among them is what reading fails with. */
function bodyOf(...pieces: (string | Error)[]) {
  const left = [...pieces]
  const told = { reads: 0, cancelled: 0 }
  const read = (): Promise<Uint8Array | null> => {
    told.reads += 1
    const piece = left.shift()
    if (piece instanceof Error) return Promise.reject(piece)
    return Promise.resolve(piece === undefined ? null : Buffer.from(piece))
  }
  return { told, stream: new BodyStream(read, () => void (told.cancelled += 1)) }
}

async function gather(pieces: AsyncIterable<Uint8Array>): Promise<string[]> {
  const gathered: string[] = []
  for await (const piece of pieces) gathered.push(Buffer.from(piece).toString())
  return gathered
}

/** Reads one piece, and leaves. */
async function first(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  for await (const piece of pieces) return Buffer.from(piece).toString()
  return 'nothing'
}

describe('the stream of a body', () => {
  it('is a web stream, to a reader and to whoever takes one', async () => {
    const reader = bodyOf('one', 'two').stream.getReader()
    expect([await reader.read(), await reader.read(), await reader.read()]).toMatchObject([{ done: false }, { done: false }, { done: true }])
    await expect(new Response(bodyOf('one', 'two').stream).text()).resolves.toBe('onetwo')
  })

  it('is iterated piece by piece, and reads nothing ahead', async () => {
    const { told, stream } = bodyOf('one', 'two')
    const pieces = stream.values()
    expect(told.reads).toBe(0)
    await pieces.next()
    expect(told.reads).toBe(1)
    await expect(gather({ [Symbol.asyncIterator]: () => pieces })).resolves.toEqual(['two'])
    expect(told.cancelled).toBe(0)
  })

  it('is locked while it is iterated, and not after', async () => {
    const { stream } = bodyOf('one')
    const pieces = stream.values()
    await pieces.next()
    expect(stream.locked).toBe(true)
    await pieces.next()
    expect(stream.locked).toBe(false)
    await expect(gather(stream)).resolves.toEqual([])
  })

  it('is cancelled by whoever leaves early', async () => {
    const { told, stream } = bodyOf('one', 'two')
    await expect(first(stream)).resolves.toBe('one')
    expect([told.cancelled, stream.locked]).toEqual([1, false])
  })

  it('is not cancelled when that was asked for', async () => {
    const { told, stream } = bodyOf('one', 'two')
    await expect(first(stream.values({ preventCancel: true }))).resolves.toBe('one')
    expect(told.cancelled).toBe(0)
    await expect(gather(stream)).resolves.toEqual(['two'])
  })

  it.each([
    ['an iterator', gather],
    ['a reader', (stream: BodyStream) => new Response(stream).text()],
  ])('fails with what reading failed with: to %s', async (_what, read) => {
    await expect(read(bodyOf('one', new Error('gone')).stream)).rejects.toThrow('gone')
  })

  it('cannot be iterated while somebody else reads it', async () => {
    const { stream } = bodyOf('one')
    stream.getReader()
    await expect(gather(stream)).rejects.toThrow(TypeError)
  })
})
