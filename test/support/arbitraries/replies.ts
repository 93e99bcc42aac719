import * as fc from 'fast-check'
import type { HttpReply } from '../../../src/app.ts'
import { fieldValue, token } from './requests.ts'

/** A reply an app may give, and what its client is to read of it. */
export interface ValidReply {
  readonly make: () => HttpReply
  readonly status: number
  readonly statusText: string | undefined
  /** The app's own fields, one for each line, in order. */
  readonly fields: readonly (readonly [name: string, value: string])[]
  /** What a GET is answered with. */
  readonly body: Buffer
}

/** Fields the server sets, or that a client reads as framing. */
const RESERVED = new Set([
  'connection',
  'content-length',
  'content-type',
  'date',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'trailer',
  'proxy-connection',
])

const values = fc.oneof(fieldValue, fc.array(fieldValue, { minLength: 1, maxLength: 3 }))
const headers = fc
  .uniqueArray(
    fc.tuple(
      token.filter((name) => !RESERVED.has(name.toLowerCase()) && !/^\d+$/.test(name) && name !== '__proto__'),
      values,
    ),
    { maxLength: 4, selector: ([name]) => name },
  )
  .map((all): Record<string, string | string[]> => Object.fromEntries(all))

async function* streamOf(pieces: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* pieces
}

const pieces = fc.array(
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  { maxLength: 4 },
)

/** Bodies of every kind, and what they are on the wire. */
const body: fc.Arbitrary<Pick<ValidReply, 'body'> & { give: () => HttpReply }> = fc.oneof(
  fc.constant({ body: Buffer.alloc(0), give: () => ({}) }),
  fc.string({ unit: 'grapheme', maxLength: 80 }).map((text) => ({ body: Buffer.from(text), give: () => ({ body: text }) })),
  pieces.map((all) => ({ body: Buffer.concat(all), give: () => ({ body: Buffer.concat(all) }) })),
  fc
    .dictionary(fc.string({ maxLength: 5 }), fc.jsonValue(), { maxKeys: 3 })
    .map((json) => ({ body: Buffer.from(JSON.stringify(json)), give: () => ({ body: json }) })),
  pieces.map((all) => ({ body: Buffer.concat(all), give: () => ({ body: streamOf(all) }) })),
  pieces.map((all) => ({
    body: Buffer.concat(all),
    give: () => ({ body: streamOf(all), headers: { 'content-length': Buffer.concat(all).length } }),
  })),
)

export const validReply: fc.Arbitrary<ValidReply> = fc
  .record({
    status: fc.oneof(fc.constantFrom(200, 204, 205, 304, 404), fc.integer({ min: 200, max: 599 })),
    statusText: fc.option(fieldValue, { nil: undefined }),
    headers,
    body,
  })
  .map(({ status, statusText, headers, body: { body, give } }) => ({
    make: () => {
      const given = give()
      return { ...given, status, headers: { ...headers, ...given.headers }, ...(statusText === undefined ? {} : { statusText }) }
    },
    status,
    statusText,
    fields: Object.entries(headers).flatMap(([name, value]) => [value].flat().map((one) => [name, one] as const)),
    body: status === 204 || status === 205 || status === 304 ? Buffer.alloc(0) : body,
  }))
