import { FIELD_LINE, METHOD_BEGUN, NEVER_IN_HEAD, NEVER_IN_REQUEST_LINE, REQUEST_LINE } from './grammar.ts'
import { Framing, mayFrame } from './framing.ts'
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
export class HeadParser {
  /** Latin1; heads are read from `at` on. */
  text = ''
  at = 0
  readonly #limits: Limits
  #head: RequestHead | null = null
  #framing: Framing
  #fields = 0
  /** Of the incomplete line at `at`: up to here it has been looked at. */
  #seen = 0
  #skippedEmptyLine = false

  constructor(limits: Limits) {
    this.#limits = limits
    this.#framing = new Framing(limits)
  }

  /** True when some octets of a request have come, but not its whole head. */
  get begun(): boolean {
    return this.#head !== null || this.at < this.text.length
  }

  append(text: string): void {
    if (this.#head === null && this.at > 0) {
      this.text = this.text.slice(this.at)
      this.#seen = Math.max(0, this.#seen - this.at)
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
    const found = this.#line(REQUEST_LINE, this.#limits.max_url_len)
    if (found === 'ok') return this.#begin()
    if (found === 'more') return this.#garbage(NEVER_IN_REQUEST_LINE, protocolErrors.badRequestLine) ?? this.#notAMethod() ?? 'more'
    return found === 'too long' ? protocolErrors.requestLineTooLong : whatIsWrongWithLine(this.#badLine())
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
    const wrong = applyTarget(head)
    if (wrong !== null) return wrong
    head.fieldsStart = end
    this.#advanceTo(end)
    this.#head = head
    return null
  }

  #fieldLines(): HeadResult {
    const head = this.#head as RequestHead
    for (;;) {
      if (this.text.charCodeAt(this.at) === CR && this.text.charCodeAt(this.at + 1) === LF) return this.#finish(head)
      const found = this.#line(FIELD_LINE, this.#limits.max_header_line)
      if (found !== 'ok') return this.#stuckInFields(found)
      const wrong = this.#field(FIELD_LINE.lastIndex)
      if (wrong !== null) return wrong
    }
  }

  #field(end: number): ProtocolError | null {
    const { text, at } = this
    this.#fields += 1
    if (this.#fields > this.#limits.max_headers) return protocolErrors.tooManyFields
    if (this.#sectionSize(end) > this.#limits.max_header_size) return protocolErrors.fieldsTooLarge
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
    this.#advanceTo(end)
    this.#head = null
    this.#fields = 0
    this.#skippedEmptyLine = false
    return wrong ?? head
  }

  #stuckInFields(found: 'bad' | 'more' | 'too long'): ProtocolError | 'more' {
    if (found === 'too long') return protocolErrors.fieldTooLong
    if (found === 'bad') return whatIsWrongWithField(this.#badLine())
    if (this.#sectionSize(this.text.length) > this.#limits.max_header_size) return protocolErrors.fieldsTooLarge
    return this.#garbage(NEVER_IN_HEAD, protocolErrors.badField) ?? 'more'
  }

  /** Tries the complete line at `at`. A line of `limit` octets or more is too long, whether complete or not. */
  #line(pattern: RegExp, limit: number): 'ok' | 'more' | 'too long' | 'bad' {
    const { text, at } = this
    const started = this.#seen > at
    if (started && text.indexOf('\n', this.#seen) === -1) return text.length - at >= limit ? 'too long' : 'more'
    pattern.lastIndex = at
    if (pattern.test(text)) return pattern.lastIndex - at >= limit ? 'too long' : 'ok'
    const lineEnd = text.indexOf('\n', at)
    if ((lineEnd === -1 ? text.length - 1 : lineEnd) - at + 1 >= limit) return 'too long'
    return lineEnd === -1 ? 'more' : 'bad'
  }

  /** Looks at the octets that are new in an incomplete line, and at the one before them, which may be a CR. */
  #garbage(never: RegExp, error: ProtocolError): ProtocolError | null {
    never.lastIndex = Math.max(this.at, this.#seen - 1)
    this.#seen = this.text.length
    return never.test(this.text) ? error : null
  }

  #notAMethod(): ProtocolError | null {
    METHOD_BEGUN.lastIndex = this.at
    return METHOD_BEGUN.test(this.text) ? null : protocolErrors.badRequestLine
  }

  #badLine(): string {
    return this.text.slice(this.at, this.text.indexOf('\n', this.at) + 1)
  }

  #sectionSize(end: number): number {
    return end - (this.#head as RequestHead).fieldsStart
  }

  #advanceTo(at: number): void {
    this.at = at
    this.#seen = at
  }
}

function whatIsWrongWithLine(line: string): ProtocolError {
  if (!line.endsWith('\r\n')) return protocolErrors.bareLineEnd
  return /^[^ ]+ [^ ]+ HTTP\/[0-9]\.[0-9]\r\n$/.test(line) && !/ HTTP\/1\.[0-9]\r\n$/.test(line)
    ? protocolErrors.badVersion
    : protocolErrors.badRequestLine
}

function whatIsWrongWithField(line: string): ProtocolError {
  if (line.startsWith(' ') || line.startsWith('\t')) return protocolErrors.foldedField
  return line.endsWith('\r\n') ? protocolErrors.badField : protocolErrors.bareLineEnd
}
