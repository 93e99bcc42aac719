import { Readable } from 'node:stream'
import { Pool } from 'undici'
import { expect } from 'vitest'
import { RawClient } from '../support/raw-client.ts'
import { test } from '../support/site.ts'

interface Case {
  readonly method: string
  readonly path: string
  readonly body?: string
  /** The body comes in chunks, its length unsaid. */
  readonly chunked?: boolean
  readonly status: number
  readonly answer?: RegExp
}

const CASES: readonly Case[] = [
  { method: 'GET', path: '/pid', status: 200, answer: /^\d+$/ },
  { method: 'HEAD', path: '/pid', status: 200, answer: /^$/ },
  { method: 'POST', path: '/echo', body: 'sent with its length', status: 200, answer: /^sent with its length$/ },
  { method: 'POST', path: '/echo', body: 'sent in chunks', chunked: true, status: 200, answer: /^sent in chunks$/ },
  { method: 'PUT', path: '/things/a%20b', body: 'blue', status: 200, answer: /^a b=blue$/ },
  { method: 'DELETE', path: '/things/7', status: 204, answer: /^$/ },
  { method: 'GET', path: '/stream', status: 200, answer: /^0\n1\n2\n3\n4\n$/ },
  { method: 'GET', path: '/nowhere', status: 404 },
  { method: 'DELETE', path: '/pid', status: 405 },
  { method: 'POST', path: '/echo', body: 'x'.repeat(2000), status: 413 },
  { method: 'POST', path: '/echo', body: 'x'.repeat(2000), chunked: true, status: 413 },
]

const ROUNDS = 50

/** Every case, in turns, over and over on the connections of a pool; returns who answered. */
async function pour(origin: string): Promise<Set<unknown>> {
  const pool = new Pool(origin, { connections: 16 })
  const requests = Array.from({ length: ROUNDS * CASES.length }, async (_, index) => {
    const { method, path, body, chunked, status, answer } = CASES[index % CASES.length]!
    const sent = body === undefined ? null : chunked ? Readable.from([body.slice(0, 5), body.slice(5)]) : body
    const reply = await pool.request({ method, path, body: sent })
    const text = await reply.body.text()
    expect({ method, path, status: reply.statusCode }).toEqual({ method, path, status })
    if (answer !== undefined) expect(text).toMatch(answer)
    return reply.headers['x-worker']
  })
  const workers = await Promise.all(requests)
  await pool.close()
  return new Set(workers.filter((worker) => worker !== undefined))
}

/** The same as octets that are written at once; the last one asks for the connection's end. */
function pipeline(cases: readonly Case[]): string {
  return cases
    .map(({ method, path, body = '', chunked }, index) => {
      const framing = chunked ? 'transfer-encoding: chunked' : `content-length: ${body.length}`
      const content = chunked ? `5\r\n${body.slice(0, 5)}\r\n${(body.length - 5).toString(16)}\r\n${body.slice(5)}\r\n0\r\n\r\n` : body
      const end = index === cases.length - 1 ? 'connection: close\r\n' : ''
      return `${method} ${path} HTTP/1.1\r\nhost: api.example\r\n${framing}\r\n${end}\r\n${content}`
    })
    .join('')
}

/** Requests in a pipeline are answered in their order (RFC 9112 §9.3.2). */
async function pourRaw(port: number): Promise<void> {
  const client = await RawClient.connect(port)
  client.write(pipeline(CASES))
  for (const { method, path, status, answer } of CASES) {
    const response = await client.response(method)
    expect({ method, path, status: response.status }).toEqual({ method, path, status })
    if (answer !== undefined) expect(response.body).toMatch(answer)
  }
  expect(await client.ended()).toEqual({ how: 'closed', rest: '' })
}

test('two APIs on two and one workers answer a thousand mixed requests, and every worker takes part', async ({ makeSite }) => {
  const site = makeSite({
    apis: { compute: 'probe.js', metadata: 'probe.js' },
    conf: { DEFAULT: { compute_workers: 2 }, wsgi: { max_buffered_body: 1000 } },
  })
  const server = await site.serve()
  const [compute, metadata] = await Promise.all([pour(server.address('compute').url), pour(server.address('metadata').url)])
  expect(compute).toEqual(new Set(server.workers('compute').map(String)))
  expect(metadata).toEqual(new Set(server.workers('metadata').map(String)))
  await Promise.all(Array.from({ length: 8 }, () => pourRaw(server.port('compute'))))
  server.signal('SIGTERM')
  expect(await server.exited()).toBe(0)
  expect(server.log('request.failed')).toEqual([])
  expect(server.log('worker.exited').filter((line) => line['expected'] === false)).toEqual([])
})
