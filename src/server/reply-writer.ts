import type { EncodedReply } from '../http/reply-encoder.ts'
import { openStream } from './open-stream.ts'
import type { Outflow } from './outflow.ts'
import type { StreamSource } from './stream-source.ts'

/** The app gave more or fewer octets than the Content-Length it announced (RFC 9110 §8.6). */
class LengthMismatch extends Error {
  override readonly name = 'LengthMismatch'
}

/**
 * Puts one encoded reply on the wire. A small one, head and body, is one write; anything else is written as fast as the client reads.
 */
export class ReplyWriter {
  readonly #out: Outflow
  /** Octets given to the socket. */
  bytes = 0
  #source: StreamSource | null = null

  constructor(out: Outflow) {
    this.#out = out
  }

  /** Resolves, or returns nothing at once, when the last octet is with the socket. Rejects when the body fails. */
  write(reply: EncodedReply): Promise<void> | undefined {
    const { head, body } = reply
    if (body === null) return this.#head(head)
    if (typeof body === 'string') return this.#text(reply, body)
    if (body instanceof Uint8Array) return this.#octets(head, body)
    this.#source = openStream(body)
    return this.#stream(reply, this.#source)
  }

  /** Lets the app's stream go. */
  cancel(reason: Error): void {
    this.#source?.cancel(reason)
  }

  #head(head: string): undefined {
    this.bytes += head.length
    this.#out.text(head)
  }

  /** A text as long in octets as in characters is ASCII and goes with the head in one latin1 write, the cheapest there is. */
  #text(reply: EncodedReply, body: string): Promise<void> | undefined {
    if (reply.length !== body.length || reply.length > this.#out.piece) return this.#octets(reply.head, Buffer.from(body))
    return this.#head(reply.head + body)
  }

  #octets(head: string, body: Uint8Array): Promise<void> | undefined {
    if (body.length > this.#out.piece) return this.#pieces(head, body)
    this.#head(head)
    this.#piece(body)
    return undefined
  }

  async #pieces(head: string, body: Uint8Array): Promise<void> {
    this.#head(head)
    let rest = body
    while (rest.length > 0) {
      const { piece } = this.#out
      if (!this.#piece(rest.subarray(0, piece))) await this.#out.room()
      rest = rest.subarray(piece)
    }
  }

  #piece(piece: Uint8Array, behind = ''): boolean {
    this.bytes += piece.length + behind.length
    return this.#out.octets(piece, behind)
  }

  async #stream(reply: EncodedReply, source: StreamSource): Promise<void> {
    this.#head(reply.head)
    let sent = 0
    for (let piece = await source.next(); piece !== null; piece = await source.next()) {
      const octets = typeof piece === 'string' ? Buffer.from(piece) : piece
      if (octets.length === 0) continue
      sent += octets.length
      if (reply.framing === 'length' && sent > reply.length) throw new LengthMismatch(`the body is longer than its content-length of ${reply.length}`)
      if (!(reply.framing === 'chunked' ? this.#chunk(octets) : this.#piece(octets))) await this.#out.room()
    }
    if (reply.framing === 'length' && sent < reply.length) throw new LengthMismatch(`the body ended after ${sent} of ${reply.length} octets`)
    if (reply.framing === 'chunked') this.#head('0\r\n\r\n')
  }

  /** RFC 9112 §7.1. */
  #chunk(octets: Uint8Array): boolean {
    this.#head(`${octets.length.toString(16)}\r\n`)
    return this.#piece(octets, '\r\n')
  }
}
