import { BASES } from './results.js'
import { alignTable } from './table.js'

/** @typedef {import('./results.js').Outcome} Outcome */
/** @typedef {import('./results.js').Result} Result */

const TITLES = ['', 'µs CPU each', 'spread', ...BASES.map((base) => `× ${base}`), 'per second', '']
/** @type {('left' | 'right')[]} */
const SIDES = ['left', 'right', 'right', ...BASES.map(() => /** @type {const} */ ('right')), 'right', 'left']

/** All workloads in one table: the name of each on a line of its own, its servers beneath. @param {readonly Outcome[]} outcomes */
export function formatOutcomes(outcomes) {
  const lines = outcomes.flatMap(({ results }) => results.map(formatResult))
  const [titles = '', ...formatted] = alignTable([TITLES, ...lines], SIDES).split('\n')
  const blocks = outcomes.flatMap(({ text, unit, results }) => [unit === 'MB' ? `${text}, per MB` : text, ...formatted.splice(0, results.length)])
  return [titles, ...blocks].join('\n')
}

/** @param {Result} result */
function formatResult({ name, text, missing, fault, cpuMicros, spread, ratios, perSecond }) {
  if (missing !== null) return [`  ${name}`, ...TITLES.slice(2).map(() => '–'), `left out: ${missing}`]
  return [
    `  ${name}`,
    fixed(cpuMicros, 1),
    spread === null ? '–' : spread.map((bound) => bound.toFixed(1)).join('–'),
    ...BASES.map((base) => fixed(ratios[base] ?? null, 2)),
    perSecond === null ? '–' : Math.round(perSecond).toLocaleString('en'),
    fault === null ? text : `void: ${fault}`,
  ]
}

/** @param {number | null} figure @param {number} digits */
export function fixed(figure, digits) {
  return figure === null ? '–' : figure.toFixed(digits)
}
