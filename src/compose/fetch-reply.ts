import { isAscii } from 'node:buffer'
import { inspect } from 'node:util'
import type { HeaderValue, HttpReply, ReplyBody } from '../app.ts'
import { isOfConnection } from './connection-fields.ts'

/**
 * What a fetch handler answers with, as a reply. A Response may be one of another copy of fetch.
 * Throws TypeError when it is none, or when its body was read already.
 */
export async function fromFetchResponse(response: Response): Promise<HttpReply> {
  checkResponse(response)
  const { status, statusText } = response
  const headers = fieldsOf(response.headers)
  const body = response.body === null ? null : await readSmall(response.body.getReader())
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

const SMALL = 4096

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
  return start !== undefined && end?.done === true ? asSmallText(start.value) : new RestOfBody(reader, begun)
}

/** The same octets as a text, which the server writes together with the head; for longer ones the copy costs more than that saves. */
function asSmallText(octets: Uint8Array): string | Uint8Array {
  if (octets.length > SMALL || !isAscii(octets)) return octets
  return Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('latin1')
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
