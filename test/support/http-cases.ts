import { expect } from 'vitest'
import type { Limits } from '../../src/http/limits.ts'
import { type ProtocolError, protocolErrors } from '../../src/http/protocol-errors.ts'
import { RequestHead } from '../../src/http/request-head.ts'
import { RequestParser } from '../../src/http/request-parser.ts'

export type ErrorName = keyof typeof protocolErrors

/** What of a head decides how the request is answered. `fields` are its field lines as they came. */
export interface HeadSummary {
  method: string
  target: string
  minor: number
  path: string
  query: string
  host: string
  fields: string
  persistent: boolean
  expectsContinue: boolean
}

/**
 * What a connection learns of its octets: a head; a body and whether its end has come; a refusal; at the end, when nothing was refused,
 * what has begun and is not complete yet.
 */
export type HttpEvent = HeadSummary | { body: string; ended: boolean } | { refused: ErrorName } | { begun: 'head' }

/** The defaults of the options. */
export const defaultLimits: Limits = {
  max_url_len: 8192,
  max_header_line: 16_384,
  max_header_size: 65_536,
  max_headers: 100,
  max_body_size: 0,
}

const NEXT = 'GET /next HTTP/1.1\r\nHost: next\r\n\r\n'
const NEXT_HEAD = { target: '/next', host: 'next' }

/** Text whose characters are octets. */
export function octets(text: string): Buffer {
  return Buffer.from(text, 'latin1')
}

/** Reads requests as a connection does: feeds what has come, then asks for heads and bodies until there is no more. */
class EventReader {
  readonly events: HttpEvent[] = []
  readonly #parser: RequestParser
  #refused = false

  constructor(limits: Limits = defaultLimits) {
    this.#parser = new RequestParser(limits)
  }

  get refused(): boolean {
    return this.#refused
  }

  feed(bytes: Buffer): void {
    if (this.#refused) return
    this.#parser.feed(bytes)
    while (this.#inBody ? this.#readBody() : this.#readHead());
  }

  /** The events so far, and what is incomplete. */
  finish(): HttpEvent[] {
    const begun = !this.#refused && !this.#inBody && this.#parser.headBegun
    return begun ? [...this.events, { begun: 'head' }] : this.events
  }

  get #inBody(): boolean {
    const last = this.events.at(-1)
    return last !== undefined && 'ended' in last && !last.ended
  }

  #readHead(): boolean {
    const result = this.#parser.nextHead()
    if (result === 'more') return false
    if (!(result instanceof RequestHead)) return this.#refuse(result)
    this.events.push(summaryOf(result))
    if (result.hasBody) this.events.push({ body: '', ended: false })
    return true
  }

  #readBody(): boolean {
    const event = this.#parser.nextBody()
    const body = this.events.at(-1) as { body: string; ended: boolean }
    if (event === 'more') return false
    if (event === 'end') body.ended = true
    else if (event instanceof Uint8Array) body.body += event.toString('latin1')
    else return this.#refuse(event)
    return true
  }

  #refuse(error: ProtocolError): false {
    this.events.push({ refused: nameOf(error) })
    this.#refused = true
    return false
  }
}

/** The events of octets that come in these pieces. */
export function readPieces(pieces: Iterable<Buffer>, limits: Limits = defaultLimits): HttpEvent[] {
  const reader = new EventReader(limits)
  for (const piece of pieces) reader.feed(piece)
  return reader.finish()
}

/**
 * The events of `input`, read whole, octet by octet, and with the octets of a next request behind it: fails when how the octets come
 * changes what they say, or when the next request is not found, or is answered after a refusal (RFC 9112 §11.2).
 */
export function readThreeWays(input: string | Buffer, limits: Limits = defaultLimits): HttpEvent[] {
  const bytes = typeof input === 'string' ? octets(input) : input
  const events = readPieces([bytes], limits)
  expect(readPieces(singly(bytes), limits), 'octet by octet').toEqual(events)
  if (!isIncomplete(events)) {
    const next = isRefused(events) ? [] : [expect.objectContaining(NEXT_HEAD)]
    expect(readPieces([Buffer.concat([bytes, octets(NEXT)])], limits), 'with a next request behind').toEqual([...events, ...next])
  }
  return events
}

/** The one head that `input` is, read three ways. */
export function headOf(input: string, limits: Limits = defaultLimits): HeadSummary {
  const events = readThreeWays(input, limits)
  expect(events[0]).toHaveProperty('method')
  expect(events.filter((event) => 'method' in event || 'refused' in event || 'begun' in event)).toHaveLength(1)
  return events[0] as HeadSummary
}

/** The body of the one request that `input` is, read three ways; it has ended. */
export function bodyOf(input: string, limits: Limits = defaultLimits): string {
  const [, body, ...rest] = readThreeWays(input, limits)
  expect(body).toMatchObject({ ended: true })
  expect(rest).toEqual([])
  return (body as { body: string }).body
}

/** Why the last of what `input` holds is refused, read three ways; undefined when it is not. */
export function refusalOf(input: string | Buffer, limits: Limits = defaultLimits): ErrorName | undefined {
  const last = readThreeWays(input, limits).at(-1)
  return last !== undefined && 'refused' in last ? last.refused : undefined
}

/** A request to `/` with these field lines behind Host, each without its CRLF, and this body. */
export function requestWith(fields: readonly string[], body = '', line = 'POST / HTTP/1.1'): string {
  return `${[line, 'Host: a.example', ...fields].join('\r\n')}\r\n\r\n${body}`
}

/** A request whose body is these octets under Transfer-Encoding: chunked. */
export function chunkedRequest(body: string): string {
  return requestWith(['Transfer-Encoding: chunked'], body)
}

/** RFC 9112 §7.1, as a client writes it: one chunk for each piece that is not empty. */
export function encodeChunks(pieces: readonly Buffer[], extension = '', trailers = ''): Buffer {
  const chunks = pieces.filter((piece) => piece.length > 0)
  const encoded = chunks.flatMap((piece) => [octets(`${piece.length.toString(16)}${extension}\r\n`), piece, octets('\r\n')])
  return Buffer.concat([...encoded, octets(`0${extension}\r\n${trailers}\r\n`)])
}

function* singly(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += 1) yield bytes.subarray(at, at + 1)
}

function isRefused(events: readonly HttpEvent[]): boolean {
  const last = events.at(-1)
  return last !== undefined && 'refused' in last
}

function isIncomplete(events: readonly HttpEvent[]): boolean {
  const last = events.at(-1)
  return last !== undefined && ('begun' in last || ('body' in last && !last.ended))
}

function nameOf(error: ProtocolError): ErrorName {
  const found = Object.entries(protocolErrors).find(([, row]) => row === error)
  if (found === undefined) throw new Error(`not a row of the table: ${error.reason}`)
  return found[0] as ErrorName
}

function summaryOf(head: RequestHead): HeadSummary {
  const { method, target, minor, path, query, host, persistent, expectsContinue } = head
  const fields = head.text.slice(head.fieldsStart, head.fieldsEnd)
  return { method, target, minor, path, query, host, fields, persistent, expectsContinue }
}
