import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'

/** @typedef {import('./workloads.js').Workload} Workload */

const AN_X = 'x'.charCodeAt(0)

/**
 * Rejects unless the server on `port` answers the workload's request as it should: nothing wrong is measured.
 *
 * @param {Workload} workload
 * @param {number} port
 */
export async function proveAnswer(workload, port) {
  const { method, target, fields, serving, body } = workload
  const request = serving.tls ? httpsRequest : httpRequest
  const length = body.length === 0 ? {} : { 'Content-Length': Buffer.byteLength(body) }
  const headers = { ...fields, ...length }
  const sent = request({ port, host: '127.0.0.1', method, path: target, headers, agent: false, rejectUnauthorized: false, timeout: 10_000 })
  // Without an agent node's client asks for the connection to be closed.
  if (fields.Connection === undefined) sent.removeHeader('Connection')
  sent.on('timeout', () => sent.destroy(new Error('nothing of the reply came for 10 seconds')))
  sent.end(body)
  const [reply] = await once(sent, 'response')
  const broken = once(sent, 'error').then(([error]) => Promise.reject(error))
  checkHead(reply, fields)
  await Promise.race([checkBody(reply, workload.expected), broken])
}

/** @param {import('node:http').IncomingMessage} reply @param {Workload['fields']} fields */
function checkHead({ statusCode, headers }, fields) {
  if (statusCode !== 200) throw new Error(`expected status 200, got ${statusCode}`)
  if (fields.Connection === undefined && headers.connection === 'close') throw new Error('the connection is not kept alive')
}

/** @param {import('node:http').IncomingMessage} reply @param {Workload['expected']} expected */
async function checkBody(reply, expected) {
  if (typeof expected === 'string') {
    const body = Buffer.concat(await reply.toArray()).toString()
    if (body !== expected) throw new Error(`expected the body ${expected}, got ${body}`)
    return
  }
  let octets = 0
  for await (const piece of reply) {
    if (piece[0] !== AN_X || piece.at(-1) !== AN_X) throw new Error('the body has not the right octets')
    octets += piece.length
  }
  if (octets !== expected) throw new Error(`expected ${expected} octets, got ${octets}`)
}
