import type { FilterFactory, HttpReply, HttpRequest } from '../app.ts'
import { after } from './after.ts'
import { asBool, readOptions } from './converters.ts'
import { letGo } from '../let-go.ts'
import { ownReply, type OwnReply } from './own-reply.ts'
import { wholeBody } from './whole-body.ts'

type Headers = Record<string, string | undefined>

/** What describes a body that a 304 does not have (RFC 9110 §15.4.5). */
const DESCRIPTIONS = ['content-type', 'content-length', 'content-encoding', 'content-language', 'content-range']

/**
 * Gives each whole body an ETag and answers 304 to who has it already (RFC 9110 §8.8.3, §13.1.2). GET and HEAD with status 200 only. An
 * ETag or Last-Modified of the app's is taken as it is; a stream gets no ETag, but one of the app's own is compared. `Cache-Control:
 * no-cache` of the client gets the whole reply, as a reload must.
 *
 * - `weak`: `W/"…"`, for bodies whose octets may differ while they mean the same. Default false.
 *
 * ```ini
 * [filter:etag]
 * use = egg:millrace#etag
 *
 * [pipeline:api]
 * pipeline = compress etag faultwrap my_app
 * ```
 *
 * It saves the way to the client, not the app's work: that is done before. Put it inside `compress`.
 */
export const etag: FilterFactory = async (_globalConf, localConf) => {
  const options = readOptions(localConf, { weak: [asBool, false] })
  const [{ default: tagOf }, { default: fresh }] = await Promise.all([import('etag'), import('fresh')])
  const change = (given: HttpReply, request: HttpRequest): HttpReply => {
    if ((given.status ?? 200) !== 200) return given
    const reply = ownReply(given)
    const body = wholeBody(reply)
    const { headers } = reply
    if (body !== undefined) headers['etag'] ??= tagOf(typeof body === 'string' ? body : asBuffer(body), options)
    return fresh(conditionsOf(request), validatorsOf(headers)) ? notModified(reply) : reply
  }
  return (next) => (request) => (isRead(request) ? after(next(request), change, request) : next(request))
}

function isRead({ method }: HttpRequest): boolean {
  return method === 'GET' || method === 'HEAD'
}

function conditionsOf({ headers }: HttpRequest): Headers {
  return {
    'if-none-match': headers.get('if-none-match') ?? undefined,
    'if-modified-since': headers.get('if-modified-since') ?? undefined,
    'cache-control': headers.get('cache-control') ?? undefined,
  }
}

function validatorsOf(headers: NonNullable<HttpReply['headers']>): Headers {
  const [tag, modified] = [headers['etag'], headers['last-modified']]
  return { etag: tag === undefined ? undefined : String(tag), 'last-modified': modified === undefined ? undefined : String(modified) }
}

/** What remains is what the 200 would have said of the cached copy, and fields that are not about the body, such as Set-Cookie. */
function notModified({ headers, body }: OwnReply): HttpReply {
  letGo(body)
  for (const name of DESCRIPTIONS) delete headers[name]
  if (headers['etag'] !== undefined) delete headers['last-modified']
  return { status: 304, headers }
}

/** The same memory. */
function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}
