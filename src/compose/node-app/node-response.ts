import { type IncomingMessage, ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { HeaderValue, HttpReply, ReplyBody } from '../../app.ts'
import { isOfConnection } from '../connection-fields.ts'
import type { StandInSocket } from './stand-in-socket.ts'

/** What node:http keeps on a response and does not declare; the same since Node 12. */
interface Internals {
  /** Status line and fields, from the moment they are decided. */
  readonly _header: string | null
  _headerSent: boolean
  chunkedEncoding: boolean
  _flush(): void
}

/**
 * A ServerResponse whose head stays in `_header` and whose body goes to `socket` without any framing. Frameworks put another prototype under
 * it (Express does), so that what is changed must be the object's own.
 */
export function makeNodeResponse(req: IncomingMessage, socket: StandInSocket): ServerResponse {
  const res = new ServerResponse(req)
  res.sendDate = false
  // Or a Connection field would be made up; one that the handler sets is kept.
  res.removeHeader('connection')
  res.writeHead = writeHead
  res.assignSocket(socket as unknown as Socket)
  return res
}

/** Every head is made here, also that of a response which was only written to. */
function writeHead(this: ServerResponse & Internals, ...args: unknown[]): ServerResponse {
  ;(Object.getPrototypeOf(this) as ServerResponse).writeHead.apply(this, args as [number])
  this._headerSent = true
  this.chunkedEncoding = false
  return this
}

/** Writes out what waited for the message's turn, and tells that there is room again. */
export function flushResponse(res: ServerResponse): void {
  ;(res as unknown as Internals)._flush()
}

/** True from the moment that status and fields are decided. */
export function hasHead(res: ServerResponse): boolean {
  return (res as unknown as Internals)._header !== null
}

/** The reply with this body. What the handler does not say of it is not made up. */
export function makeReply(res: ServerResponse, body: ReplyBody): HttpReply {
  const [statusLine = '', ...lines] = String((res as unknown as Internals)._header).split('\r\n')
  const status = res.statusCode
  const headers: Record<string, HeaderValue> = {}
  for (const line of lines) addField(headers, line)
  if (body !== null) headers['content-type'] ??= []
  const phrase = statusLine.slice('HTTP/1.1 200 '.length)
  return phrase === STATUS_CODES[status] ? { status, headers, body } : { status, statusText: phrase, headers, body }
}

function addField(headers: Record<string, HeaderValue>, line: string): void {
  const colon = line.indexOf(': ')
  if (colon === -1) return
  const [name, value] = [line.slice(0, colon).toLowerCase(), line.slice(colon + 2)]
  if (isOfConnection(name, value)) return
  const before = Object.hasOwn(headers, name) ? headers[name] : undefined
  headers[name] = before === undefined ? value : [before, value].flat().map(String)
}
