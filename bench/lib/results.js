import { median, medianRatio } from './stats.js'
import { alignTable } from './table.js'

/** @typedef {import('./entrant.js').Entrant} Entrant */

/**
 * What a row comes to. Figures are null when the row is void, a ratio also when what it is taken to is not there.
 *
 * @typedef {object} Result
 * @property {string} name
 * @property {string} text
 * @property {string | null} fault
 * @property {number | null} cpuMicros median over the rounds
 * @property {readonly [least: number, most: number] | null} spread
 * @property {number | null} toCanned
 * @property {number | null} toNodeHttp
 * @property {number | null} requestsPerSecond median over the rounds
 * @property {readonly import('./entrant.js').Sample[]} samples
 */

const TITLES = ['', 'µs CPU/request', 'spread', '× canned', '× node:http', 'requests/s', '']
/** @type {('left' | 'right')[]} */
const SIDES = ['left', 'right', 'right', 'right', 'right', 'right', 'left']

/** @param {readonly Entrant[]} entrants @returns {Result[]} */
export function summarize(entrants) {
  const canned = costsOf(entrants.find(({ row }) => row.name === 'canned'))
  const nodeHttp = costsOf(entrants.find(({ row }) => row.name === 'node:http'))
  return entrants.map((entrant) => {
    const { name, text } = entrant.row
    const { fault, samples } = entrant
    const costs = costsOf(entrant)
    return {
      name,
      text,
      fault,
      cpuMicros: costs && median(costs),
      spread: costs && [Math.min(...costs), Math.max(...costs)],
      toCanned: costs && canned && medianRatio(costs, canned),
      toNodeHttp: costs && nodeHttp && medianRatio(costs, nodeHttp),
      requestsPerSecond: costs && median(samples.map(({ requestsPerSecond }) => requestsPerSecond)),
      samples,
    }
  })
}

/** @param {Entrant | undefined} entrant */
function costsOf(entrant) {
  if (entrant === undefined || entrant.fault !== null) return null
  return entrant.samples.map(({ cpuMicros }) => cpuMicros)
}

/** @param {readonly Result[]} results */
export function formatResults(results) {
  return alignTable([TITLES, ...results.map(formatResult)], SIDES)
}

/** @param {Result} result */
function formatResult({ name, text, fault, cpuMicros, spread, toCanned, toNodeHttp, requestsPerSecond }) {
  return [
    name,
    fixed(cpuMicros, 1),
    spread === null ? '–' : spread.map((bound) => bound.toFixed(1)).join('–'),
    fixed(toCanned, 2),
    fixed(toNodeHttp, 2),
    requestsPerSecond === null ? '–' : Math.round(requestsPerSecond).toLocaleString('en'),
    fault === null ? text : `void: ${fault}`,
  ]
}

/** @param {number | null} figure @param {number} digits */
function fixed(figure, digits) {
  return figure === null ? '–' : figure.toFixed(digits)
}
