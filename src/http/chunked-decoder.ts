import type { BodyDecoder, BodyEvent } from './body-decoder.ts'
import type { ByteQueue } from './byte-queue.ts'
import { CHUNK_LINE, FIELD_LINE, NEVER_IN_HEAD } from './grammar.ts'
import { type Limits, MAX_CHUNK_LINE, MAX_EXTENSIONS, MAX_TRAILERS } from './limits.ts'
import { type ProtocolError, protocolErrors } from './protocol-errors.ts'

const LF = 0x0a

/** What comes next: a size line, octets of the chunk, the CRLF behind them, a trailer line. */
type State = 'size' | 'data' | 'data end' | 'trailer'

/** A body with Transfer-Encoding: chunked (RFC 9112 §7.1). Extensions and trailers are checked and dropped (§7.1.1, §7.1.2). */
export class ChunkedDecoder implements BodyDecoder {
  readonly #limits: Limits
  /** As it was when the body began: limits may change under way, and this one has been let in. */
  readonly #most: number
  #state: State = 'size'
  /** The line that is not complete yet. */
  #line = ''
  /** Octets of this chunk still to come. */
  #left = 0
  #received = 0
  #extensions = 0
  #trailers = 0
  #trailerFields = 0

  constructor(limits: Limits) {
    this.#limits = limits
    this.#most = limits.max_body_size
  }

  next(queue: ByteQueue): BodyEvent {
    for (;;) {
      const event = this.#state === 'data' ? this.#data(queue) : this.#lineOf(queue)
      if (event !== null) return event
    }
  }

  #data(queue: ByteQueue): BodyEvent | null {
    if (queue.size === 0) return 'more'
    const piece = queue.take(this.#left)
    this.#left -= piece.length
    if (this.#left === 0) this.#state = 'data end'
    return piece
  }

  #lineOf(queue: ByteQueue): BodyEvent | null {
    const room = this.#lineLimit() - this.#line.length
    const found = queue.indexOf(LF)
    const complete = found !== -1 && found < room
    const part = queue.peekText(complete ? found + 1 : room)
    queue.skip(part.length)
    this.#line += part
    if (!complete) return this.#garbage(part.length) ?? (queue.size > 0 ? this.#tooLong() : 'more')
    const line = this.#line
    this.#line = ''
    return this.#take(line)
  }

  #lineLimit(): number {
    if (this.#state === 'data end') return 2
    return this.#state === 'size' ? MAX_CHUNK_LINE : MAX_TRAILERS - this.#trailers
  }

  /** Two octets behind data that are no CRLF are garbage before they are too long. */
  #tooLong(): ProtocolError {
    return this.#state === 'trailer' ? protocolErrors.trailersTooLarge : protocolErrors.chunkLineTooLong
  }

  /** Refuses what can become no valid line, without waiting for its end. The octet before the new ones may be a CR. */
  #garbage(added: number): ProtocolError | null {
    if (this.#state === 'data end') return '\r\n'.startsWith(this.#line) ? null : protocolErrors.badChunk
    if (this.#state === 'size' && !/^(?:$|[0-9A-Fa-f]+(?:[ \t]*;|[ \t]*$|\r$))/.test(this.#line)) return protocolErrors.badChunk
    NEVER_IN_HEAD.lastIndex = Math.max(0, this.#line.length - added - 1)
    if (!NEVER_IN_HEAD.test(this.#line)) return null
    return this.#state === 'trailer' ? protocolErrors.badTrailer : protocolErrors.badChunk
  }

  #take(line: string): BodyEvent | null {
    if (this.#state === 'size') return this.#size(line)
    if (this.#state === 'trailer') return this.#trailer(line)
    this.#state = 'size'
    return line === '\r\n' ? null : protocolErrors.badChunk
  }

  #size(line: string): ProtocolError | null {
    const match = CHUNK_LINE.exec(line)
    if (match === null) return protocolErrors.badChunk
    const [, digits = ''] = match
    this.#extensions += line.length - digits.length - 2
    if (this.#extensions > MAX_EXTENSIONS) return protocolErrors.extensionsTooLarge
    this.#left = Number.parseInt(digits, 16)
    this.#received += this.#left
    this.#state = this.#left === 0 ? 'trailer' : 'data'
    return this.#most > 0 && this.#received > this.#most ? protocolErrors.bodyTooLarge : null
  }

  #trailer(line: string): 'end' | ProtocolError | null {
    if (line === '\r\n') return 'end'
    this.#trailers += line.length
    this.#trailerFields += 1
    if (this.#trailerFields > this.#limits.max_headers) return protocolErrors.tooManyFields
    FIELD_LINE.lastIndex = 0
    return FIELD_LINE.test(line) ? null : protocolErrors.badTrailer
  }
}
