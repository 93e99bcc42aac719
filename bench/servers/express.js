import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import express from 'express'
import { listen } from '../lib/report.js'
import { showServer } from '../lib/resource.js'

/** The same for Express, in production as its documentation says: NODE_ENV is set, x-powered-by is off. No other server here has ETags. */
const app = express()
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

listen(createServer({ keepAliveTimeout: 75_000 }, app))
