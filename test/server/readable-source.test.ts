import { PassThrough, Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { ReadableSource } from '../../src/server/readable-source.ts'
import type { Piece } from '../../src/server/stream-source.ts'
import { turn } from '../support/server-harness.ts'

async function rest(source: ReadableSource): Promise<Piece[]> {
  const pieces: Piece[] = []
  for (let piece = await source.next(); piece !== null; piece = await source.next()) pieces.push(piece)
  return pieces
}

test('what is buffered is not joined: each piece is the one that was written', async () => {
  const stream = new PassThrough()
  const written = ['one', 'two', 'three'].map((text) => Buffer.from(text))
  for (const piece of written) stream.write(piece)
  stream.end()
  const pieces = await rest(new ReadableSource(stream))
  expect(pieces.every((piece, index) => piece === written[index])).toBe(true)
  expect(pieces).toHaveLength(3)
})

test.each<[what: string, stream: () => Readable, pieces: Piece[]]>([
  ['of text', () => Readable.from(['one', 'two']), ['one', 'two']],
  ['with an encoding', () => Readable.from([Buffer.from('é')], { objectMode: false }).setEncoding('utf8'), ['é']],
  ['that has ended before', () => ended(), []],
])('a stream %s is read', async (_what, stream, pieces) => {
  const one = stream()
  await turn()
  expect(await rest(new ReadableSource(one))).toEqual(pieces)
})

function ended(): Readable {
  const stream = Readable.from([])
  stream.resume()
  return stream
}

test('nothing is read ahead of who asks', async () => {
  let reads = 0
  const stream = new Readable({ highWaterMark: 1, read: () => void (stream.push(`${(reads += 1)}`), reads) })
  const source = new ReadableSource(stream)
  await turn()
  const before = reads
  expect(await source.next()).toEqual(Buffer.from('1'))
  await turn()
  expect(before).toBeLessThanOrEqual(1)
  expect(reads).toBeLessThanOrEqual(3)
  source.cancel()
})

test.each<[what: string, end: (stream: PassThrough) => void, message: RegExp]>([
  ['fails', (stream) => void stream.destroy(new Error('no luck')), /no luck/],
  ['is closed before its end', (stream) => void stream.destroy(), /Premature close/],
])('a stream that %s is no stream that ends', async (_what, end, message) => {
  const stream = new PassThrough()
  const source = new ReadableSource(stream)
  stream.write('one')
  expect(await source.next()).toEqual(Buffer.from('one'))
  const pending = source.next()
  end(stream)
  await expect(pending).rejects.toThrow(message)
  await expect(source.next()).rejects.toThrow(message)
})

test('a stream that emits although it was paused loses nothing', async () => {
  const stream = new PassThrough()
  const source = new ReadableSource(stream)
  stream.emit('data', 'one')
  stream.emit('data', 'two')
  stream.end()
  expect(await rest(source)).toEqual(['one', 'two'])
})

test('one that is let go is destroyed, and says nothing of it', async () => {
  const stream = new PassThrough()
  const source = new ReadableSource(stream)
  const pending = source.next()
  source.cancel()
  expect(stream.destroyed).toBe(true)
  await expect(pending).rejects.toThrow('Premature close')
})
