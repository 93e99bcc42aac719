import { inspect } from 'node:util'
import type { HeaderValue, HttpReply, ReplyBody } from '../../app.ts'
import { isOfConnection } from '../connection-fields.ts'
import { sourceOf } from './fetch-slots.ts'

/**
 * What a fetch handler answers with, as a reply: at once when the body is there to be seen. A Response may be one of another copy of fetch.
 * Throws TypeError when it is none, or when its body was read already.
 */
export function fromFetchResponse(response: Response): HttpReply | Promise<HttpReply> {
  checkResponse(response)
  const source = sourceOf(response)
  if (source !== null) return makeReply(response, source.length === 0 ? null : source)
  if (response.body === null) return makeReply(response, null)
  return readSmall(response.body.getReader()).then((body) => makeReply(response, body))
}

function makeReply(response: Response, body: ReplyBody): HttpReply {
  const { status, statusText } = response
  const headers = fieldsOf(response.headers)
  if (body !== null) headers['content-type'] ??= []
  return statusText === '' ? { status, headers, body } : { status, statusText, headers, body }
}

function checkResponse(response: unknown): void {
  const { status, headers } = Object(response) as Partial<Response>
  if (typeof status === 'number' && typeof headers?.getSetCookie === 'function') return
  throw new TypeError(`the fetch handler answered with ${inspect(response, { depth: 0 })}, which is no Response`)
}

/** Each Set-Cookie is a field of its own (RFC 6265 §3). What belongs to the connection is the server's. */
function fieldsOf(given: Headers): Record<string, HeaderValue> {
  const headers: Record<string, HeaderValue> = {}
  for (const [name, value] of given) {
    if (!isOfConnection(name, value)) headers[name] = value
  }
  if ('set-cookie' in headers) headers['set-cookie'] = given.getSetCookie()
  return headers
}

type Reader = ReadableStreamDefaultReader<Uint8Array>
type Read = Awaited<ReturnType<Reader['read']>>

/**
 * A body that was a text or octets is one piece, and its end follows without any wait: then it is sent whole, with its length. Whatever
 * waits for something is sent as it comes, and what fails without any wait is not begun.
 */
async function readSmall(reader: Reader): Promise<ReplyBody> {
  const [settled, failures]: [Read[], unknown[]] = [[], []]
  const begun = [reader.read(), reader.read()]
  for (const read of begun) read.then((it) => settled.push(it), (error: unknown) => failures.push(error))
  await afterPromises()
  if (failures.length > 0) throw failures[0]
  const [start, end] = settled
  if (start?.done === true) return null
  return start !== undefined && end?.done === true ? start.value : new RestOfBody(reader, begun)
}

/** Ticks come when no promise is left to settle. */
function afterPromises(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve))
}

/** The stream, of which some reads are under way already. */
class RestOfBody implements AsyncIterableIterator<Uint8Array> {
  readonly #reader: Reader
  readonly #begun: Promise<Read>[]

  constructor(reader: Reader, begun: Promise<Read>[]) {
    this.#reader = reader
    this.#begun = begun
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    return (this.#begun.shift() ?? this.#reader.read()) as Promise<IteratorResult<Uint8Array, undefined>>
  }

  /** Nobody wants the rest. */
  async return(): Promise<IteratorReturnResult<undefined>> {
    await this.#reader.cancel()
    return { done: true, value: undefined }
  }
}
