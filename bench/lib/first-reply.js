import { connect } from 'node:net'
import { HEADERS, ID, showServer, TARGET } from './resource.js'

const EXPECTED = JSON.stringify(showServer(ID))

/**
 * The reply to the benchmark's request as it stands on the wire. Rejects when it is not the right one: nothing wrong is measured.
 *
 * @param {number} port
 * @returns {Promise<string>}
 */
export async function firstReply(port) {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1').setTimeout(5000)
  socket.on('timeout', () => socket.destroy(new Error('no whole reply within 5 seconds')))
  const fields = Object.entries({ Host: `127.0.0.1:${port}`, ...HEADERS }).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(`GET ${TARGET} HTTP/1.1\r\n${fields.join('')}\r\n`)
  let reply = ''
  for await (const piece of socket) {
    reply += piece
    if (isWhole(reply)) break
  }
  check(reply)
  return reply
}

/** @param {string} reply */
function isWhole(reply) {
  const head = reply.indexOf('\r\n\r\n')
  return head !== -1 && reply.length >= head + 4 + EXPECTED.length
}

/** @param {string} reply */
function check(reply) {
  const [head = '', body] = reply.split('\r\n\r\n')
  if (!head.startsWith('HTTP/1.1 200 ')) throw new Error(`expected status 200, got ${JSON.stringify(head)}`)
  if (/^connection: *close/im.test(head)) throw new Error('the connection is not kept alive')
  if (body !== EXPECTED) throw new Error(`expected the body ${EXPECTED}, got ${body}`)
}
