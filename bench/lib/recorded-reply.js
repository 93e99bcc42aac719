import { connect } from 'node:net'

/**
 * The reply to a GET as it stands on the wire, for the server that only repeats it.
 *
 * @param {import('./workloads.js').Workload} workload
 * @param {number} port
 */
export async function recordReply({ target, fields, expected }, port) {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1').setTimeout(5000)
  socket.on('timeout', () => socket.destroy(new Error('no whole reply within 5 seconds')))
  const lines = Object.entries({ Host: `127.0.0.1:${port}`, ...fields }).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(`GET ${target} HTTP/1.1\r\n${lines.join('')}\r\n`)
  let reply = ''
  for await (const piece of socket) {
    reply += piece
    if (reply.endsWith(`\r\n\r\n${expected}`)) return reply
  }
  throw new Error(`the connection ended after ${JSON.stringify(reply)}`)
}
