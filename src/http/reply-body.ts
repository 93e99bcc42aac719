import type { ReplyBody } from '../app.ts'
import { isPlain } from '../is-plain.ts'

/** A body whose size is known. */
export type WholeBody = string | Uint8Array
/** A body that comes piece by piece. */
export type StreamedBody = AsyncIterable<Uint8Array | string>

export interface TypedBody {
  readonly body: WholeBody | StreamedBody | null
  /** The content-type field of a reply that has none of its own; empty for no body. */
  readonly typeField: string
}

const NO_BODY: TypedBody = { body: null, typeField: '' }
const TEXT = 'content-type: text/plain; charset=utf-8\r\n'
const OCTETS = 'content-type: application/octet-stream\r\n'
const JSON_TYPE = 'content-type: application/json\r\n'

/** Sorts what an app may give as a body. Throws TypeError for what is none, such as a promise or a value JSON cannot say. */
export function typedBody(body: ReplyBody | undefined): TypedBody {
  if (body === undefined || body === null) return NO_BODY
  if (typeof body === 'string') return { body, typeField: TEXT }
  if (typeof body !== 'object') throw new TypeError(`a reply's body cannot be a ${typeof body}`)
  if (body instanceof Uint8Array) return { body, typeField: OCTETS }
  if (body instanceof ArrayBuffer) return { body: new Uint8Array(body), typeField: OCTETS }
  if (Symbol.asyncIterator in body) return { body: body as StreamedBody, typeField: OCTETS }
  return { body: toJson(body), typeField: JSON_TYPE }
}

function toJson(body: object): string {
  if (body instanceof Promise) throw new TypeError("a reply's body cannot be a promise: await it first")
  const text: string | undefined = JSON.stringify(body)
  if (text === undefined) throw new TypeError("a reply's body has no JSON form")
  if (text === '{}') checkEmpty(body)
  return text
}

/** To JSON a Map, a FormData, a Blob and a Response are all `{}`, and whoever answers with one does not mean that. */
function checkEmpty(body: object): void {
  if (isPlain(body) || 'toJSON' in body) return
  throw new TypeError(`a reply's body cannot be ${Object.prototype.toString.call(body)}: nothing of it is JSON`)
}
