import { randomUUID } from 'node:crypto'
import express from 'express'
import { showServer } from '../lib/resource.js'

/** The same for Express, in production as its documentation says: NODE_ENV is set, x-powered-by is off. No other server here has ETags. */
export const app = express()
app.disable('x-powered-by')
app.disable('etag')

app.use((_request, response, next) => {
  response.set('x-openstack-request-id', `req-${randomUUID()}`)
  next()
})

app.use(async (_request, response, next) => {
  response.set('cache-control', 'no-store')
  next()
})

app.get('/v2.1/servers/:id', (request, response) => {
  response.json(showServer(request.params.id))
})
