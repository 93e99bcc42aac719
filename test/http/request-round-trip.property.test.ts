import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HeaderMap } from '../../src/http/header-map.ts'
import { RequestHead } from '../../src/http/request-head.ts'
import { RequestParser } from '../../src/http/request-parser.ts'
import { cut, places } from '../support/arbitraries/cuts.ts'
import { anyOctets } from '../support/arbitraries/octets.ts'
import { extension, trailers, validRequest, type ValidRequest } from '../support/arbitraries/requests.ts'
import { defaultLimits, encodeChunks, type HeadSummary, type HttpEvent, octets, readPieces } from '../support/http-cases.ts'

describe('a request that is written out and read', () => {
  it('has the same method, target, version, fields and body (RFC 9112 §3, §5, §6)', () => {
    fc.assert(
      fc.property(validRequest(), places, (request, where) => {
        const { method, target, minor } = request
        expect(readOne(cut(request.input, where))).toEqual({
          head: expect.objectContaining({ method, target, minor }) as RequestHead,
          fields: joined(request.fields),
          body: request.body ?? Buffer.alloc(0),
        })
      }),
      { numRuns: 500 },
    )
  })

  it('leaves the next one on its connection where it begins (§9.3.2)', () => {
    fc.assert(
      fc.property(fc.array(validRequest(), { minLength: 2, maxLength: 4 }), places, (requests, where) => {
        const events = readPieces(cut(Buffer.concat(requests.map(({ input }) => input)), where))
        expect(events.filter((event) => 'method' in event)).toMatchObject(
          requests.map(({ method, target, minor }) => ({ method, target, minor })),
        )
        expect(events.flatMap((event) => ('body' in event ? [event] : []))).toEqual(requests.flatMap(bodyEvent))
        expect(events.some((event) => 'refused' in event || 'begun' in event)).toBe(false)
      }),
      { numRuns: 200 },
    )
  })
})

describe('whatever was accepted of any octets', () => {
  it('says the same when it is written out in plain form, its chunks cut anew', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 })
    let accepted = 0
    fc.assert(
      fc.property(anyOctets, sizes, extension, trailers, (input, chunkSizes, extra, behind) => {
        const whole = completeOnes(readPieces([input]))
        accepted += whole.length
        const again = Buffer.concat(
          whole.map(({ head, body }) =>
            writeOut(head, (octetsOfBody) => encodeChunks(slices(octetsOfBody, chunkSizes), extra, behind), body),
          ),
        )
        expect(completeOnes(readPieces([again])).map(meaning)).toEqual(whole.map(meaning))
      }),
      { numRuns: 1500 },
    )
    expect(accepted).toBeGreaterThan(500)
  })
})

/** Reads one request with everything an app can learn of it. */
function readOne(pieces: readonly Buffer[]): { head: RequestHead; fields: [string, string][]; body: Buffer } {
  const parser = new RequestParser(defaultLimits)
  const waiting = [...pieces]
  const next = <T>(ask: () => T | 'more'): T => {
    for (let event = ask(); ; event = ask()) {
      if (event !== 'more') return event
      parser.feed(waiting.shift() ?? expect.unreachable('the request has no end'))
    }
  }
  const head = next(() => parser.nextHead())
  if (!(head instanceof RequestHead)) throw new Error(`refused: ${head.reason}`)
  const read: Buffer[] = []
  while (head.hasBody) {
    const event = next(() => parser.nextBody())
    if (event === 'end') break
    if (!(event instanceof Uint8Array)) throw new Error(`refused: ${event.reason}`)
    read.push(event)
  }
  expect(parser.nextHead()).toBe('more')
  return { head, fields: [...new HeaderMap(head)], body: Buffer.concat(read) }
}

/** Fields as an app sees them: names in lower case, repeated ones joined (RFC 9110 §5.3). */
function joined(fields: ValidRequest['fields']): [string, string][] {
  const values = new Map<string, string>()
  for (const [name, value] of fields) {
    const key = name.toLowerCase()
    const before = values.get(key)
    values.set(key, before === undefined ? value : `${before}${key === 'cookie' ? ';' : ','} ${value}`)
  }
  return [...values]
}

function bodyEvent({ body, fields }: ValidRequest): HttpEvent[] {
  const chunked = fields.some(([name]) => name === 'Transfer-Encoding')
  return body === undefined || (body.length === 0 && !chunked) ? [] : [{ body: body.toString('latin1'), ended: true }]
}

interface Accepted {
  head: HeadSummary
  body: string | null
}

/** The requests that came to their end. */
function completeOnes(events: readonly HttpEvent[]): Accepted[] {
  return events.flatMap((event, index): Accepted[] => {
    if (!('method' in event)) return []
    const next = events[index + 1]
    if (next === undefined || !('body' in next)) return [{ head: event, body: null }]
    return next.ended ? [{ head: event, body: next.body }] : []
  })
}

function meaning({ head: { fields, ...head }, body }: Accepted): unknown {
  return { ...head, fields: plain(fields), body }
}

/** Field lines as nobody can read them in two ways: `Name: value`. */
function plain(fields: string): string {
  return fields.replaceAll(/^([^:]+):[ \t]*(.*?)[ \t]*\r\n/gm, '$1: $2\r\n')
}

function writeOut({ method, target, minor, fields }: HeadSummary, chunks: (body: Buffer) => Buffer, body: string | null): Buffer {
  const head = octets(`${method} ${target} HTTP/1.${minor}\r\n${plain(fields)}\r\n`)
  const chunked = /^transfer-encoding:/im.test(fields)
  return Buffer.concat([head, chunked ? chunks(octets(body ?? '')) : octets(body ?? '')])
}

/** `bytes` in slices of these sizes, over and over. */
function slices(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const all: Buffer[] = []
  for (let at = 0; at < bytes.length; at += all.at(-1)?.length ?? 0)
    all.push(bytes.subarray(at, at + (sizes[all.length % sizes.length] ?? 1)))
  return all
}
