import { Framing, mayFrame } from './framing.ts'
import { FIELD_LINE, METHOD, REQUEST_LINE } from './grammar.ts'
import { fieldLineFault, type LineBegun, requestLineFault } from './head-faults.ts'
import type { Limits } from './limits.ts'
import { type ProtocolError, protocolErrors } from './protocol-errors.ts'
import { RequestHead } from './request-head.ts'
import { applyTarget } from './request-target.ts'

/** Methods of RFC 9110 §9 and RFC 5789, so that each request's method is the same string object and not a new one. */
const KNOWN_METHODS = new Map(
  ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'CONNECT', 'TRACE'].map((method) => [method, method]),
)

const CR = 0x0d
const LF = 0x0a

/** `more`: the head is not complete yet. */
export type HeadResult = RequestHead | ProtocolError | 'more'

/**
 * Reads one head after the other from text that grows at its end. Each line is looked at when it is complete; of one that is not,
 * only the new octets are, so that a head sent octet by octet costs linear time.
 */
export class HeadParser implements LineBegun {
  /** Latin1; heads are read from `at` on. */
  text = ''
  at = 0
  /** Of the incomplete line at `at`: up to here it has been looked at. */
  seen = 0
  readonly #limits: Limits
  #head: RequestHead | null = null
  #framing: Framing
  #fields = 0
  #skippedEmptyLine = false

  constructor(limits: Limits) {
    this.#limits = limits
    this.#framing = new Framing(limits)
  }

  /** True when some octets of a request have come, but not its whole head. */
  get begun(): boolean {
    return this.#head !== null || this.at < this.text.length
  }

  /** Of the head that is being read, or was refused, be it for its request line: what that begins with. */
  get method(): string {
    if (this.#head !== null) return this.#head.method
    METHOD.lastIndex = this.at
    return METHOD.exec(this.text)?.[0] ?? ''
  }

  append(text: string): void {
    if (this.#head === null && this.at > 0) {
      this.text = this.text.slice(this.at)
      this.seen = Math.max(0, this.seen - this.at)
      this.at = 0
    }
    this.text += text
  }

  /** Forgets the text behind the last head: it is that head's body. */
  drop(): void {
    this.text = ''
    this.#advanceTo(0)
  }

  /** Call again with more text after `more`; not after an error. */
  parse(): HeadResult {
    if (this.#head === null) {
      const line = this.#requestLine()
      if (line !== null) return line
    }
    return this.#fieldLines()
  }

  #requestLine(): ProtocolError | 'more' | null {
    if (this.#atEmptyLine()) return 'more'
    const { max_url_len } = this.#limits
    return this.#line(REQUEST_LINE, max_url_len) ? this.#begin() : this.#stuck(requestLineFault(this, max_url_len))
  }

  /**
   * RFC 9112 §2.2: at least one empty line before the request line is ignored. Exactly one, here: a flood of them is not a request.
   * True while nothing but that line has come.
   */
  #atEmptyLine(): boolean {
    if (this.#skippedEmptyLine || this.text.charCodeAt(this.at) !== CR) return this.at === this.text.length
    if (this.at + 1 === this.text.length) return true
    if (this.text.charCodeAt(this.at + 1) !== LF) return false
    this.#skippedEmptyLine = true
    this.#advanceTo(this.at + 2)
    return this.at === this.text.length
  }

  #begin(): ProtocolError | null {
    const { text } = this
    const start = this.at
    const end = REQUEST_LINE.lastIndex
    const space = text.indexOf(' ', start)
    const method = text.slice(start, space)
    const head = new RequestHead(KNOWN_METHODS.get(method) ?? method, text.slice(space + 1, end - 11), text.charCodeAt(end - 3) - 0x30)
    this.#head = head
    head.fieldsStart = end
    this.#advanceTo(end)
    return applyTarget(head)
  }

  #fieldLines(): HeadResult {
    const head = this.#head as RequestHead
    const { max_header_line, max_header_size } = this.#limits
    for (;;) {
      const { text, at } = this
      if (text.charCodeAt(at) === CR && text.charCodeAt(at + 1) === LF) return this.#finish(head)
      if (!this.#line(FIELD_LINE, max_header_line)) return this.#stuck(fieldLineFault(this, max_header_line, head.fieldsStart + max_header_size))
      const wrong = this.#field(FIELD_LINE.lastIndex)
      if (wrong !== null) return wrong
    }
  }

  #field(end: number): ProtocolError | null {
    const { text, at } = this
    this.#fields += 1
    if (this.#sectionSize(end) > this.#limits.max_header_size) return protocolErrors.fieldsTooLarge
    if (this.#fields > this.#limits.max_headers) return protocolErrors.tooManyFields
    const colon = text.indexOf(':', at)
    const wrong = mayFrame(colon - at) ? this.#framing.apply(text, at, colon, end - 2) : null
    this.#advanceTo(end)
    return wrong
  }

  #finish(head: RequestHead): RequestHead | ProtocolError {
    const end = this.at + 2
    if (this.#sectionSize(end) > this.#limits.max_header_size) return protocolErrors.fieldsTooLarge
    head.text = this.text
    head.fieldsEnd = this.at
    const wrong = this.#framing.finish(head)
    if (wrong !== null) return wrong
    this.#advanceTo(end)
    this.#head = null
    this.#fields = 0
    this.#skippedEmptyLine = false
    return head
  }

  /** Tries the complete line at `at`; a line of `limit` octets or more is too long. False: it is not complete, or something is wrong with it. */
  #line(pattern: RegExp, limit: number): boolean {
    const { text, at } = this
    if (this.seen > at && text.indexOf('\n', this.seen) === -1) return false
    pattern.lastIndex = at
    return pattern.test(text) && pattern.lastIndex - at < limit
  }

  /** Everything that has come has been looked at. */
  #stuck(fault: ProtocolError | null): ProtocolError | 'more' {
    this.seen = this.text.length
    return fault ?? 'more'
  }

  #sectionSize(end: number): number {
    return end - (this.#head as RequestHead).fieldsStart
  }

  #advanceTo(at: number): void {
    this.at = at
    this.seen = at
  }
}
