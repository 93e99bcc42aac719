import { spawnSync } from 'node:child_process'

/**
 * Where processes run. A prefix goes before their command line.
 *
 * @typedef {object} Cores
 * @property {readonly string[]} server prefix
 * @property {readonly string[]} client prefix
 * @property {string} text for people
 */

/**
 * One core for the servers and another for the client, the last and the first this process may use: where there are hardware threads, these
 * are not siblings.
 *
 * @returns {Cores}
 */
export function chooseCores() {
  const bounds = allowedBounds()
  const first = bounds[0]
  const last = bounds.at(-1)
  if (first === undefined) return { server: [], client: [], text: 'not pinned, as there is no taskset: figures vary more' }
  if (first === last) return { server: [], client: [], text: 'not pinned, as there is one core: client and server disturb each other' }
  return { server: pinTo(last), client: pinTo(first), text: `server on core ${last}, client on core ${first}` }
}

/** @param {number | undefined} core */
function pinTo(core) {
  return ['taskset', '-c', `${core}`]
}

/** taskset prints `pid 7's current affinity list: 0,2-5`, which is in ascending order; of a range the two ends do. */
function allowedBounds() {
  const { status, stdout } = spawnSync('taskset', ['-cp', `${process.pid}`], { encoding: 'utf8' })
  if (status !== 0) return []
  const list = stdout.slice(stdout.lastIndexOf(':') + 1).trim()
  return list.split(/[,-]/).map(Number)
}
