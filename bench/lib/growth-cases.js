import { IDLE_SETTINGS } from './idle-settings.js'
import { withIdle } from './idle-connections.js'
import { pasteFile } from './paste-file.js'
import { MILLRACE } from './rows.js'
import { manyFields, SHOW } from './workloads.js'

/** @typedef {import('./rows.js').Row} Row */
/** @typedef {import('./workloads.js').Workload} Workload */

/**
 * Something a server may have few or many of.
 *
 * @typedef {object} GrowthCase
 * @property {string} name as `--cases` takes it
 * @property {string} text
 * @property {number} few
 * @property {number} many
 * @property {boolean} [linear] each one costs something by its nature; what, is printed
 * @property {(count: number) => { row: Row, workload: Workload }} make
 */

/** @type {readonly GrowthCase[]} */
export const GROWTH_CASES = [
  { name: 'routes', text: 'routes of the router', few: 10, many: 10_000, make: (routes) => millraceWith(pasteFile({ routes })) },
  // The one that is asked for is there as well.
  { name: 'mounts', text: 'mounts of the URL map', few: 2, many: 1000, make: (mounts) => millraceWith(pasteFile({ mounts: mounts - 1 })) },
  { name: 'filters', text: 'filters, async', few: 1, many: 50, linear: true, make: (filters) => millraceWith(pasteFile({ filters })) },
  { name: 'pool', text: 'default_pool_size', few: 1, many: 1000, make: (size) => millraceWith([`wsgi.default_pool_size=${size}`]) },
  {
    name: 'idle',
    text: 'idle connections beside the busy ones',
    few: 0,
    many: 5000,
    make(count) {
      const { row, workload } = millraceWith(IDLE_SETTINGS)
      return { row: withIdle(row, workload, count), workload }
    },
  },
  {
    name: 'headers',
    text: 'request header fields',
    few: 1,
    many: 100,
    linear: true,
    make: (fields) => ({ row: MILLRACE, workload: { ...SHOW, fields: manyFields(fields) } }),
  },
]

/** @param {readonly string[]} sets */
function millraceWith(sets) {
  return { row: MILLRACE, workload: { ...SHOW, serving: { ...SHOW.serving, sets } } }
}
