import { pipeline, Readable, type Transform } from 'node:stream'
import type * as Zlib from 'node:zlib'

/** One content coding (RFC 9110 §8.4.1). */
export interface Encoder {
  readonly name: string
  whole(body: string | Uint8Array): Uint8Array
  wholeLater(body: string | Uint8Array): Promise<Uint8Array>
  /** Gives out each piece as it comes, without waiting for more. What goes wrong on one side ends the other. */
  stream(body: Stream): Readable
}

/** A body that comes piece by piece: Node's, the web's, or any. */
export type Stream = AsyncIterable<Uint8Array | string>

/** How hard each coding tries. */
export interface Levels {
  readonly gzip_level: number
  readonly br_level: number
  readonly zstd_level: number
}

type Input = string | Uint8Array
type Settled = (error: Error | null, encoded: Uint8Array) => void

/** What every coding of zlib's has in common. `O`: its options. */
interface Coding<O> {
  readonly name: string
  readonly sync: (body: Input, options: O) => Uint8Array
  readonly async: (body: Input, options: O, settled: Settled) => void
  readonly create: (options: O) => Transform
  readonly options: O
  /** The flush after each piece of a stream. */
  readonly flush: number
}

/** Zstandard came with Node 22.15 and 23.8. */
interface Zstd {
  readonly zstdCompressSync: Coding<ZstdOptions>['sync']
  readonly zstdCompress: Coding<ZstdOptions>['async']
  readonly createZstdCompress: Coding<ZstdOptions>['create']
  readonly constants: { readonly ZSTD_c_compressionLevel: number; readonly ZSTD_e_flush: number }
}

interface ZstdOptions {
  readonly params: Record<number, number>
}

/** Those this Node has. */
export async function makeEncoders(levels: Levels): Promise<readonly Encoder[]> {
  const zlib = await import('node:zlib')
  const { constants } = zlib
  return [
    ...zstdOf(zlib, levels.zstd_level),
    makeEncoder({
      name: 'br',
      sync: zlib.brotliCompressSync,
      async: zlib.brotliCompress,
      create: zlib.createBrotliCompress,
      options: { params: { [constants.BROTLI_PARAM_QUALITY]: levels.br_level } },
      flush: constants.BROTLI_OPERATION_FLUSH,
    }),
    makeEncoder({
      name: 'gzip',
      sync: zlib.gzipSync,
      async: zlib.gzip,
      create: zlib.createGzip,
      options: { level: levels.gzip_level },
      flush: constants.Z_SYNC_FLUSH,
    }),
  ]
}

function zstdOf(zlib: typeof Zlib, level: number): Encoder[] {
  if (!('createZstdCompress' in zlib)) return []
  const { zstdCompressSync: sync, zstdCompress: async, createZstdCompress: create, constants } = zlib as unknown as Zstd
  return [makeEncoder({ name: 'zstd', sync, async, create, options: { params: { [constants.ZSTD_c_compressionLevel]: level } }, flush: constants.ZSTD_e_flush })]
}

function makeEncoder<O>({ name, sync, async, create, options, flush }: Coding<O>): Encoder {
  const flushed = { ...options, flush }
  return {
    name,
    whole: (body) => sync(body, options),
    wholeLater: (body) =>
      new Promise((resolve, reject) => {
        async(body, options, (error, encoded) => (error === null ? resolve(encoded) : reject(error)))
      }),
    stream: (body) => pipeline(readableOf(body), create(flushed), ignore),
  }
}

function readableOf(body: Stream): Readable {
  if (body instanceof Readable) return body
  // Its own iterator could not be ended while a read is pending.
  return body instanceof ReadableStream ? Readable.fromWeb(body) : Readable.from(body)
}

function ignore(): void {
  // Whoever reads the encoded stream is told.
}
