import { randomUUID } from 'node:crypto'
import fastify from 'fastify'
import { reportPortOf } from '../lib/report.js'
import { showServer } from '../lib/resource.js'

/** The same API for Fastify: its own error handling, two hooks, one async, that send what Millrace's filters send, and a parameter. */
const app = fastify({ logger: false })

app.addHook('onRequest', (_request, reply, done) => {
  reply.header('x-openstack-request-id', `req-${randomUUID()}`)
  done()
})

app.addHook('onSend', async (_request, reply) => {
  reply.header('cache-control', 'no-store')
})

/** @type {import('fastify').RouteHandler<{ Params: { id: string } }>} */
const show = (request, reply) => {
  reply.send(showServer(request.params.id))
}

app.get('/v2.1/servers/:id', show)

await app.listen({ host: '127.0.0.1', port: 0 })
reportPortOf(app.server)
