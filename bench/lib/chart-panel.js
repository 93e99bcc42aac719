/** @typedef {import('vega').Mark} Mark */
/** @typedef {import('vega').EncodeEntry} EncodeEntry */

/**
 * @typedef {object} Bar
 * @property {string} group what stands beside it
 * @property {string} slot which of the group's bars it is; empty when there is one only
 * @property {number} value
 * @property {string} colour
 */

const WIDTH = 560
const BAR = 18

/**
 * Horizontal bars with their figures behind them, and a legend where groups have several; for Vega.
 *
 * @param {{ name: string, bars: readonly Bar[], title: string, format: string }} panel
 * @returns {Mark}
 */
export function panelOf({ name, bars, title, format }) {
  const grouped = bars.some(({ slot }) => slot !== '')
  const height = bars.length * BAR + new Set(bars.map(({ group }) => group)).size * 6
  return {
    type: 'group',
    data: [{ name, values: [...bars] }],
    signals: [{ name: 'width', value: WIDTH }, { name: 'height', value: height }],
    scales: [
      { name: 'x', type: 'linear', domain: { data: name, field: 'value' }, range: [0, WIDTH], zero: true, nice: true },
      { name: 'group', type: 'band', domain: bars.map(({ group }) => group), range: [0, height], paddingInner: 0.2, paddingOuter: 0.1 },
      { name: 'slot', type: 'band', domain: bars.map(({ slot }) => slot), range: { signal: "[0, bandwidth('group')]" } },
      { name: 'colour', type: 'ordinal', domain: bars.map(({ slot }) => slot), range: bars.map(({ colour }) => colour) },
    ],
    axes: [
      { orient: 'left', scale: 'group', ticks: false, domain: false, labelPadding: 8 },
      { orient: 'top', scale: 'x', grid: true, domain: false, ticks: false, title, tickCount: 6, titleAnchor: 'start', titlePadding: 10 },
    ],
    legends: grouped ? [{ fill: 'colour', orient: 'right', symbolType: 'square' }] : [],
    marks: [rects(name), labels(name, format)],
    encode: { enter: { width: { value: WIDTH }, height: { value: height } } },
  }
}

/** @type {EncodeEntry} */
const place = {
  y: { scale: 'group', field: 'group', offset: { scale: 'slot', field: 'slot' } },
  height: { scale: 'slot', band: 1 },
}

/** @param {string} data @returns {Mark} */
function rects(data) {
  const x = { scale: 'x', value: 0 }
  const x2 = { scale: 'x', field: 'value' }
  return { type: 'rect', from: { data }, encode: { enter: { ...place, x, x2, fill: { field: 'colour' } } } }
}

/** @param {string} data @param {string} format @returns {Mark} */
function labels(data, format) {
  const y = { scale: 'group', field: 'group', offset: { signal: "scale('slot', datum.slot) + bandwidth('slot') / 2" } }
  const x = { scale: 'x', field: 'value', offset: 4 }
  const text = { signal: `format(datum.value, '${format}')` }
  const baseline = { value: /** @type {const} */ ('middle') }
  return { type: 'text', from: { data }, encode: { enter: { y, x, text, baseline, fontSize: { value: 11 }, fill: { value: '#1f2328' } } } }
}
