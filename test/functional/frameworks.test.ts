import { createHash } from 'node:crypto'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { describe, expect, test } from 'vitest'
import { fetchFactory } from '../../src/compose/fetch-app.ts'
import { nodeFactory } from '../../src/compose/node-app.ts'
import { app as expressApp } from '../fixtures/apps/express-app.js'
import { app as fastifyApp } from '../fixtures/apps/fastify-app.js'
import { app as honoApp } from '../fixtures/apps/hono-app.js'
import { app as koaApp } from '../fixtures/apps/koa-app.js'
import { makeRequest } from '../support/make-request.ts'
import type { RawResponse } from '../support/raw-client.ts'
import { get, readReplies, serve, turn } from '../support/server-harness.ts'
import { mount, open, serveByMillrace, serveByNode } from '../support/side-by-side.ts'
import { test as siteTest } from '../support/site.ts'

interface Asked {
  readonly headers?: Record<string, string>
  readonly body?: string
}

type Row = readonly [method: string, path: string, asked?: Asked]

const JSON_TYPE = { 'content-type': 'application/json' }
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' }
const OCTETS_TYPE = { 'content-type': 'application/octet-stream' }
const LARGE = 'x'.repeat(300_000)

const COMMON: readonly Row[] = [
  ['GET', '/'],
  ['HEAD', '/'],
  ['GET', '/nowhere'],
  ['POST', '/'],
  ['OPTIONS', '/'],
  ['GET', '/cookies', { headers: { cookie: 'c=3; d=4' } }],
  ['GET', '/redirect'],
  ['GET', '/empty'],
  ['HEAD', '/empty'],
  ['GET', '/throws'],
  ['GET', '/pieces'],
  ['HEAD', '/pieces'],
  ['GET', '/large'],
  ['POST', '/json', { headers: JSON_TYPE, body: '{"a":[1,"é"]}' }],
  ['POST', '/json', { headers: { ...JSON_TYPE, 'transfer-encoding': 'chunked' }, body: '3\r\n{"a\r\n4\r\n":1}\r\n0\r\n\r\n' }],
  ['POST', '/json', { headers: JSON_TYPE, body: '{"a":' }],
  ['POST', '/unread', { headers: OCTETS_TYPE, body: LARGE }],
  ['PUT', '/pipe', { headers: OCTETS_TYPE, body: LARGE }],
  ['PUT', '/pipe', { headers: { ...OCTETS_TYPE, expect: '100-continue' }, body: 'waited for' }],
  ['GET', '/connection'],
]

const EXPRESS: readonly Row[] = [
  ...COMMON,
  ['GET', '/html'],
  ['GET', '/users/a%2Fb?x=1&x=2&y=%C3%A9'],
  ['GET', '/', { headers: { 'if-none-match': 'W/"5-9/+ei3uy4Jtwk1pdeF4MxdnQq/A"' } }],
  ['POST', '/form', { headers: FORM_TYPE, body: 'a=1&b=%20' }],
  ['POST', '/small', { headers: JSON_TYPE, body: '{"long":"0123456789"}' }],
  ['POST', '/count', { headers: OCTETS_TYPE, body: LARGE }],
  ['GET', '/rejects'],
  ['GET', '/next'],
  ['GET', '/drain'],
  ['GET', '/nested/where?q=1'],
]

const KOA: readonly Row[] = [...COMMON, ['GET', '/html'], ['GET', '/json?a=1'], ['GET', '/fails'], ['GET', '/raw']]

const FASTIFY: readonly Row[] = [
  ...COMMON,
  ['GET', '/text'],
  ['GET', '/users/a%2Fb?x=1&x=2'],
  ['POST', '/valid', { headers: JSON_TYPE, body: '{}' }],
  ['POST', '/json', { headers: { 'content-type': 'application/unheard-of' }, body: 'x' }],
  ['GET', '/hijack'],
]

/** Of the connection, and when. */
const NOT_COMPARED = ['date', 'connection', 'keep-alive', 'transfer-encoding']

async function ask(port: number, [method, path, asked = {}]: Row): Promise<RawResponse> {
  const client = await open(port)
  if (asked.headers?.['transfer-encoding'] === undefined) client.send(method, path, asked)
  else client.send(method, path, { headers: asked.headers }).write(asked.body ?? '')
  return client.response(method)
}

/**
 * Who tells the length has chosen how to frame, and Millrace tells it wherever it knows it. A 204 has none (RFC 9110 §8.6): Fastify gives it
 * one, which Millrace does not send.
 */
function essence({ status, headers, body }: RawResponse, other: RawResponse): unknown {
  const ignored = other.headers['content-length'] === undefined || status === 204 ? [...NOT_COMPARED, 'content-length'] : NOT_COMPARED
  const kept = Object.entries(headers).filter(([name]) => !ignored.includes(name))
  const octets = body.length > 1000 ? createHash('sha256').update(body, 'latin1').digest('hex') : body
  return { status, headers: Object.fromEntries(kept), body: octets }
}

function expectSame(row: Row, here: RawResponse, there: RawResponse): void {
  expect([...row, essence(here, there)]).toEqual([...row, essence(there, here)])
}

describe.each([
  ['Express', expressApp, expressApp as RequestListener, EXPRESS],
  ['Koa', koaApp, koaApp.callback() as RequestListener, KOA],
  ['Fastify', fastifyApp, fastifyApp.routing, FASTIFY],
] as const)('an app of %s', (_name, exported, listener, rows) => {
  test('answers as it does under node:http', async () => {
    const app = await mount(nodeFactory, exported)
    const [here, there] = [await serveByMillrace(app), await serveByNode(listener)]
    for (const row of rows) expectSame(row, await ask(here, row), await ask(there, row))
  })
})

describe('an app of Hono', () => {
  const rows: readonly Row[] = [...COMMON, ['GET', '/html'], ['GET', '/users/a%2Fb?x=1&y=%C3%A9'], ['POST', '/form', { headers: FORM_TYPE, body: 'a=1&b=%20' }]]

  test('answers as it does when it is called', async () => {
    const port = await serveByMillrace(await mount(fetchFactory, honoApp.fetch))
    for (const row of rows) expectSame(row, await ask(port, row), await call(row))
  })

  /** What its Response says. */
  async function call([method, path, { headers = {}, body = '' } = {}]: Row): Promise<RawResponse> {
    const sent = headers['transfer-encoding'] === undefined ? body : '{"a":1}'
    const init = { method, headers, ...(sent === '' ? {} : { body: Buffer.from(sent, 'latin1') }) }
    const response = await honoApp.fetch(new Request(`http://api.example${path}`, init), { request: makeRequest() })
    const fields: Record<string, string> = Object.fromEntries(response.headers)
    const cookies = response.headers.getSetCookie()
    if (cookies.length > 0) fields['set-cookie'] = cookies.join(', ')
    const octets = Buffer.from(await response.arrayBuffer()).toString('latin1')
    return { status: response.status, headers: fields, body: method === 'HEAD' ? '' : octets }
  }
})

const SITE = {
  conf: { DEFAULT: { enabled_apis: 'mixed', mixed_listen: '127.0.0.1', mixed_listen_port: 0, mixed_workers: 1 } },
  paste: `
[composite:mixed]
use = egg:Paste#urlmap
/express: express
/koa: koa
/fastify: fastify
/hono: hono
/whole: whole

[app:express]
use = egg:millrace#node
handler = %(apps)s/express-app.js:app

[app:koa]
use = egg:millrace#node
handler = %(apps)s/koa-app.js:app

[app:fastify]
use = egg:millrace#node
handler = %(apps)s/fastify-app.js:app

[app:hono]
use = egg:millrace#fetch
handler = %(apps)s/hono-app.js:app.fetch

[app:whole]
use = hono
strip_mount = false
`,
}

siteTest('four frameworks are mounted in one file, two lines each, and served beside each other', async ({ makeSite }) => {
  const server = await makeSite(SITE).serve()
  const client = await open(server.port('mixed'))
  const bodyOf = async (path: string): Promise<unknown> => JSON.parse((await client.ask('GET', path)).body)
  expect(await bodyOf('/express/nested/where?q=1')).toEqual({
    baseUrl: '/express/nested', url: '/where?q=1', originalUrl: '/express/nested/where?q=1', path: '/where',
  })
  expect(await bodyOf('/express/connection')).toMatchObject({ ip: '127.0.0.1', protocol: 'http', hostname: 'api.example' })
  expect(await bodyOf('/koa/connection')).toMatchObject({ host: 'api.example', url: '/connection' })
  expect(await bodyOf('/fastify/connection')).toMatchObject({ url: '/connection', originalUrl: '/fastify/connection' })
  expect(await bodyOf('/hono/url?q=1')).toEqual({ url: 'http://api.example/url?q=1', path: '/url' })
  expect(await bodyOf('/hono/client')).toEqual({ address: '127.0.0.1', mount: '/hono' })
  expect((await client.ask('GET', '/whole/url')).status).toBe(404)
  const large = await client.ask('PUT', '/koa/pipe', { body: LARGE })
  expect(large.body).toBe(LARGE)
  expect((await client.ask('GET', '/express/cookies', { headers: { cookie: 'c=3' } })).headers['set-cookie']).toBe('a=1; Path=/, b=2; Path=/; HttpOnly')
})

siteTest('a reply that its handler destroys is cut, and the log says why', async ({ makeSite }) => {
  const server = await makeSite(SITE).serve()
  const client = await open(server.port('mixed'))
  client.send('GET', '/express/broken')
  const { rest } = await client.ended()
  expect(rest).toContain('transfer-encoding: chunked')
  expect(rest).toContain('begun')
  expect(rest).not.toMatch(/\r\n0\r\n\r\n$/)
  expect((await server.line('request.failed'))['err']).toMatchObject({ message: 'out of paper' })
})

siteTest('a handler that does not exist is told with file, line and the nearest name before anything is served', async ({ makeSite }) => {
  const site = makeSite({ ...SITE, paste: SITE.paste.replace('express-app.js:app', 'express-app.js:ap') })
  const { code, stdout, stderr } = await site.run('check')
  expect(code).toBe(2)
  expect(stdout + stderr).toMatch(/api-paste\.ini:\d+: \[app:express\] handler: 'ap' is not exported .*did you mean "app"\?/)
})

describe('a handler of node:http', () => {
  test('that never answers is ended by handler_timeout, and told', async () => {
    const closed: string[] = []
    const app = await mount(nodeFactory, (req: IncomingMessage, res: ServerResponse) => {
      req.on('close', () => closed.push('req'))
      res.on('close', () => closed.push('res'))
    })
    const served = serve(app, { handler_timeout: 5 })
    const client = await served.send(get('/'))
    await served.pass(6)
    expect(readReplies(client.received)).toMatchObject([{ status: 503 }])
    await turn()
    expect(closed.toSorted((a, b) => a.localeCompare(b))).toEqual(['req', 'res'])
  })

  test('is told when its client goes, before it has answered and while it does', async () => {
    const told: string[] = []
    const app = await mount(nodeFactory, (req: IncomingMessage, res: ServerResponse) => {
      req.on('aborted', () => told.push(`${req.url} aborted`))
      res.on('close', () => told.push(`${req.url} closed`))
      if (req.url === '/begun') res.write('begun')
    })
    const served = serve(app)
    for (const path of ['/silent', '/begun']) {
      const client = await served.send(get(path))
      await turn()
      client.reset()
      await turn()
      await turn()
    }
    expect(told).toEqual(['/silent aborted', '/silent closed', '/begun aborted', '/begun closed'])
  })

  test('answers many requests of one connection, pipelined', async () => {
    const app = await mount(nodeFactory, (req: IncomingMessage, res: ServerResponse) => setImmediate(() => res.end(req.url)))
    const port = await serveByMillrace(app)
    const client = await open(port)
    client.write(get('/1') + get('/2') + get('/3'))
    expect((await client.responses(3)).map(({ body }) => body)).toEqual(['/1', '/2', '/3'])
  })
})

describe('a handler of fetch', () => {
  test('is told when its client goes, and its stream is let go', async () => {
    const told: string[] = []
    const app = await mount(fetchFactory, async (request: Request) => {
      request.signal.addEventListener('abort', () => told.push('aborted'))
      return new Response(new ReadableStream({
        start: (controller) => controller.enqueue(Buffer.from('begun')),
        cancel: () => void told.push('cancelled'),
      }))
    })
    const client = await serve(app).send(get('/'))
    await turn()
    expect(client.received).toContain('begun')
    client.reset()
    await turn()
    expect(told.toSorted((a, b) => a.localeCompare(b))).toEqual(['aborted', 'cancelled'])
  })
})
