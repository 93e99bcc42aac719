import { chooseCores } from '../lib/cores.js'
import { NodeServer } from '../lib/node-server.js'
import { count, flag } from '../lib/options.js'
import { Progress } from '../lib/progress.js'
import { tell } from '../lib/publish.js'
import { SoakClient } from '../lib/soak-client.js'
import { alignTable } from '../lib/table.js'
import { SHOW } from '../lib/workloads.js'

/** How far the heap may lie from where it was after the first tenth: V8's own feedback and code move it by less. */
const NOISE = 2 ** 20

/** @type {import('../bench.js').Command} */
export const soak = {
  text: 'one server of Millrace, a million mixed requests: what does its memory do?',
  options: {
    requests: count(1_000_000, 'how many'),
    readme: flag('puts the table into bench/README.md'),
  },
  run,
}

/** @typedef {{ requests: number, heap: number, rss: number }} Reading octets after garbage collections */

/** @param {{ requests: number, readme: boolean }} options */
async function run({ requests, readme }) {
  const server = await NodeServer.start('millrace.js', SHOW.serving, chooseCores().server)
  const client = new SoakClient(server.port)
  const progress = new Progress()
  /** @type {Reading[]} */
  const readings = []
  for (let tenth = 1; tenth <= 10; tenth += 1) {
    progress.show(`soak: ${tenth} of 10`)
    await client.run(Math.round(requests / 10))
    const { heapUsed, external, rss } = await server.memory()
    readings.push({ requests: client.requests, heap: heapUsed + external, rss })
  }
  await client.close()
  server.stop()
  progress.clear()
  const growth = grownBy(readings)
  tell('soak', `${formatReadings(readings)}\n\n${client.describe()}\n${verdict(growth)}`, readme)
  return growth <= NOISE
}

/** @param {readonly Reading[]} readings */
function grownBy(readings) {
  return (readings.at(-1)?.heap ?? NaN) - (readings[0]?.heap ?? NaN)
}

/** @param {readonly Reading[]} readings */
function formatReadings(readings) {
  const lines = readings.map(({ requests, heap, rss }) => [requests.toLocaleString('en'), kibibytes(heap), kibibytes(rss)])
  return alignTable([['requests', 'heap, KiB', 'RSS, KiB'], ...lines], ['right', 'right', 'right'])
}

/** @param {number} growth */
function verdict(growth) {
  const said = `the heap has grown by ${kibibytes(growth)} KiB since the first tenth`
  return `${said}: ${growth <= NOISE ? 'within' : 'SOMETHING LEAKS: more than'} the ${kibibytes(NOISE)} KiB of noise`
}

/** @param {number} octets */
function kibibytes(octets) {
  return Math.round(octets / 1024).toLocaleString('en')
}
