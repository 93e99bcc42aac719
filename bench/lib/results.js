import { median, medianRatio } from './stats.js'

/** @typedef {import('./entrant.js').Entrant} Entrant */

/** What the others are taken to. */
export const BASES = ['canned', 'node:http', 'fastify']

/**
 * What an entrant comes to. Figures are null when it has none, a ratio also when what it is taken to has none.
 *
 * @typedef {object} Result
 * @property {string} name
 * @property {string} text
 * @property {string | null} missing
 * @property {string | null} fault
 * @property {number | null} cpuMicros median over the rounds
 * @property {readonly [least: number, most: number] | null} spread
 * @property {Readonly<Record<string, number | null>>} ratios to each of BASES, medians of those within each round
 * @property {number | null} perSecond median over the rounds
 * @property {readonly import('./entrant.js').Sample[]} samples
 */

/**
 * What a workload comes to.
 *
 * @typedef {object} Outcome
 * @property {string} name
 * @property {string} text
 * @property {string} unit
 * @property {readonly Result[]} results
 */

/** @param {import('./workloads.js').Workload} workload @param {readonly Entrant[]} entrants @returns {Outcome} */
export function summarize({ name, text, unit }, entrants) {
  return { name, text, unit, results: entrants.map((entrant) => resultOf(entrant, entrants)) }
}

/** @param {Entrant} entrant @param {readonly Entrant[]} all @returns {Result} */
function resultOf(entrant, all) {
  const { name, text, missing, fault, samples } = entrant
  const costs = costsOf(entrant)
  return {
    name,
    text,
    missing,
    fault,
    cpuMicros: costs && median(costs),
    spread: costs && [Math.min(...costs), Math.max(...costs)],
    ratios: Object.fromEntries(BASES.map((base) => [base, ratio(costs, costsOf(all.find((other) => other.name === base)))])),
    perSecond: costs && median(samples.map(({ perSecond }) => perSecond)),
    samples,
  }
}

/** @param {readonly number[] | null} costs @param {readonly number[] | null} base */
export function ratio(costs, base) {
  return costs && base && medianRatio(costs, base)
}

/** @param {Entrant | undefined} entrant @returns {number[] | null} */
export function costsOf(entrant) {
  if (entrant === undefined || entrant.missing !== null || entrant.fault !== null) return null
  return entrant.samples.map(({ cpuMicros }) => cpuMicros)
}
