import { benchOf } from '../lib/bench-of.js'
import { runContest } from '../lib/contest.js'
import { fixed } from '../lib/cost-table.js'
import { Entrant } from '../lib/entrant.js'
import { GROWTH_CASES } from '../lib/growth-cases.js'
import { describeMachine, formatMachine } from '../lib/machine.js'
import { count, flag, some } from '../lib/options.js'
import { Progress } from '../lib/progress.js'
import { tell } from '../lib/publish.js'
import { costsOf, ratio } from '../lib/results.js'
import { median } from '../lib/stats.js'
import { alignTable } from '../lib/table.js'

/** @typedef {import('../lib/growth-cases.js').GrowthCase} GrowthCase */

/** @type {import('../bench.js').Command} */
export const growth = {
  text: 'what a request costs Millrace when it has many of something, beside the same with few',
  options: {
    rounds: count(9, 'how often each is measured'),
    seconds: count(1, 'how long each time, and the warm-up before'),
    cases: some(GROWTH_CASES.map(({ name }) => name), 'only these'),
    readme: flag('puts the table into bench/README.md'),
  },
  run,
}

const TITLES = ['', 'few → many', 'µs CPU each', '×', 'for each one']

/** @param {{ rounds: number, seconds: number, cases: string[], readme: boolean }} options */
async function run({ rounds, seconds, cases, readme }) {
  const bench = benchOf({ rounds, seconds })
  const machine = describeMachine(bench)
  const progress = new Progress()
  const lines = []
  let sound = true
  for (const growthCase of GROWTH_CASES.filter(({ name }) => cases.includes(name))) {
    const pair = [growthCase.few, growthCase.many].map((size) => entrantOf(growthCase, size))
    await runContest(growthCase.name, pair, bench, progress)
    lines.push(lineOf(growthCase, pair))
    sound &&= pair.every(({ fault }) => fault === null)
  }
  progress.clear()
  const table = alignTable([TITLES, ...lines], ['left', 'right', 'right', 'right', 'right'])
  tell('growth', `${formatMachine(machine)}\n${rounds} × ${seconds} s for each of a pair\n\n${table}`, readme)
  return sound
}

/** @param {GrowthCase} growthCase @param {number} size */
function entrantOf({ make }, size) {
  const { row, workload } = make(size)
  return new Entrant(row, workload)
}

/** @param {GrowthCase} growthCase @param {readonly Entrant[]} pair */
function lineOf({ text, few, many, linear }, pair) {
  const [less = null, more = null] = pair.map(costsOf)
  const range = `${few} → ${many.toLocaleString('en')}`
  const trouble = pair.map(({ missing, fault }) => missing ?? fault).find((reason) => reason !== null)
  if (less === null || more === null) return [text, range, `void: ${trouble}`, '–', '']
  const each = median(more.map((value, round) => value - (less[round] ?? NaN))) / (many - few)
  const costs = `${fixed(median(less), 1)} → ${fixed(median(more), 1)}`
  return [text, range, costs, fixed(ratio(more, less), 2), linear ? `${each.toFixed(2)} µs` : '']
}
