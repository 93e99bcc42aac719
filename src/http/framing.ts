import { HOST } from './authority.ts'
import { flat } from './flat.ts'
import { CONTENT_LENGTH, trimBlanks } from './grammar.ts'
import type { Limits } from './limits.ts'
import { type ProtocolError, protocolErrors } from './protocol-errors.ts'
import type { RequestHead } from './request-head.ts'

/** Name lengths of the five fields that decide how a connection goes on: host, expect, connection, content-length, transfer-encoding. */
const LENGTHS = (1 << 4) | (1 << 6) | (1 << 10) | (1 << 14) | (1 << 17)

const SP = 0x20

/** False when a field with a name of this length cannot be one of the five: most need not be read at all. */
export function mayFrame(nameLength: number): boolean {
  return ((LENGTHS >> nameLength) & 1) === 1
}

/**
 * Where one request ends, whether its connection stays, and whom it is for (RFC 9112 §3.2, §6, §9.3). Gathers fields, then judges them
 * together.
 */
export class Framing {
  readonly #limits: Limits
  #host: string | null = null
  #contentLength: string | null = null
  #coding: string | null = null
  #connection: string | null = null
  #expectation: string | null = null
  /** The last Host found valid: clients send the same one again and again. Flat, as a part of the head would keep all of it in memory. */
  #validHost = ''

  constructor(limits: Limits) {
    this.#limits = limits
  }

  /** Takes the field line of `text` whose name is [start, colon) and whose value ends at `end`. */
  apply(text: string, start: number, colon: number, end: number): ProtocolError | null {
    switch (text.slice(start, colon).toLowerCase()) {
      case 'host':
        return this.#applyHost(this.#sameHost(text, colon, end) ? this.#validHost : trimBlanks(text, colon + 1, end))
      case 'content-length':
        return this.#applyContentLength(trimBlanks(text, colon + 1, end))
      case 'transfer-encoding':
        this.#coding = joined(this.#coding, trimBlanks(text, colon + 1, end))
        return null
      case 'connection':
        this.#connection = joined(this.#connection, trimBlanks(text, colon + 1, end))
        return null
      case 'expect':
        this.#expectation = joined(this.#expectation, trimBlanks(text, colon + 1, end))
        return null
      default:
        return null
    }
  }

  /** Writes what was gathered into `head`, and forgets it. */
  finish(head: RequestHead): ProtocolError | null {
    const wrong = this.#finishHost(head) ?? this.#finishBody(head) ?? this.#finishExpectation(head)
    this.#finishConnection(head)
    this.#host = this.#contentLength = this.#coding = this.#connection = this.#expectation = null
    return wrong
  }

  /** The usual `Host: value` once more, told without cutting the value out. */
  #sameHost(text: string, colon: number, end: number): boolean {
    return colon + 2 + this.#validHost.length === end && text.startsWith(this.#validHost, colon + 2) && text.charCodeAt(colon + 1) === SP
  }

  #applyHost(value: string): ProtocolError | null {
    if (this.#host !== null) return protocolErrors.repeatedHost
    this.#host = value
    if (value === this.#validHost) return null
    if (!HOST.test(value)) return protocolErrors.badHost
    this.#validHost = flat(value)
    return null
  }

  #applyContentLength(value: string): ProtocolError | null {
    if (this.#contentLength !== null) return protocolErrors.repeatedContentLength
    this.#contentLength = value
    return CONTENT_LENGTH.test(value) ? null : protocolErrors.badContentLength
  }

  #finishHost(head: RequestHead): ProtocolError | null {
    if (this.#host === null && head.minor > 0) return protocolErrors.missingHost
    if (head.host === '') head.host = this.#host ?? ''
    return null
  }

  #finishBody(head: RequestHead): ProtocolError | null {
    const length = this.#contentLength
    if (this.#coding !== null) return this.#finishCoding(head, this.#coding.toLowerCase())
    if (length === null) return null
    head.contentLength = Number(length)
    const { max_body_size } = this.#limits
    return max_body_size > 0 && head.contentLength > max_body_size ? protocolErrors.bodyTooLarge : null
  }

  /** RFC 9112 §6.1 and §6.3: only `chunked`, once, alone, in HTTP/1.1. All else is somebody's attempt to be read in two ways. */
  #finishCoding(head: RequestHead, coding: string): ProtocolError | null {
    if (this.#contentLength !== null) return protocolErrors.lengthAndCoding
    if (head.minor === 0) return protocolErrors.codingInOldVersion
    head.chunked = true
    if (coding === 'chunked') return null
    const codings = coding.split(',').map((one) => trimBlanks(one, 0, one.length))
    const sound = codings.at(-1) === 'chunked' && codings.indexOf('chunked') === codings.length - 1
    return sound && !codings.includes('') ? protocolErrors.unknownCoding : protocolErrors.chunkedNotFinal
  }

  /** RFC 9110 §10.1.1: for a request without a body, or from HTTP/1.0, the expectation means nothing. */
  #finishExpectation(head: RequestHead): ProtocolError | null {
    if (this.#expectation === null || head.minor === 0) return null
    const expectations = members(this.#expectation)
    if (expectations.some((one) => one !== '100-continue')) return protocolErrors.unknownExpectation
    head.expectsContinue = head.hasBody && expectations.length > 0
    return null
  }

  /** RFC 9112 §9.3: `close` wins over everything, HTTP/1.0 stays only when it asks to. */
  #finishConnection(head: RequestHead): void {
    if (this.#connection === null) return
    const options = members(this.#connection)
    if (options.includes('close')) head.persistent = false
    else if (options.includes('keep-alive')) head.persistent = true
  }
}

function joined(before: string | null, value: string): string {
  return before === null ? value : `${before}, ${value}`
}

/** Of a list whose members are case-insensitive: in lower case, and without the empty ones, which mean nothing (RFC 9110 §5.6.1.2). */
function members(list: string): string[] {
  const text = list.toLowerCase()
  if (!text.includes(',')) return text === '' ? [] : [text]
  return text.split(',').flatMap((one) => trimBlanks(one, 0, one.length) || [])
}
