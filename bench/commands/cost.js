import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { benchOf } from '../lib/bench-of.js'
import { drawChart } from '../lib/chart.js'
import { runContest } from '../lib/contest.js'
import { formatOutcomes } from '../lib/cost-table.js'
import { Entrant } from '../lib/entrant.js'
import { describeMachine, formatMachine } from '../lib/machine.js'
import { count, file, flag, some } from '../lib/options.js'
import { Progress } from '../lib/progress.js'
import { tell } from '../lib/publish.js'
import { recordReply } from '../lib/recorded-reply.js'
import { summarize } from '../lib/results.js'
import { MILLRACE, RIVALS, ROWS } from '../lib/rows.js'
import { SHOW, WORKLOADS } from '../lib/workloads.js'

/** @typedef {import('../lib/entrant.js').Bench} Bench */
/** @typedef {import('../lib/workloads.js').Workload} Workload */

/** @type {import('../bench.js').Command} */
export const cost = {
  text: 'CPU time of the server process per request, side by side; what is run when nothing is said',
  options: {
    rounds: count(9, 'how often each server is measured'),
    seconds: count(1, 'how long each time, and the warm-up before'),
    only: some(ROWS.map(({ name }) => name), 'only these servers'),
    workloads: some(WORKLOADS.map(({ name }) => name), 'only these'),
    quick: flag('two rounds: says that everything runs, not what it costs'),
    json: file('where the result goes as JSON (default, when everything is run: bench/result.json)'),
    svg: file('where the chart goes (default, when everything is run: bench/result.svg)'),
    readme: flag('puts the table into bench/README.md'),
  },
  run,
}

/**
 * @typedef {object} CostOptions
 * @property {number} rounds
 * @property {number} seconds
 * @property {string[]} only
 * @property {string[]} workloads
 * @property {boolean} quick
 * @property {string} [json]
 * @property {string} [svg]
 * @property {boolean} readme
 */

/** @param {CostOptions} options */
async function run({ only, workloads, quick, ...options }) {
  const { rounds, seconds } = quick ? { rounds: 2, seconds: 1 } : options
  const bench = benchOf({ rounds, seconds })
  const machine = describeMachine(bench)
  const progress = new Progress()
  const outcomes = []
  for (const workload of WORKLOADS.filter(({ name }) => workloads.includes(name))) {
    const entrants = await entrantsOf(workload, only, bench)
    await runContest(workload.name, entrants, bench, progress)
    outcomes.push(summarize(workload, entrants))
  }
  progress.clear()
  const whole = !quick && only.length === ROWS.length && workloads.length === WORKLOADS.length
  const { json = whole ? beside('result.json') : undefined, svg = whole ? beside('result.svg') : undefined } = options
  tell('cost', `${formatMachine(machine)}\n${rounds} × ${seconds} s for each server\n\n${formatOutcomes(outcomes)}`, options.readme)
  if (json !== undefined) writeFileSync(json, `${JSON.stringify({ machine, rounds, seconds, workloads: outcomes }, null, 1)}\n`)
  if (svg !== undefined) writeFileSync(svg, await drawChart(outcomes, machine))
  return outcomes.every(({ results }) => results.every(({ fault }) => fault === null))
}

/** @param {string} name */
function beside(name) {
  return fileURLToPath(new URL(`../${name}`, import.meta.url))
}

/** @param {Workload} workload @param {readonly string[]} only @param {Bench} bench */
async function entrantsOf(workload, only, bench) {
  const rows = (workload === SHOW ? ROWS : RIVALS).filter(({ name }) => only.includes(name))
  const reply = rows.some(({ name }) => name === 'canned') ? await millracesReply(bench) : ''
  return rows.map((row) => new Entrant(row, { ...workload, serving: { ...workload.serving, reply } }))
}

/** For the server that only repeats it. @param {Bench} bench */
async function millracesReply({ cores }) {
  const millrace = await MILLRACE.start(SHOW.serving, cores.server)
  const reply = await recordReply(SHOW, millrace.port)
  millrace.stop()
  return reply
}
