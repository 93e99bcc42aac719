import { parse, View } from 'vega'
import { panelOf } from './chart-panel.js'

/** @typedef {import('./results.js').Outcome} Outcome */
/** @typedef {import('./chart-panel.js').Bar} Bar */

/** Millrace's, its rivals', and the others'. */
const COLOURS = { millrace: '#1f6feb', 'node:http': '#6e7781', fastify: '#bf8700' }
const OTHERS = '#afb8c1'

const INK = { labelColor: '#1f2328', titleColor: '#1f2328', gridColor: '#d1d9e0', domainColor: '#d1d9e0', tickColor: '#d1d9e0' }

/**
 * The result as SVG, on white, as it must be read on dark pages too: what the main workload costs on each server, and what each of the
 * others costs beside node:http.
 *
 * @param {readonly Outcome[]} outcomes
 * @param {{ cpu: string, cores: number, node: string, date: string }} machine
 */
export function drawChart([main, ...further], { cpu, cores, node, date }) {
  const text = 'What a request costs: CPU time of the server process, less is better'
  const subtitle = `${cpu}, ${cores} cores · Node ${node} · ${date} · medians of rounds side by side`
  const panels = [
    panelOf({ name: 'absolute', bars: absolute(main), title: `µs per request · ${main?.text}`, format: '.1f' }),
    panelOf({ name: 'relative', bars: relative(further), title: 'other workloads, node:http = 1', format: '.2f' }),
  ]
  /** @type {import('vega').Spec} */
  const spec = {
    background: 'white',
    padding: 16,
    layout: { columns: 1, padding: 24 },
    title: { text, subtitle, anchor: 'start', frame: 'bounds', fontSize: 15, offset: 12, color: '#1f2328', subtitleColor: '#59636e' },
    config: { axis: { ...INK, labelFontSize: 12, titleFontSize: 12, labelLimit: 400 }, legend: { labelFontSize: 12 } },
    marks: panels,
  }
  return new View(parse(spec), { renderer: 'none' }).toSVG()
}

/** One bar for each server, the cheapest first. @param {Outcome | undefined} outcome @returns {Bar[]} */
function absolute(outcome) {
  const results = outcome?.results ?? []
  const bars = results.flatMap(({ name, cpuMicros }) => (cpuMicros === null ? [] : [{ ...barOf(name, cpuMicros), group: name, slot: '' }]))
  return bars.toSorted((a, b) => a.value - b.value)
}

/** Millrace and Fastify for each workload. @param {readonly Outcome[]} outcomes @returns {Bar[]} */
function relative(outcomes) {
  return outcomes.flatMap(({ text, results }) =>
    results.flatMap(({ name, ratios }) => {
      const ratio = ratios['node:http'] ?? null
      return ratio === null || name === 'node:http' ? [] : [{ ...barOf(name, ratio), group: text, slot: name }]
    }),
  )
}

/** @param {string} server @param {number} value */
function barOf(server, value) {
  return { value, colour: COLOURS[/** @type {keyof typeof COLOURS} */ (server)] ?? OTHERS }
}
