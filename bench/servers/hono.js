import { serve } from '@hono/node-server'
import { app } from '../api/hono.js'
import { reportPortOf } from '../lib/report.js'

const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, () => {
  reportPortOf(server)
})
