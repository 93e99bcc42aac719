import { inspect } from 'node:util'
import type { HeaderValue, HttpReply, HttpRequest, ReplyBody } from '../../app.ts'
import { isPlain } from '../../is-plain.ts'
import { isToken } from '../../is-token.ts'
import { hasNoContent } from '../has-no-content.ts'
import { checkRules, ContractError, type Rule } from './contract-error.ts'

const KEYS = ['status', 'statusText', 'headers', 'body']
/** What a field or a reason phrase may have (RFC 9110 §5.5), as latin1. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/
/** The connection is the server's (RFC 9110 §7.6.1); only that it should close is for an app to say. */
const HOP_BY_HOP = ['keep-alive', 'proxy-connection', 'te', 'transfer-encoding', 'upgrade']

const RULES: readonly Rule<[HttpReply, HttpRequest]>[] = [
  (reply) => {
    const stray = Object.keys(reply).find((key) => !KEYS.includes(key))
    return stray === undefined ? undefined : `it has ${inspect(stray)}; a reply has ${KEYS.join(', ')}`
  },
  ({ status = 200 }) => (Number.isInteger(status) && status >= 200 && status <= 599 ? undefined : `status is ${inspect(status)}, not 200 to 599`),
  ({ statusText }) => (statusText === undefined || isValue(statusText) ? undefined : `statusText is ${inspect(statusText)}, which is no text of one line`),
  ({ headers = {} }) => (isPlain(headers) ? undefined : `headers is ${inspect(headers)}, not a plain object`),
  ({ headers = {} }) => Object.keys(headers).map(faultOfName).find((fault) => fault !== undefined),
  ({ headers = {} }) => Object.entries(headers).map(faultOfValue).find((fault) => fault !== undefined),
  ({ body }) => faultOfBody(body),
  ({ status = 200, body }) => {
    if (!hasNoContent(status) || body === undefined || body === null || lengthOf(body) === 0) return undefined
    return `the body of a ${status}, which has no content (RFC 9110 §6.4.1)`
  },
  ({ headers = {}, body }, { method }) => {
    const [said, length] = [headers['content-length'], lengthOf(body)]
    if (said === undefined || length === undefined || method === 'HEAD' || Number(said) === length) return undefined
    return `content-length is ${inspect(said)}, the body has ${length} octets`
  },
]

/** Throws ContractError for what is no reply. Pieces of a stream are looked at as they pass. */
export function checkReply(reply: HttpReply, request: HttpRequest): void {
  if (!isPlain(reply)) throw new ContractError('reply', `${inspect(reply, { depth: 0 })} is not a plain object`)
  checkRules('reply', RULES, reply, request)
  const { body } = reply
  if (isStream(body)) reply.body = checkedPieces(body)
}

type Piece = Uint8Array | string

/** Not a generator: that could not be let go while it waits for a piece. */
function checkedPieces(body: AsyncIterable<Piece>): AsyncIterableIterator<Piece> {
  const iterator = body[Symbol.asyncIterator]()
  return {
    [Symbol.asyncIterator]() {
      return this
    },
    async next() {
      const result = await iterator.next()
      if (result.done !== true) checkPiece(result.value)
      return result
    },
    async return() {
      await iterator.return?.()
      return { done: true, value: undefined }
    },
  }
}

function checkPiece(piece: unknown): void {
  if (typeof piece === 'string' || piece instanceof Uint8Array) return
  throw new ContractError('reply', `a piece of the body is ${inspect(piece, { depth: 0 })}, neither text nor bytes`)
}

function faultOfName(name: string): string | undefined {
  if (HOP_BY_HOP.includes(name)) return `the field ${name} is the server's to send (RFC 9110 §7.6.1)`
  return isToken(name) && name === name.toLowerCase() ? undefined : `${inspect(name)} is not the name of a field in lower case`
}

function faultOfValue([name, value]: [string, HeaderValue]): string | undefined {
  const values: unknown[] = Array.isArray(value) ? value : [value]
  // Of none at all: what the body's kind would say is not to be said.
  if (values.length === 0 && name === 'content-type') return undefined
  const right = values.every((one) => (typeof one === 'number' && Number.isFinite(one)) || isValue(one))
  return right && values.length > 0 ? undefined : `the field ${name} is ${inspect(value)}, not text of one line, a number or a list of texts`
}

function faultOfBody(body: ReplyBody | undefined): string | undefined {
  if (body === undefined || body === null || typeof body === 'string') return undefined
  if (typeof body !== 'object') return `the body is ${inspect(body)}`
  return body instanceof Promise ? 'the body is a promise: await it first' : undefined
}

function isValue(value: unknown): boolean {
  return typeof value === 'string' && VALUE.test(value)
}

function isStream(body: ReplyBody | undefined): body is AsyncIterable<Uint8Array | string> {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body
}

/** In octets; undefined for a body whose length nobody knows yet. */
function lengthOf(body: ReplyBody | undefined): number | undefined {
  if (body === undefined || body === null) return 0
  if (typeof body === 'string') return Buffer.byteLength(body)
  return body instanceof Uint8Array ? body.length : undefined
}
