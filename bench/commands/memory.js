import { benchOf } from '../lib/bench-of.js'
import { fixed } from '../lib/cost-table.js'
import { IdleConnections } from '../lib/idle-connections.js'
import { IDLE_SETTINGS } from '../lib/idle-settings.js'
import { runLoad } from '../lib/load.js'
import { describeMachine, formatMachine } from '../lib/machine.js'
import { NodeServer } from '../lib/node-server.js'
import { count, flag } from '../lib/options.js'
import { Progress } from '../lib/progress.js'
import { tell } from '../lib/publish.js'
import { median } from '../lib/stats.js'
import { alignTable } from '../lib/table.js'
import { SHOW } from '../lib/workloads.js'

/** @typedef {import('../lib/entrant.js').Bench} Bench */
/** @typedef {import('../lib/workloads.js').Workload} Workload */
/** @typedef {{ heap: number, rss: number }} Held octets for each connection */

const SERVERS = { millrace: 'millrace.js', 'node:http': 'node-http.js', fastify: 'fastify.js' }

/** What a connection holds may depend on what came over it. */
const REQUESTS = {
  'after a small request each': SHOW,
  'after a request with 8 KB of cookies each': { ...SHOW, fields: { ...SHOW.fields, Cookie: 'c'.repeat(8000) } },
}

/** @type {import('../bench.js').Command} */
export const memory = {
  text: 'what an idle keep-alive connection holds in memory',
  options: {
    connections: count(5000, 'how many are opened'),
    trials: count(3, 'how many servers of each kind are asked, one after the other'),
    readme: flag('puts the table into bench/README.md'),
  },
  run,
}

const TITLES = ['', 'heap', '× node:http', 'RSS', '× node:http']

/** @param {{ connections: number, trials: number, readme: boolean }} options */
async function run({ connections, trials, readme }) {
  const bench = benchOf({ rounds: trials, seconds: 1 })
  const machine = describeMachine(bench)
  const progress = new Progress()
  const blocks = []
  for (const [text, workload] of Object.entries(REQUESTS)) {
    const held = new Map()
    for (const [name, file] of Object.entries(SERVERS)) {
      progress.show(`${text}: ${name}`)
      held.set(name, await medianHeld(file, workload, connections, bench))
    }
    blocks.push([[text, '', '', '', ''], ...linesOf(held)])
  }
  progress.clear()
  const about = `octets for each of ${connections.toLocaleString('en')} idle connections, median of ${trials} servers`
  const table = alignTable([TITLES, ...blocks.flat()], ['left', 'right', 'right', 'right', 'right'])
  tell('memory', `${formatMachine(machine)}\n${about}\n\n${table}`, readme)
  return true
}

/** @param {string} file @param {Workload} workload @param {number} connections @param {Bench} bench @returns {Promise<Held>} */
async function medianHeld(file, workload, connections, bench) {
  const trials = []
  for (let trial = 0; trial < bench.rounds; trial += 1) trials.push(await measure(file, workload, connections, bench))
  return { heap: median(trials.map(({ heap }) => heap)), rss: median(trials.map(({ rss }) => rss)) }
}

/**
 * The load before makes what is made once.
 *
 * @param {string} file
 * @param {Workload} workload
 * @param {number} connections
 * @param {Bench} bench
 * @returns {Promise<Held>}
 */
async function measure(file, workload, connections, { client, cores, seconds }) {
  const server = await NodeServer.start(file, { ...workload.serving, sets: IDLE_SETTINGS }, cores.server)
  await runLoad(client, cores.client, workload, { port: server.port, seconds })
  const before = await server.memory()
  const idle = await IdleConnections.open(workload, server.port, connections)
  const after = await server.memory()
  if (idle.open < connections) throw new Error(`${file} closed ${connections - idle.open} of the connections`)
  idle.close()
  server.stop()
  return { heap: (heapOf(after) - heapOf(before)) / connections, rss: (after.rss - before.rss) / connections }
}

/** @param {NodeJS.MemoryUsage} usage */
function heapOf({ heapUsed, external }) {
  return heapUsed + external
}

/** @param {Map<string, Held>} held */
function linesOf(held) {
  const base = /** @type {Held} */ (held.get('node:http'))
  return [...held].map(([name, { heap, rss }]) => [`  ${name}`, octets(heap), fixed(heap / base.heap, 2), octets(rss), fixed(rss / base.rss, 2)])
}

/** @param {number} value */
function octets(value) {
  return Math.round(value).toLocaleString('en')
}
