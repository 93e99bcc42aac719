import type { Readable } from 'node:stream'
import type { Dispatcher, Pool } from 'undici'
import type { HttpReply, HttpRequest } from '../../app.ts'
import { systemClock } from '../../clock.ts'
import { HttpError, TransportError } from '../../errors.ts'
import { hasNoContent } from '../has-no-content.ts'
import { replyFields, requestFields, type FieldRules } from './proxy-fields.ts'

/** What a proxy does with each exchange. */
export interface ExchangeRules extends FieldRules {
  /** Milliseconds that interim answers may go on for. */
  readonly headersTimeout: number
}

/** What undici calls the errors of an upstream that is too slow. */
const TIMEOUTS = ['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']

/**
 * Sends the request to the upstream, once, and takes its answer, whose body streams.
 * @throws HttpError 502 or 504 for what the upstream does, and whatever ends the request itself.
 */
export async function passOn(request: HttpRequest, pool: Pool, path: string, rules: ExchangeRules): Promise<HttpReply> {
  const { method, signal, body } = request
  const options = {
    method,
    path,
    headers: requestFields(request, rules),
    // An async iterable is read as fast as the upstream takes it.
    body: body as unknown as Readable | null,
    signal,
    onInfo: boundInterim(rules.headersTimeout),
    // The same for all: undici takes another connection for each.
    servername: 'upstream',
  }
  const answer = await pool.request(options).catch(fail)
  // Whoever lets go of a body that has not come whole makes it fail, and there may be nobody who listens any more.
  answer.body.on('error', ignore)
  return replyOf(answer, method, rules.via)
}

/** To undici each interim answer (RFC 9110 §15.2) is a sign of life, after which it waits as long again: without an end, if they have none. */
function boundInterim(timeout: number): () => void {
  let first: number | undefined
  return () => {
    const now = systemClock.now()
    first ??= now
    if (now - first > timeout) throw new HttpError(504, 'the upstream sends interim answers and no other')
  }
}

function replyOf({ statusCode: status, headers, body }: Dispatcher.ResponseData, method: string, via: string): HttpReply {
  // Of transfer codings undici takes off this one alone, and the client would have the others' octets for the body (RFC 9112 §7).
  const coding = String(headers['transfer-encoding'] ?? 'chunked').toLowerCase()
  if (status > 599 || coding !== 'chunked') {
    body.destroy()
    throw new HttpError(502, status > 599 ? `the upstream answered with status ${status}` : `the upstream answered in the transfer coding ${coding}`)
  }
  const reply: HttpReply = { status, headers: replyFields(headers, via) }
  if (method === 'HEAD' || hasNoContent(status)) body.resume()
  else reply.body = body
  return reply
}

/** A body that the client could not send, or may not, is not the upstream's fault. */
function fail(error: Error & { readonly code?: string }): never {
  if (error instanceof HttpError || error instanceof TransportError) throw error
  const isTimeout = TIMEOUTS.includes(error.code ?? '')
  throw new HttpError(isTimeout ? 504 : 502, `the upstream ${isTimeout ? 'does not answer in time' : 'cannot be asked'}: ${error.message}`, { cause: error })
}

function ignore(): void {
  // Who reads the body has the error too.
}
