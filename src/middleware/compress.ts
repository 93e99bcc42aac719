import type { App, FilterFactory, HttpReply, HttpRequest } from '../app.ts'
import { isPromise } from '../is-promise.ts'
import { contentOf, type Content } from './compress/content.ts'
import { asCount, asIntFrom, asListOf, asOneOf, readOptions, type OptionTable } from './converters.ts'
import { makeEncoders, type Encoder, type Levels } from './compress/encoders.ts'
import { ownReply, type OwnReply } from './own-reply.ts'
import { addVary } from './vary.ts'

interface Options extends Levels {
  readonly encodings: readonly string[]
  readonly min_size: number
}

type Pick = (acceptEncoding: string) => Encoder | null

type Answer = ReturnType<App>
type Headers = NonNullable<HttpReply['headers']>

interface Rules {
  readonly pick: Pick
  readonly isCompressible: (type: string) => boolean
  readonly minSize: number
}

const CODINGS = ['zstd', 'br', 'gzip']
/** No content, or a part of some. */
const NEVER = [204, 205, 206]
const OPTIONS: OptionTable<Options> = {
  encodings: [asListOf(asOneOf(CODINGS)), CODINGS],
  min_size: [asCount, 1024],
  gzip_level: [asIntFrom(1, 9), 6],
  br_level: [asIntFrom(0, 11), 4],
  zstd_level: [asIntFrom(1, 22), 3],
}

/**
 * Compresses replies for who accepts it (RFC 9110 §12.5.3): bodies of types that gain by it (text, JSON, XML and the like). A stream is sent
 * on piece by piece as the app gives it. An ETag becomes weak, as it is one of other octets now. Left alone are replies that are encoded
 * already, say `Cache-Control: no-transform`, are a part (206), or have no content. HEAD has the fields that GET would have, but for its
 * Content-Length.
 *
 * - `encodings`: which there are, best first, for who accepts several as gladly. Default `zstd br gzip`; Node has zstd from 22.15 on, and
 *   before that it is left out.
 * - `min_size`: octets under which a body is sent as it is; default 1024. Of a stream the size is only known when the app says it. Who
 *   refuses what is not encoded (`identity;q=0`) gets every size and type encoded.
 * - `gzip_level` 1 to 9, default 6; `br_level` 0 to 11, default 4; `zstd_level` 1 to 22, default 3.
 *
 * ```ini
 * [filter:compress]
 * use = egg:millrace#compress
 * min_size = 2048
 * ```
 *
 * BREACH: when a reply has both a secret (a token, an e-mail address) and text of the request's, who can make a browser send requests and
 * see how long the replies are can guess the secret. Do not compress such replies: let the app set `Cache-Control: no-transform`, or leave
 * the filter out of that pipeline. By Bearer or X-Auth-Token, which browsers do not send on their own, an API is not open to it.
 */
export const compress: FilterFactory = async (_globalConf, localConf) => {
  const options = readOptions(localConf, OPTIONS)
  const [pick, { default: compressible }] = await Promise.all([makePick(options), import('compressible')])
  const rules: Rules = { pick, isCompressible: (type) => compressible(type) === true, minSize: options.min_size }
  return (next) => (request) => {
    const answer = next(request)
    return isPromise(answer) ? answer.then((reply) => encodeReply(reply, request, rules)) : encodeReply(answer, request, rules)
  }
}

async function makePick(options: Options): Promise<Pick> {
  const [all, { default: Negotiator }] = await Promise.all([makeEncoders(options), import('negotiator')])
  const encoders = options.encodings.map((name) => all.find((encoder) => encoder.name === name)).filter((it) => it !== undefined)
  const names = [...encoders.map(({ name }) => name), 'identity']
  const preferred = { preferred: names }
  return (acceptEncoding) => {
    // Its types are of a version that had no preference of the server's.
    const negotiator: { encoding(available: readonly string[], options: object): string | undefined } = new Negotiator({ headers: { 'accept-encoding': acceptEncoding } })
    const name = negotiator.encoding(names, preferred)
    return encoders.find((encoder) => encoder.name === name) ?? null
  }
}

function encodeReply(given: HttpReply, request: HttpRequest, rules: Rules): Answer {
  if (typeof given !== 'object' || given === null || isFinal(given)) return given
  const reply = ownReply(given)
  const accept = request.headers.get('accept-encoding') ?? ''
  if (reply.status === 304) return describeKept(reply, rules.pick(accept))
  const content = contentOf(reply, request)
  if (content === null || !(mayGain(reply, content, rules) || refusesIdentity(accept))) return reply
  addVary(reply.headers, 'Accept-Encoding')
  const encoder = rules.pick(accept)
  if (encoder === null) return reply
  describeEncoded(reply.headers, encoder)
  const body = content.encode(encoder)
  return body instanceof Promise ? body.then((encoded) => Object.assign(reply, { body: encoded })) : Object.assign(reply, { body })
}

function isFinal({ status = 200, headers = {} }: HttpReply): boolean {
  return NEVER.includes(status) || headers['content-encoding'] !== undefined || /\bno-transform\b/i.test(String(headers['cache-control'] ?? ''))
}

/** A 304 names what the 200 named: a cache finds the reply it keeps by these (RFC 9110 §15.4.5, RFC 9111 §4.3.4). */
function describeKept(reply: OwnReply, encoder: Encoder | null): HttpReply {
  addVary(reply.headers, 'Accept-Encoding')
  if (encoder !== null) weaken(reply.headers)
  return reply
}

function mayGain({ headers }: OwnReply, { size }: Content, { isCompressible, minSize }: Rules): boolean {
  return size >= minSize && isCompressible(String(headers['content-type'] ?? ''))
}

/** True when what is not encoded is not welcome (RFC 9110 §12.5.3). */
function refusesIdentity(acceptEncoding: string): boolean {
  return /(?:identity|\*)\s*;\s*q=0(?:\.0*)?\s*(?:,|$)/i.test(acceptEncoding)
}

function describeEncoded(headers: Headers, encoder: Encoder): void {
  headers['content-encoding'] = encoder.name
  // Both are of the octets before.
  delete headers['content-length']
  delete headers['accept-ranges']
  weaken(headers)
}

/** Weak validators may name several encodings of the same (RFC 9110 §8.8.1). */
function weaken(headers: Headers): void {
  const etag = headers['etag']
  if (etag !== undefined && !String(etag).startsWith('W/')) headers['etag'] = `W/${String(etag)}`
}
