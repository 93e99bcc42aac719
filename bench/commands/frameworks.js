import { benchOf } from '../lib/bench-of.js'
import { runContest } from '../lib/contest.js'
import { fixed } from '../lib/cost-table.js'
import { Entrant } from '../lib/entrant.js'
import { describeMachine, formatMachine } from '../lib/machine.js'
import { count, flag, some } from '../lib/options.js'
import { mountingFile } from '../lib/paste-file.js'
import { Progress } from '../lib/progress.js'
import { tell } from '../lib/publish.js'
import { costsOf, ratio } from '../lib/results.js'
import { EXPRESS, FASTIFY, HONO, KOA, MILLRACE } from '../lib/rows.js'
import { median } from '../lib/stats.js'
import { alignTable } from '../lib/table.js'
import { SHOW } from '../lib/workloads.js'

/** @typedef {import('../lib/rows.js').Row} Row */

/** An app under its own server, and how the same one is mounted. @type {readonly { own: Row, mounted: () => readonly string[] }[]} */
const PAIRS = [
  { own: FASTIFY, mounted: () => mountingFile('node', 'fastify.js:app') },
  { own: EXPRESS, mounted: () => mountingFile('node', 'express.js:app') },
  { own: KOA, mounted: () => mountingFile('node', 'koa.js:app') },
  { own: HONO, mounted: () => mountingFile('fetch', 'hono.js:app.fetch') },
]

/** @type {import('../bench.js').Command} */
export const frameworks = {
  text: 'what a request costs an app of another framework, under its own server and mounted in Millrace',
  options: {
    rounds: count(9, 'how often each is measured'),
    seconds: count(1, 'how long each time, and the warm-up before'),
    only: some(PAIRS.map(({ own }) => own.name), 'only these frameworks'),
    readme: flag('puts the table into bench/README.md'),
  },
  run,
}

const TITLES = ['', 'its own server', 'Millrace', '×']

/** @param {{ rounds: number, seconds: number, only: string[], readme: boolean }} options */
async function run({ rounds, seconds, only, readme }) {
  const bench = benchOf({ rounds, seconds })
  const machine = describeMachine(bench)
  const progress = new Progress()
  const lines = []
  let sound = true
  for (const { own, mounted } of PAIRS.filter(({ own }) => only.includes(own.name))) {
    const pair = [new Entrant(own, SHOW), new Entrant(MILLRACE, { ...SHOW, serving: { ...SHOW.serving, sets: mounted() } })]
    await runContest(own.name, pair, bench, progress)
    lines.push(lineOf(own.name, pair))
    sound &&= pair.every(({ fault }) => fault === null)
  }
  progress.clear()
  const table = alignTable([TITLES, ...lines], ['left', 'right', 'right', 'right'])
  tell('frameworks', `${formatMachine(machine)}\n${rounds} × ${seconds} s for each of a pair; µs CPU for each request\n\n${table}`, readme)
  return sound
}

/** @param {string} name @param {readonly Entrant[]} pair */
function lineOf(name, pair) {
  const [own = null, here = null] = pair.map(costsOf)
  const trouble = pair.map(({ missing, fault }) => missing ?? fault).find((reason) => reason !== null)
  if (own === null || here === null) return [name, `void: ${trouble}`, '–', '–']
  return [name, fixed(median(own), 1), fixed(median(here), 1), fixed(ratio(here, own), 2)]
}
