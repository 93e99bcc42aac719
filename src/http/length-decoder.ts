import type { BodyDecoder, BodyEvent } from './body-decoder.ts'
import type { ByteQueue } from './byte-queue.ts'

/** A body with Content-Length (RFC 9112 §6.3 item 6). */
export class LengthDecoder implements BodyDecoder {
  #left: number

  constructor(length: number) {
    this.#left = length
  }

  next(queue: ByteQueue): BodyEvent {
    if (this.#left === 0) return 'end'
    if (queue.size === 0) return 'more'
    const piece = queue.take(this.#left)
    this.#left -= piece.length
    return piece
  }
}
