/**
 * One line of the table: a server, and what it is started with.
 *
 * @typedef {object} Row
 * @property {string} name as `--only` takes it
 * @property {string} text what it is
 * @property {string} file in servers/
 * @property {readonly string[]} args
 */

/** @type {Row} */
export const MILLRACE = { name: 'millrace', text: 'URL map, 3 filters, router, JSON', file: 'millrace.js', args: [] }

/**
 * @param {string} cannedReply what the canned row answers with
 * @returns {Row[]}
 */
export function rowsWith(cannedReply) {
  return [
    { name: 'canned', text: "net.Server, Millrace's octets", file: 'canned.js', args: [cannedReply] },
    MILLRACE,
    { name: 'millrace+log', text: 'the same, JSON access log to /dev/null', file: 'millrace.js', args: ['wsgi.access_log=true'] },
    { name: 'node:http', text: 'bare, JSON', file: 'node-http.js', args: [] },
    { name: 'fastify', text: '2 hooks, router, JSON', file: 'fastify.js', args: [] },
  ]
}

export const NAMES = rowsWith('').map(({ name }) => name)
