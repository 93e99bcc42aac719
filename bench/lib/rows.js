import { NodeServer } from './node-server.js'
import { ProgramServer } from './program-server.js'
import { eventletCommand, nginxCommand } from './programs.js'

/** @typedef {import('./report.js').Serving} Serving */

/**
 * A server as it is measured: where it listens, what CPU time it has used, in microseconds, and its end.
 *
 * @typedef {object} ServerProcess
 * @property {number} port
 * @property {() => Promise<number>} cpuTime
 * @property {() => void} stop
 */

/**
 * A server that takes part.
 *
 * @typedef {object} Row
 * @property {string} name as `--only` takes it
 * @property {string} text what it is
 * @property {(serving: Serving, prefix: readonly string[]) => Promise<ServerProcess>} start rejects with Missing where it cannot run
 */

/** @param {string} file in servers/ */
function onNode(file) {
  return (/** @type {Serving} */ serving, /** @type {readonly string[]} */ prefix) => NodeServer.start(file, serving, prefix)
}

/** @param {() => (port: number) => readonly string[]} command */
function program(command) {
  return async (/** @type {Serving} */ _serving, /** @type {readonly string[]} */ prefix) => ProgramServer.start(command(), prefix)
}

export const MILLRACE = { name: 'millrace', text: 'URL map, 3 filters, router, JSON', start: onNode('millrace.js') }
export const NODE_HTTP = { name: 'node:http', text: 'bare: no routes, no filters, fewer fields', start: onNode('node-http.js') }
export const HONO = { name: 'hono', text: '2 middlewares, router, JSON; on node:http', start: onNode('hono.js') }
export const EXPRESS = { name: 'express', text: '2 middlewares, router, JSON; on node:http', start: onNode('express.js') }
export const KOA = { name: 'koa', text: '2 middlewares, route by hand, JSON; on node:http', start: onNode('koa.js') }
export const FASTIFY = { name: 'fastify', text: '2 hooks, router, JSON by schema', start: onNode('fastify.js') }

/** Those every workload is for. @type {readonly Row[]} */
export const RIVALS = [MILLRACE, NODE_HTTP, FASTIFY]

/** The main workload's. @type {readonly Row[]} */
export const ROWS = [
  { name: 'canned', text: "net.Server, Millrace's octets", start: onNode('canned.js') },
  ...RIVALS,
  HONO,
  EXPRESS,
  { name: 'uwebsockets', text: 'C++, router, JSON', start: onNode('uwebsockets.js') },
  { name: 'nginx', text: 'C, one worker, return 200', start: program(nginxCommand) },
  { name: 'eventlet', text: 'Python, eventlet.wsgi, JSON', start: program(eventletCommand) },
]
