const NOTHING = Buffer.alloc(0)

/** Octets that came and are not yet read. Nearly always one buffer as the socket gave it, so nothing is copied. */
export class ByteQueue {
  #bytes: Buffer = NOTHING
  #at = 0

  get size(): number {
    return this.#bytes.length - this.#at
  }

  /** Keeps `bytes` as they are; copies only when earlier ones were left unread, which the reader's pauses bound. */
  push(bytes: Buffer): void {
    this.#bytes = this.size === 0 ? bytes : Buffer.concat([this.#bytes.subarray(this.#at), bytes])
    this.#at = 0
  }

  /** Up to `most` octets, sharing memory with what was pushed. */
  take(most: number): Buffer {
    const end = Math.min(this.#bytes.length, this.#at + most)
    const piece = this.#at === 0 && end === this.#bytes.length ? this.#bytes : this.#bytes.subarray(this.#at, end)
    this.#drop(end)
    return piece
  }

  /** Up to `most` octets as latin1 text; they stay in the queue. */
  peekText(most: number): string {
    return this.#bytes.toString('latin1', this.#at, Math.min(this.#bytes.length, this.#at + most))
  }

  skip(count: number): void {
    this.#drop(this.#at + count)
  }

  /** Where the octet stands, counted from the front, or -1. */
  indexOf(octet: number): number {
    const found = this.#bytes.indexOf(octet, this.#at)
    return found === -1 ? -1 : found - this.#at
  }

  /** An empty queue must not hold on to the 64 KiB the socket read into: thousands of idle connections have one. */
  #drop(end: number): void {
    this.#at = end
    if (end === this.#bytes.length) {
      this.#bytes = NOTHING
      this.#at = 0
    }
  }
}
