const NOTHING = Buffer.alloc(0)

/**
 * Octets that came and are not yet read. They are lent, in the buffer the socket read into, until `keep`: most are read by then, and nothing
 * is copied.
 */
export class ByteQueue {
  #bytes: Buffer = NOTHING
  #at = 0
  #end = 0
  #lent = false

  get size(): number {
    return this.#end - this.#at
  }

  /** Adds the first `length` of `bytes`. Copies when earlier ones were left unread, which the reader's pauses bound. */
  push(bytes: Buffer, length: number = bytes.length): void {
    this.#lent = this.size === 0
    this.#bytes = this.#lent ? bytes : Buffer.concat([this.#bytes.subarray(this.#at, this.#end), bytes.subarray(0, length)])
    this.#end = this.#lent ? length : this.#bytes.length
    this.#at = 0
  }

  /** What is not read yet is ours from now on: the lender may write to his buffer. */
  keep(): void {
    if (!this.#lent) return
    this.#lent = false
    if (this.size === 0) return
    // Not Buffer.from, which would fill the new buffer with zeros first.
    const own = Buffer.allocUnsafe(this.size)
    this.#end = this.#bytes.copy(own, 0, this.#at, this.#end)
    this.#bytes = own
    this.#at = 0
  }

  /** Up to `most` octets, sharing memory with the queue. Of kept ones only. */
  take(most: number): Buffer {
    const end = Math.min(this.#end, this.#at + most)
    const piece = this.#at === 0 && end === this.#bytes.length ? this.#bytes : this.#bytes.subarray(this.#at, end)
    this.#drop(end)
    return piece
  }

  /** Up to `most` octets as latin1 text; they stay in the queue. */
  peekText(most: number): string {
    return this.#bytes.toString('latin1', this.#at, Math.min(this.#end, this.#at + most))
  }

  skip(count: number): void {
    this.#drop(this.#at + count)
  }

  /** Where the octet stands, counted from the front, or -1. Of kept ones only. */
  indexOf(octet: number): number {
    const found = this.#bytes.indexOf(octet, this.#at)
    return found === -1 ? -1 : found - this.#at
  }

  /** An empty queue must not hold on to the 64 KiB the socket read into: thousands of idle connections have one. */
  #drop(end: number): void {
    this.#at = end
    if (end < this.#end) return
    this.#bytes = NOTHING
    this.#at = this.#end = 0
  }
}
