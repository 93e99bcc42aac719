import * as fc from 'fast-check'
import { encodeChunks, octets } from '../http-cases.ts'

/** One request that is right in every octet, and what is to be read of it. */
export interface ValidRequest {
  readonly input: Buffer
  readonly method: string
  readonly target: string
  readonly minor: number
  /** Name and value, without the blanks around it. */
  readonly fields: readonly (readonly [name: string, value: string])[]
  /** Undefined when neither Content-Length nor Transfer-Encoding says that there is one. */
  readonly body: Buffer | undefined
}

const TCHAR = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]"
const HOSTS = ['a.example', 'a.example:8080', '192.0.2.1:80', '[2001:db8::1]', 'a%C3%A9b', '']
/** Fields that say where a message ends, whom it is for, or how the connection goes on: the generator writes them itself. */
const RESERVED = new Set(['host', 'content-length', 'transfer-encoding', 'connection', 'expect'])

export const token: fc.Arbitrary<string> = fc.stringMatching(new RegExp(`^${TCHAR}{1,12}$`))

/** A field's value: VCHAR, obs-text, blanks inside (RFC 9110 §5.5). */
export const fieldValue: fc.Arbitrary<string> = fc.stringMatching(
  /^(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]{0,12}[\x21-\x7e\x80-\xff])?)?$/,
)

const method: fc.Arbitrary<string> = fc
  .oneof(fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'), token)
  .filter((name) => name !== 'CONNECT')

const path = fc.stringMatching(/^(?:\/(?:[\w\-.~!$&'()*+,;=:@]|%[0-9A-F]{2}){0,8}){1,3}(?:\?[\w\-.~%!$&'()*+,;=:@/?]{0,8})?$/)

const target: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: path },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom('http', 'HTTPS'), fc.constantFrom(...HOSTS.slice(0, 4)), path)
      .map(([scheme, host, rest]) => `${scheme}://${host}${rest}`),
  },
)

const field = fc.tuple(token, fieldValue).filter(([name]) => !RESERVED.has(name.toLowerCase()))
const pieces = fc.array(
  fc.uint8Array({ minLength: 1, maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
  { maxLength: 3 },
)

const quoted = fc.stringMatching(/^"(?:[\t\x20\x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t\x20-\x7e\x80-\xff]){0,8}"$/)
const bws = fc.constantFrom('', ' ', '\t')

/** Chunk extensions, as RFC 9112 §7.1.1 lets them be written. */
export const extension: fc.Arbitrary<string> = fc
  .array(fc.tuple(bws, bws, token, fc.option(fc.tuple(bws, bws, fc.oneof(token, quoted)))), { maxLength: 2 })
  .map((all) => all.map(([a, b, name, value]) => `${a};${b}${name}${value === null ? '' : `${value[0]}=${value[1]}${value[2]}`}`).join(''))

export const trailers: fc.Arbitrary<string> = fc
  .array(field, { maxLength: 2 })
  .map((all) => all.map(([name, value]) => `${name}: ${value}\r\n`).join(''))

/** How a body is sent: not at all, with Content-Length, or in chunks. */
const content = fc.oneof(
  fc.constant(null),
  pieces.map((all) => ({
    body: Buffer.concat(all),
    fields: [['Content-Length', String(Buffer.concat(all).length)]] as const,
    encoded: Buffer.concat(all),
  })),
  fc.tuple(pieces, extension, trailers, fc.constantFrom('chunked', 'Chunked')).map(([all, extra, behind, coding]) => ({
    body: Buffer.concat(all),
    fields: [['Transfer-Encoding', coding]] as const,
    encoded: encodeChunks(all, extra, behind),
  })),
)

const connection = fc.option(fc.constantFrom('close', 'keep-alive', 'Close', 'foo, keep-alive', 'close, foo', 'foo'), { nil: undefined })

interface Choice {
  readonly methods: fc.Arbitrary<string>
  readonly minors: fc.Arbitrary<number>
  readonly blanks: fc.Arbitrary<string>
}

/** Everything the RFCs allow. */
const ANY: Choice = { methods: method, minors: fc.constantFrom(1, 1, 1, 0, 7), blanks: fc.constantFrom(' ', '', '\t', ' \t ') }

/** A valid request, within what the grammar allows or, given that, within less. */
export function validRequest(choice: Partial<Choice> = {}): fc.Arbitrary<ValidRequest> {
  const { methods, minors, blanks } = { ...ANY, ...choice }
  const fields = fc.array(field, { maxLength: 3 })
  return fc
    .record({
      method: methods,
      target,
      minor: minors,
      host: fc.constantFrom(...HOSTS),
      before: fields,
      after: fields,
      content,
      connection,
      blanks: fc.tuple(blanks, blanks),
      emptyLine: fc.boolean(),
    })
    .filter((made) => made.content === null || made.minor > 0 || made.content.fields[0][0] === 'Content-Length')
    .map(({ content, connection, host, before, after, blanks: [left, right], emptyLine, ...line }) => {
      const fields = [
        ...before,
        ['Host', host] as const,
        ...(connection === undefined ? [] : [['Connection', connection] as const]),
        ...(content?.fields ?? []),
        ...after,
      ]
      const lines = fields.map(([name, value]) => `${name}:${left}${value}${right}\r\n`).join('')
      const head = octets(`${emptyLine ? '\r\n' : ''}${line.method} ${line.target} HTTP/1.${line.minor}\r\n${lines}\r\n`)
      return { ...line, fields, body: content?.body, input: Buffer.concat([head, content?.encoded ?? Buffer.alloc(0)]) }
    })
}
