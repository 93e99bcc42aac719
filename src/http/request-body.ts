import { HttpError } from '../errors.ts'

/** So many pieces of a body that is read whole become one: the objects of a body that came octet by octet would weigh a hundred times its octets. */
const PIECES = 256

/** Where a body's octets come from: the connection, asked for one piece after the other. */
export interface BodySource {
  /** The next piece, or null at the end. Rejects when the client, or the wire, fails. */
  read(): Promise<Buffer | null>
}

/** The body of one request: read once, as a stream or whole, up to a limit. */
export class RequestBody {
  readonly #source: BodySource
  /** Content-Length, or -1. Octets, as all of these. */
  readonly #length: number
  readonly #mostBuffered: number
  #most = Number.POSITIVE_INFINITY
  #received = 0
  #streaming = false
  #stream: ReadableStream<Uint8Array> | null = null
  used = false

  constructor(source: BodySource, length: number, mostBuffered: number) {
    this.#source = source
    this.#length = length
    this.#mostBuffered = mostBuffered
  }

  /** Lowers the limit. Throws HttpError 413 at once when Content-Length is beyond it. */
  limit(octets: number): void {
    this.#most = Math.min(this.#most, octets)
    if (this.#length > this.#most) throw tooLarge()
  }

  /** Everything in one buffer. Rejects with 413 beyond the limit, and with TypeError when it was read before, as fetch does. */
  async whole(): Promise<Buffer> {
    this.#use()
    this.limit(this.#mostBuffered)
    const pieces: Buffer[] = []
    let joined = 0
    for (let piece = await this.#read(); piece !== null; piece = await this.#read()) {
      pieces.push(piece)
      if (pieces.length - joined === PIECES) pieces.push(Buffer.concat(pieces.splice(joined++)))
    }
    return pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces)
  }

  /** The same stream each time. Nothing is read from the socket before it is pulled; fails with TypeError when the body was read whole. */
  stream(): ReadableStream<Uint8Array> {
    return (this.#stream ??= this.#makeStream())
  }

  #makeStream(): ReadableStream<Uint8Array> {
    const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
      if (!this.#streaming) this.#use()
      this.#streaming = true
      const piece = await this.#read()
      if (piece === null) controller.close()
      else controller.enqueue(piece)
    }
    const cancel = (): void => {
      this.used = true
    }
    return new ReadableStream({ pull, cancel }, { highWaterMark: 0 })
  }

  #use(): void {
    if (this.used) throw new TypeError('the body has been read already')
    this.used = true
  }

  async #read(): Promise<Buffer | null> {
    const piece = await this.#source.read()
    this.#received += piece === null ? 0 : piece.length
    if (this.#received > this.#most) throw tooLarge()
    return piece
  }
}

function tooLarge(): HttpError {
  return new HttpError(413, 'the body is too large')
}
