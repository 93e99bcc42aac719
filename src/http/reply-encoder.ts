import { STATUS_CODES } from 'node:http'
import type { HttpReply } from '../app.ts'
import { flat } from './flat.ts'
import { VALUE_TO_SEND } from './grammar.ts'
import { type StreamedBody, typedBody, type WholeBody } from './reply-body.ts'
import { encodeFields } from './reply-fields.ts'
import { checkReply } from './reply-kind.ts'

/** How the end of a reply's body is told (RFC 9112 §6.3). `none`: there is no body, or none is sent. */
type ReplyFraming = 'none' | 'length' | 'chunked' | 'close'

/** A reply ready for the wire. */
export interface EncodedReply {
  readonly status: number
  /** Status line and fields with the empty line; latin1. */
  readonly head: string
  readonly framing: ReplyFraming
  /** What is to be sent after the head; null when nothing is. */
  readonly body: WholeBody | StreamedBody | null
  /** A body that is not sent, for HEAD, 205 or 304, and must be let go. */
  readonly unsent: StreamedBody | null
  /** Octets the body must have, when its framing is `length`. */
  readonly length: number
  /** The connection ends with this reply. */
  readonly close: boolean
}

/** What the request and the connection have to say about the reply. */
export interface ReplyContext {
  readonly method: string
  /** HTTP/1.x of the request. */
  readonly minor: number
  /** False: this reply is the connection's last one. */
  readonly persistent: boolean
  /** The value of Date; an IMF-fixdate (RFC 9110 §5.6.7). */
  readonly date: string
}

const CLOSE = 'connection: close\r\n\r\n'

/** Writes replies for one server. */
export class ReplyEncoder {
  readonly #keepAlive: string
  /** The last fields of nearly every reply of this second, in one piece. */
  #datedKeepAlive = ''
  #date = ''

  /** @param keepAliveSeconds what `Keep-Alive: timeout=` says; 0 says nothing */
  constructor(keepAliveSeconds: number) {
    this.#keepAlive = keepAliveSeconds > 0 ? `connection: keep-alive\r\nkeep-alive: timeout=${keepAliveSeconds}\r\n\r\n` : 'connection: keep-alive\r\n\r\n'
  }

  /** Throws TypeError for what is no reply or may not be sent: a wrong status, a field with a line end in it, a body of no known kind. */
  encode(reply: HttpReply, context: ReplyContext): EncodedReply {
    checkReply(reply)
    const status = reply.status ?? 200
    const { body, typeField } = typedBody(reply.body)
    const fields = encodeFields(reply.headers)
    const length = status === 205 ? 0 : sizeOf(body, fields.length, context.method)
    const framing = framingFor(status, length, context)
    const close = fields.close || !context.persistent || framing === 'close'
    const type = fields.typed ? '' : typeField
    const head = statusLine(status, reply.statusText) + fields.text + type + framingField(framing, length) + this.#lastFields(fields.dated, close, context.date)
    const sent = framing === 'none' || status === 205 || context.method === 'HEAD' ? null : body
    return { status, head, framing, body: sent, unsent: sent === null ? streamed(body) : null, length, close }
  }

  #lastFields(dated: boolean, close: boolean, date: string): string {
    const connection = close ? CLOSE : this.#keepAlive
    if (dated) return connection
    if (close) return `date: ${date}\r\n${connection}`
    if (date !== this.#date) {
      this.#date = date
      this.#datedKeepAlive = flat(`date: ${date}\r\n${connection}`)
    }
    return this.#datedKeepAlive
  }
}

/**
 * Octets of the body: its own size, else what the app announced; -1 when unknown. Only to HEAD may an app announce what it does not give,
 * and only it knows what GET would give (RFC 9110 §8.6): to any other method no body is 0 octets, or the client would wait for them.
 */
function sizeOf(body: WholeBody | StreamedBody | null, announced: number, method: string): number {
  if (body === null) return method === 'HEAD' ? announced : 0
  if (typeof body === 'string') return Buffer.byteLength(body)
  return body instanceof Uint8Array ? body.length : announced
}

/** RFC 9112 §6.3: a length when it is known; else chunks; to HTTP/1.0, which knows no chunks, the connection's end. */
function framingFor(status: number, length: number, context: ReplyContext): ReplyFraming {
  if (status === 204 || status === 304) return 'none'
  if (length >= 0) return 'length'
  if (context.method === 'HEAD') return 'none'
  return context.minor > 0 ? 'chunked' : 'close'
}

function framingField(framing: ReplyFraming, size: number): string {
  if (framing === 'length') return `content-length: ${size}\r\n`
  return framing === 'chunked' ? 'transfer-encoding: chunked\r\n' : ''
}

function streamed(body: WholeBody | StreamedBody | null): StreamedBody | null {
  return body === null || typeof body === 'string' || body instanceof Uint8Array ? null : body
}

const STATUS_LINES: readonly string[] = Array.from({ length: 600 }, (_, status) => flat(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`))

/** RFC 9112 §4. The server's own version is sent, also to HTTP/1.0 clients (RFC 9110 §2.5). */
function statusLine(status: number, phrase: string | undefined): string {
  if (!Number.isInteger(status) || status < 200 || status > 599) throw new TypeError(`${status} is not the status of a final reply`)
  if (phrase === undefined) return STATUS_LINES[status] as string
  if (!VALUE_TO_SEND.test(phrase)) throw new TypeError('the status text has characters a reason phrase may not have (RFC 9112 §4)')
  return `HTTP/1.1 ${status} ${phrase}\r\n`
}
