import type { ReplyBody } from '../app.ts'

/** A body whose size is known. */
export type WholeBody = string | Uint8Array
/** A body that comes piece by piece. */
export type StreamedBody = AsyncIterable<Uint8Array | string>

export interface TypedBody {
  readonly body: WholeBody | StreamedBody | null
  /** The content-type a reply has that names none; empty for no body. */
  readonly contentType: string
}

const NO_BODY: TypedBody = { body: null, contentType: '' }
const TEXT = 'text/plain; charset=utf-8'
const OCTETS = 'application/octet-stream'
const JSON_TYPE = 'application/json'

/** Sorts what an app may give as a body. Throws TypeError for what is none, such as a promise or a value JSON cannot say. */
export function typedBody(body: ReplyBody | undefined): TypedBody {
  if (body === undefined || body === null) return NO_BODY
  if (typeof body === 'string') return { body, contentType: TEXT }
  if (typeof body !== 'object') throw new TypeError(`a reply's body cannot be a ${typeof body}`)
  if (body instanceof Uint8Array) return { body, contentType: OCTETS }
  if (body instanceof ArrayBuffer) return { body: new Uint8Array(body), contentType: OCTETS }
  if (Symbol.asyncIterator in body) return { body: body as StreamedBody, contentType: OCTETS }
  return { body: toJson(body), contentType: JSON_TYPE }
}

function toJson(body: object): string {
  if (body instanceof Promise) throw new TypeError("a reply's body cannot be a promise: await it first")
  const text: string | undefined = JSON.stringify(body)
  if (text === undefined) throw new TypeError("a reply's body has no JSON form")
  return text
}
