import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { pipeline } from 'node:stream'
import { listen, serving } from '../lib/report.js'
import { createServer as create, ID, makeStream, MEGABYTE, received, showServer, TEXT } from '../lib/resource.js'

/** Bare node:http: no routes, no filters, each workload its own listener. */

/** @typedef {import('node:http').ServerResponse} ServerResponse */

/** @type {Record<import('../lib/report.js').Serving['does'], import('node:http').RequestListener>} */
const LISTENERS = {
  show: (_request, response) => sendJson(response, showServer(ID)),
  text: (_request, response) => send(response, 'text/plain; charset=utf-8', TEXT),
  buffer: (_request, response) => send(response, 'application/octet-stream', MEGABYTE),
  create(request, response) {
    let text = ''
    request.setEncoding('utf8').on('data', (piece) => (text += piece))
    request.on('end', () => sendJson(response, create(JSON.parse(text))))
  },
  receive(request, response) {
    let octets = 0
    request.on('data', (piece) => (octets += piece.length))
    request.on('end', () => sendJson(response, received(octets)))
  },
  stream(_request, response) {
    response.writeHead(200, { 'content-type': 'application/octet-stream' })
    pipeline(makeStream(), response, () => {})
  },
}

/** @param {ServerResponse} response @param {object} document */
function sendJson(response, document) {
  send(response, 'application/json', JSON.stringify(document))
}

/** @param {ServerResponse} response @param {string} type @param {string | Buffer} body */
function send(response, type, body) {
  response.writeHead(200, { 'content-type': type, 'content-length': Buffer.byteLength(body) })
  response.end(body)
}

// As long as the others keep connections; five seconds is node's own.
const options = { keepAliveTimeout: 75_000 }
const { key, cert, does } = serving
const server =
  key === undefined || cert === undefined
    ? createServer(options, LISTENERS[does])
    : createTlsServer({ ...options, key: readFileSync(key), cert: readFileSync(cert) }, LISTENERS[does])
listen(server)
