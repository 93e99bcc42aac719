import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { TransportError } from '../../src/errors.ts'
import { type BodySource, RequestBody } from '../../src/http/request-body.ts'
import { octets } from '../support/http-cases.ts'

/** Gives these pieces, then the end, or fails; counts how often it is asked. */
class FakeSource implements BodySource {
  reads = 0
  readonly #pieces: (string | Error)[]

  constructor(...pieces: (string | Error)[]) {
    this.#pieces = pieces
  }

  read(): Promise<Buffer | null> {
    this.reads += 1
    const piece = this.#pieces.shift() ?? null
    if (piece instanceof Error) return Promise.reject(piece)
    return Promise.resolve(piece === null ? null : octets(piece))
  }
}

function bodyOf(source: FakeSource, { length = -1, most = 100 }: { length?: number; most?: number } = {}): RequestBody {
  return new RequestBody(source, length, most)
}

async function textOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = ''
  for await (const piece of stream) text += Buffer.from(piece).toString('latin1')
  return text
}

const TOO_LARGE = { name: 'HttpError', status: 413 }
const READ_ALREADY = new TypeError('the body has been read already')

describe('a body read whole', () => {
  it.each([
    ['no piece', [], ''],
    ['one piece', ['hello'], 'hello'],
    ['some pieces', ['hel', 'l', 'o'], 'hello'],
  ])('is all of it, from %s', async (_, pieces, text) => {
    const body = bodyOf(new FakeSource(...pieces))
    expect(body.used).toBe(false)
    const reading = body.whole()
    expect(body.used).toBe(true)
    expect((await reading).toString()).toBe(text)
  })

  it.each([255, 256, 257, 1000])('is all of it, in order, from %i pieces of one octet', async (count) => {
    const pieces = Array.from({ length: count }, (_, index) => String(index % 10))
    expect((await bodyOf(new FakeSource(...pieces), { most: 1000 }).whole()).toString()).toBe(pieces.join(''))
  })

  it('is never held in more than some hundred pieces: the objects would weigh more than the body', async () => {
    const concat = vi.spyOn(Buffer, 'concat')
    onTestFinished(() => concat.mockRestore())
    await bodyOf(new FakeSource(...'x'.repeat(1000)), { most: 1000 }).whole()
    expect(Math.max(...concat.mock.calls.map(([pieces]) => pieces.length))).toBe(256)
  })

  it('cannot be read again', async () => {
    const source = new FakeSource('hello')
    const body = bodyOf(source)
    await body.whole()
    await expect(body.whole()).rejects.toThrow(READ_ALREADY)
    expect(source.reads).toBe(2)
  })

  it('cannot be read as a stream afterwards, nor meanwhile', async () => {
    const source = new FakeSource('hello')
    const body = bodyOf(source)
    const stream = body.stream()
    const reading = body.whole()
    await expect(stream.getReader().read()).rejects.toThrow(READ_ALREADY)
    expect((await reading).toString()).toBe('hello')
  })

  it('may be as large as the limit for buffers, and no larger', async () => {
    expect((await bodyOf(new FakeSource('ab', 'cd'), { most: 4 }).whole()).toString()).toBe('abcd')
    await expect(bodyOf(new FakeSource('ab', 'cde'), { most: 4 }).whole()).rejects.toMatchObject(TOO_LARGE)
  })

  it('is refused by its announced length before anything is read', async () => {
    const source = new FakeSource('abcde')
    await expect(bodyOf(source, { length: 5, most: 4 }).whole()).rejects.toMatchObject(TOO_LARGE)
    expect(source.reads).toBe(0)
  })

  it('has the lowest limit anybody set', async () => {
    const body = bodyOf(new FakeSource('abc'), { most: 100 })
    body.limit(2)
    body.limit(50)
    await expect(body.whole()).rejects.toMatchObject(TOO_LARGE)
  })

  it('fails as its source does', async () => {
    const gone = new TransportError('gone')
    await expect(bodyOf(new FakeSource('abc', gone)).whole()).rejects.toBe(gone)
  })
})

describe('a body read as a stream', () => {
  it('is read only when it is pulled', async () => {
    const source = new FakeSource('hel', 'lo')
    const body = bodyOf(source)
    const reader = body.stream().getReader()
    await Promise.resolve()
    expect([source.reads, body.used]).toEqual([0, false])
    await reader.read()
    expect([source.reads, body.used]).toEqual([1, true])
  })

  it('is all of it', async () => {
    const source = new FakeSource('hel', 'lo')
    expect(await textOf(bodyOf(source).stream())).toBe('hello')
  })

  it('is the same stream each time', () => {
    const body = bodyOf(new FakeSource())
    expect(body.stream()).toBe(body.stream())
  })

  it('cannot be read whole afterwards', async () => {
    const body = bodyOf(new FakeSource('hello'))
    await textOf(body.stream())
    await expect(body.whole()).rejects.toThrow(READ_ALREADY)
  })

  it('is not bound by the limit for buffers', async () => {
    expect(await textOf(bodyOf(new FakeSource('abc', 'def'), { most: 2 }).stream())).toBe('abcdef')
  })

  it('is bound by a limit that was set', async () => {
    const body = bodyOf(new FakeSource('ab', 'cd', 'e'))
    body.limit(4)
    const reader = body.stream().getReader()
    await reader.read()
    await reader.read()
    await expect(reader.read()).rejects.toMatchObject(TOO_LARGE)
  })

  it('fails as its source does', async () => {
    const gone = new TransportError('gone')
    await expect(textOf(bodyOf(new FakeSource('abc', gone)).stream())).rejects.toBe(gone)
  })

  it.each([0, 1])('takes no more from its source once it is cancelled, after %i pieces', async (pieces) => {
    const source = new FakeSource('a', 'b', 'c')
    const body = bodyOf(source)
    const reader = body.stream().getReader()
    for (let read = 0; read < pieces; read += 1) await reader.read()
    await reader.cancel()
    expect(await reader.read()).toMatchObject({ done: true })
    await expect(body.whole()).rejects.toThrow(READ_ALREADY)
    expect([source.reads, body.used]).toEqual([pieces, true])
  })
})
