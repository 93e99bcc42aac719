import { createServer } from 'node:http'
import { app } from '../api/koa.js'
import { listen } from '../lib/report.js'

const handle = app.callback()
listen(
  createServer({ keepAliveTimeout: 75_000 }, (request, response) => {
    void handle(request, response)
  }),
)
