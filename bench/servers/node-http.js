import { createServer } from 'node:http'
import { listen } from '../lib/report.js'
import { ID, showServer } from '../lib/resource.js'

/** Bare node:http: no routes, no filters. */
listen(
  createServer((_request, response) => {
    const body = JSON.stringify(showServer(ID))
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
    response.end(body)
  }),
)
