import { isPlain } from '../is-plain.ts'
import type { OwnReply } from './own-reply.ts'

/**
 * The body as it will be sent, for filters that must know its octets; undefined when there is none yet, as of a stream, or none at all. An
 * object becomes its JSON text here, once, and the reply says the type the server would have given it.
 */
export function wholeBody(reply: OwnReply): string | Uint8Array | undefined {
  const { body } = reply
  if (typeof body === 'string') return typed(reply, body, 'text/plain; charset=utf-8')
  if (body instanceof Uint8Array) return typed(reply, body, 'application/octet-stream')
  if (!isJson(body)) return undefined
  const text: string | undefined = JSON.stringify(body)
  return text === undefined ? undefined : typed(reply, text, 'application/json')
}

function typed<T extends string | Uint8Array>(reply: OwnReply, body: T, type: string): T {
  reply.headers['content-type'] ??= type
  reply.body = body
  return body
}

/** Of a Map, a Blob or a promise nothing is JSON: the server says so, and gets it as it is. */
function isJson(body: unknown): body is object {
  if (typeof body !== 'object' || body === null || Symbol.asyncIterator in body) return false
  return 'toJSON' in body || Array.isArray(body) || isPlain(body)
}
