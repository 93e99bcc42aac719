import { once } from 'node:events'
import { type IncomingMessage, request as clientRequest } from 'node:http'
import type { Socket } from 'node:net'
import { type Duplex, duplexPair } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { HttpReply } from '../../src/app.ts'
import { validReply, type ValidReply } from '../support/arbitraries/replies.ts'
import { serve, type TestServer } from '../support/server-harness.ts'

describe('a reply that is written out and read by the client of node:http', () => {
  it('has the same status, phrase, fields and body (RFC 9112 §4, §5, §6)', async () => {
    let given: HttpReply = {}
    const served = serve(() => given)
    const asked = fc.record({ method: fc.constantFrom('GET', 'HEAD', 'POST'), close: fc.boolean() })
    await fc.assert(
      fc.asyncProperty(validReply, asked, async (reply, { method, close }) => {
        given = reply.make()
        const read = await ask(served, method, close)
        expect(read.status).toBe(reply.status)
        if (reply.statusText !== undefined) expect(read.phrase).toBe(reply.statusText)
        expect(read.fields).toEqual(expect.arrayContaining([...reply.fields]))
        expect(read.fields.filter(([name]) => !ADDED.has(name))).toEqual(reply.fields)
        expect(read.body).toEqual(method === 'HEAD' ? Buffer.alloc(0) : reply.body)
        expect(lengthIsTrue(read, reply, method)).toBe(true)
      }),
      { numRuns: 300 },
    )
  })
})

/** Fields the server adds; no generated reply has one of its own. */
const ADDED = new Set(['connection', 'content-length', 'content-type', 'date', 'keep-alive', 'transfer-encoding'])

interface ReadByNode {
  status: number | undefined
  phrase: string | undefined
  fields: (readonly [name: string, value: string])[]
  body: Buffer
}

/** One request of a new client, whose socket is in memory. */
async function ask(served: TestServer, method: string, close: boolean): Promise<ReadByNode> {
  const [ours, theirs] = duplexPair()
  served.server.accept(asSocket(ours))
  const request = clientRequest({
    method,
    createConnection: () => theirs,
    headers: { host: 'api.example', connection: close ? 'close' : 'keep-alive' },
  })
  request.end()
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  const body = await buffer(response)
  theirs.destroy()
  ours.destroy()
  const { rawHeaders } = response
  const fields = rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? ''] as const] : []))
  return { status: response.statusCode, phrase: response.statusMessage, fields, body }
}

/** What the server uses of a `net.Socket` besides. */
function asSocket(stream: Duplex): Socket {
  const methods = { setNoDelay: () => stream, setKeepAlive: () => stream, resetAndDestroy: () => stream.destroy() }
  return Object.assign(stream, { remoteAddress: '192.0.2.7', remotePort: 40_000 }, methods) as unknown as Socket
}

/** RFC 9110 §8.6: Content-Length, when it is sent, is what GET gives; of 204 there is none. */
function lengthIsTrue({ status, fields }: ReadByNode, { body }: ValidReply, method: string): boolean {
  const lengths = fields.flatMap(([name, value]) => (name === 'content-length' ? [value] : []))
  const coded = fields.some(([name]) => name === 'transfer-encoding')
  if (status === 204 || status === 304) return lengths.length === 0 && !coded
  if (lengths.length === 0) return coded || method === 'HEAD'
  return lengths.length === 1 && !coded && lengths[0] === String(body.length)
}
