import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fastify from 'fastify'
import { serving } from '../lib/report.js'
import { createServer, makeStream, MEGABYTE, received, showServer, TEXT } from '../lib/resource.js'

/**
 * The same API for Fastify: its own error handling, two hooks, one async, that send what Millrace's filters send, routes, and schemas of
 * the replies, from which it makes serializers. With `log` its own logger, pino, writes to standard output, which is /dev/null.
 */
const { key, cert, log = false } = serving
const https = key === undefined || cert === undefined ? {} : { https: { key: readFileSync(key), cert: readFileSync(cert) } }
export const app = fastify({ logger: log, ...https })

app.addHook('onRequest', (_request, reply, done) => {
  reply.header('x-openstack-request-id', `req-${randomUUID()}`)
  done()
})

app.addHook('onSend', async (_request, reply) => {
  reply.header('cache-control', 'no-store')
})

const string = { type: 'string' }
const flavor = { type: 'object', properties: { id: string } }
const server = { type: 'object', properties: { id: string, name: string, status: string, flavor } }
const answersServer = { schema: { response: { 200: { type: 'object', properties: { server } } } } }
const answersOctets = { schema: { response: { 200: { type: 'object', properties: { octets: { type: 'integer' } } } } } }

/** @type {import('fastify').RouteHandler<{ Params: { id: string } }>} */
const show = (request, reply) => reply.send(showServer(request.params.id))
app.get('/v2.1/servers/:id', answersServer, show)
app.post('/v2.1/servers', answersServer, (request, reply) => reply.send(createServer(request.body)))

app.addContentTypeParser('application/octet-stream', (_request, payload, done) => done(null, payload))
app.put('/v2.1/images/:id/file', answersOctets, async (request) => {
  let octets = 0
  for await (const piece of /** @type {AsyncIterable<Buffer>} */ (request.body)) octets += piece.length
  return received(octets)
})
app.get('/v2.1/images/:id/file', (_request, reply) => reply.type('application/octet-stream').send(MEGABYTE))
app.get('/v2.1/images/:id/stream', (_request, reply) => reply.type('application/octet-stream').send(makeStream()))
app.get('/v2.1/about', (_request, reply) => reply.send(TEXT))
