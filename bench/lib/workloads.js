import { ID, MEGABYTE, NEW_SERVER, received, createServer, showServer, STREAM_OCTETS, TEXT } from './resource.js'

/** @typedef {import('./report.js').Serving} Serving */

/**
 * What is asked of a server, and how.
 *
 * @typedef {object} Workload
 * @property {string} name as `--workloads` takes it
 * @property {string} text
 * @property {string} method
 * @property {string} target
 * @property {Readonly<Record<string, string>>} fields
 * @property {string | Buffer} body
 * @property {string | number} expected the reply's body, or of how many `x` it consists
 * @property {number} connections
 * @property {number} pipelining
 * @property {'request' | 'MB'} unit of what the CPU time is counted by
 * @property {Serving} serving
 */

/** What a small HTTP client sends beside Host: curl's fields. */
const FIELDS = { 'User-Agent': 'bench/1.0', Accept: '*/*' }

/** @type {Workload} */
export const SHOW = {
  name: 'path',
  text: 'whole path: URL map, 3 filters, one async, router, JSON',
  method: 'GET',
  target: `/v2.1/servers/${ID}`,
  fields: FIELDS,
  body: '',
  expected: JSON.stringify(showServer(ID)),
  connections: 50,
  pipelining: 1,
  unit: 'request',
  serving: { does: 'show' },
}

/** @type {readonly Workload[]} */
export const FURTHER = [
  {
    ...SHOW,
    name: 'post',
    text: '1 KB JSON POST, parsed and answered',
    method: 'POST',
    target: '/v2.1/servers',
    fields: { ...FIELDS, 'Content-Type': 'application/json' },
    body: NEW_SERVER,
    expected: JSON.stringify(createServer(JSON.parse(NEW_SERVER))),
    serving: { does: 'create' },
  },
  { ...SHOW, name: 'headers', text: '20 request header fields', fields: manyFields(20) },
  {
    ...SHOW,
    name: 'upload',
    text: '1 MB upload, read as a stream',
    method: 'PUT',
    target: '/v2.1/images/42/file',
    fields: { ...FIELDS, 'Content-Type': 'application/octet-stream' },
    body: MEGABYTE,
    expected: JSON.stringify(received(MEGABYTE.length)),
    connections: 8,
    serving: { does: 'receive' },
  },
  {
    ...SHOW,
    name: 'buffer',
    text: '1 MB buffer down',
    target: '/v2.1/images/42/file',
    expected: MEGABYTE.length,
    connections: 8,
    serving: { does: 'buffer' },
  },
  {
    ...SHOW,
    name: 'stream',
    text: '100 MB stream down',
    target: '/v2.1/images/42/stream',
    expected: STREAM_OCTETS,
    connections: 4,
    unit: 'MB',
    serving: { does: 'stream' },
  },
  { ...SHOW, name: 'pipelining', text: '16 requests pipelined', pipelining: 16 },
  { ...SHOW, name: 'tls', text: 'TLS, keep-alive', serving: { does: 'show', tls: true } },
  { ...SHOW, name: 'connect', text: 'new connection for each request', fields: { ...FIELDS, Connection: 'close' } },
  { ...SHOW, name: 'log', text: 'access log on (node:http has none)', serving: { does: 'show', log: true } },
  { ...SHOW, name: 'static', text: '1 KB of static text', target: '/v2.1/about', expected: TEXT, serving: { does: 'text' } },
]

export const WORKLOADS = [SHOW, ...FURTHER]

/** A browser's or a proxy's: so many fields with Host. @param {number} count */
export function manyFields(count) {
  const more = Array.from({ length: count - 1 }, (_, index) => [`X-Field-${index + 1}`, `value-of-field-${index + 1}`])
  return Object.fromEntries(more)
}
