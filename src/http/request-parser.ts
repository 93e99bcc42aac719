import type { BodyDecoder, BodyEvent } from './body-decoder.ts'
import { ByteQueue } from './byte-queue.ts'
import { ChunkedDecoder } from './chunked-decoder.ts'
import { HeadParser, type HeadResult } from './head-parser.ts'
import { LengthDecoder } from './length-decoder.ts'
import type { Limits } from './limits.ts'
import { RequestHead } from './request-head.ts'

/** Text is decoded in steps of this many octets, so that a large body behind a head is not decoded with it. */
const WINDOW = 16_384

/**
 * The bytes of one connection, read as requests one behind the other (RFC 9112 §9.3.2). No I/O: bytes go in by `feed`; heads and
 * pieces of bodies are asked for, so that nothing is read ahead of who needs it.
 */
export class RequestParser {
  readonly #limits: Limits
  readonly #queue = new ByteQueue()
  readonly #heads: HeadParser
  /** How much of the text in `#heads`, at its end, is still in `#queue` as well. */
  #peeked = 0
  #body: BodyDecoder | null = null

  constructor(limits: Limits) {
    this.#limits = limits
    this.#heads = new HeadParser(limits)
  }

  /** The first `length` octets of `bytes`, read from the socket. They are lent until `keep`. */
  feed(bytes: Buffer, length: number = bytes.length): void {
    this.#queue.push(bytes, length)
    if (this.#body !== null) this.#queue.keep()
  }

  /** Copies what is not read yet: the buffer it came in may be written to again. */
  keep(): void {
    this.#queue.keep()
  }

  /** Asked after `nextHead` wanted more: true when part of a head has come. */
  get headBegun(): boolean {
    return this.#heads.begun
  }

  /** True when what has come are whole requests, all of them read. */
  get allRead(): boolean {
    return this.#body === null && this.#queue.size === 0 && !this.#heads.begun
  }

  /** The method of the head that was refused, if that much of it was read: to HEAD nothing is answered but a head (RFC 9110 §9.3.2). */
  get method(): string {
    return this.#heads.method
  }

  /** The next head, once the body of the last one has been read. After an error nothing more can be read. */
  nextHead(): HeadResult {
    for (;;) {
      const result = this.#heads.parse()
      if (result instanceof RequestHead) return this.#complete(result)
      if (result !== 'more' || !this.#moreText()) return result
    }
  }

  /** The next piece of the body of the last head. */
  nextBody(): BodyEvent {
    const event = (this.#body as BodyDecoder).next(this.#queue)
    if (event === 'end') this.#body = null
    return event
  }

  #moreText(): boolean {
    this.#queue.skip(this.#peeked)
    const text = this.#queue.peekText(WINDOW)
    this.#heads.append(text)
    this.#peeked = text.length
    return text.length > 0
  }

  /** What is behind the head stays in `#heads` only if it is another head: an idle connection must not hold on to the text of its last one. */
  #complete(head: RequestHead): RequestHead {
    const { text, at } = this.#heads
    const behind = text.length - at
    this.#queue.skip(this.#peeked - behind)
    this.#peeked = head.hasBody ? 0 : behind
    if (this.#peeked === 0) this.#heads.drop()
    if (head.hasBody) this.#beginBody(head)
    return head
  }

  #beginBody(head: RequestHead): void {
    this.#queue.keep()
    this.#body = head.chunked ? new ChunkedDecoder(this.#limits) : new LengthDecoder(head.contentLength)
  }
}
