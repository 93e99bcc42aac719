import { randomUUID } from 'node:crypto'
import Koa from 'koa'
import { showServer } from '../lib/resource.js'

/** The same for Koa, whose middleware is always async. It has no router of its own; one route needs none. */
export const app = new Koa()

app.use(async (context, next) => {
  context.set('x-openstack-request-id', `req-${randomUUID()}`)
  await next()
})

app.use(async (context, next) => {
  context.set('cache-control', 'no-store')
  await next()
})

app.use((context) => {
  const [, id] = /^\/v2\.1\/servers\/([^/]+)$/.exec(context.path) ?? []
  if (id !== undefined) context.body = showServer(decodeURIComponent(id))
})
