import { once } from 'node:events'
import { connect } from 'node:net'
import { Missing } from './missing.js'

/** @typedef {import('./workloads.js').Workload} Workload */
/** @typedef {import('./rows.js').Row} Row */

/** So many are opened at once: more would overflow a server's backlog. */
const BATCH = 100

/** Connections that made one request each and keep quiet since. */
export class IdleConnections {
  /** @type {import('node:net').Socket[]} */
  #sockets = []
  /** How many the server has not closed. */
  open = 0

  /**
   * Resolves when each has its reply. Rejects with Missing where this process may not open so many.
   *
   * @param {Workload} workload a GET
   * @param {number} port
   * @param {number} count
   */
  static async open(workload, port, count) {
    const connections = new IdleConnections()
    for (let opened = 0; opened < count; opened += BATCH) {
      await Promise.all(Array.from({ length: Math.min(BATCH, count - opened) }, () => connections.#add(workload, port))).catch(explain)
    }
    return connections
  }

  close() {
    for (const socket of this.#sockets) socket.destroy()
  }

  /** @param {Workload} workload @param {number} port */
  async #add({ target, fields, expected }, port) {
    const socket = connect(port, '127.0.0.1').setEncoding('latin1').setTimeout(10_000)
    socket.on('timeout', () => socket.destroy(new Error('no whole reply within 10 seconds')))
    const lines = Object.entries({ Host: `127.0.0.1:${port}`, ...fields }).map(([name, value]) => `${name}: ${value}\r\n`)
    socket.write(`GET ${target} HTTP/1.1\r\n${lines.join('')}\r\n`)
    let reply = ''
    while (!reply.endsWith(`\r\n\r\n${expected}`)) reply += (await once(socket, 'data'))[0]
    socket.setTimeout(0)
    socket.on('error', () => {}).on('close', () => (this.open -= 1))
    this.#sockets.push(socket)
    this.open += 1
  }
}

/** @param {NodeJS.ErrnoException} error @returns {never} */
function explain(error) {
  throw error.code === 'EMFILE' ? new Missing('ulimit -n allows too few connections', { cause: error }) : error
}

/**
 * The same server, while it has so many idle connections.
 *
 * @param {Row} row
 * @param {Workload} workload
 * @param {number} count
 * @returns {Row}
 */
export function withIdle(row, workload, count) {
  return {
    ...row,
    async start(serving, prefix) {
      const server = await row.start(serving, prefix)
      const idle = await IdleConnections.open(workload, server.port, count)
      return {
        port: server.port,
        cpuTime: () => server.cpuTime(),
        stop() {
          idle.close()
          server.stop()
        },
      }
    },
  }
}
