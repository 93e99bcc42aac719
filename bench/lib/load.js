import { execFile, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { writeScratch } from './scratch.js'

/** @typedef {import('./workloads.js').Workload} Workload */

const WRK_SCRIPT = fileURLToPath(new URL('wrk.lua', import.meta.url))
const AUTOCANNON = fileURLToPath(new URL('../node_modules/autocannon/autocannon.js', import.meta.url))

/**
 * How one run of load went.
 *
 * @typedef {object} Load
 * @property {number} requests answered
 * @property {number} octets received
 * @property {number} seconds
 * @property {number} errors of any kind, replies other than 2xx included
 */

/**
 * A program that makes load.
 *
 * @typedef {object} Client
 * @property {string} text for people
 * @property {(workload: Workload, url: string, seconds: number) => string[]} command
 * @property {(output: string) => Load} read
 */

/** @type {Client} */
const wrk = {
  text: 'wrk',
  command({ method, pipelining, connections, fields, body }, url, seconds) {
    const run = ['-t', '1', '-c', `${connections}`, '-d', `${seconds}`, '--timeout', '30', '-s', WRK_SCRIPT]
    return ['wrk', ...run, ...fieldOptions(fields, ': '), url, '--', method, `${pipelining}`, ...bodyFile(body)]
  },
  read: (output) => JSON.parse(output.slice(output.lastIndexOf('{'))),
}

/** @type {Client} */
const autocannon = {
  text: 'autocannon, as wrk is not installed; it is slower, so servers wait for it',
  command({ method, pipelining, connections, fields, body, unit }, url, seconds) {
    const run = ['--json', '-c', `${connections}`, '-t', '30', '-m', method, '-p', `${pipelining}`]
    // It counts the octets of whole replies only, and in a second it may not read one of 100 MB.
    const end = unit === 'MB' ? ['-a', `${connections}`] : ['-d', `${seconds}`]
    const sent = [...fieldOptions(fields, '='), ...bodyFile(body).flatMap((path) => ['-i', path])]
    return [process.execPath, AUTOCANNON, ...run, ...end, ...sent, url]
  },
  read(output) {
    const { '2xx': requests, duration: seconds, throughput, errors, timeouts, non2xx } = JSON.parse(output)
    return { requests, octets: throughput.total, seconds, errors: errors + timeouts + non2xx }
  },
}

/** @param {Workload['fields']} fields @param {string} separator */
function fieldOptions(fields, separator) {
  return Object.entries(fields).flatMap(([name, value]) => ['-H', `${name}${separator}${value}`])
}

/** @param {Workload['body']} body */
function bodyFile(body) {
  return body.length === 0 ? [] : [writeScratch(`body-${body.length}`, body)]
}

/** wrk where it is installed: it takes the least from the machine. */
export function chooseClient() {
  return spawnSync('wrk', ['--version']).error === undefined ? wrk : autocannon
}

/**
 * Loads the server on `port` for so many seconds. Rejects when the client could not work.
 *
 * @param {Client} client
 * @param {readonly string[]} prefix
 * @param {Workload} workload
 * @param {{ port: number, seconds: number }} where and how long
 */
export async function runLoad(client, prefix, workload, { port, seconds }) {
  const [program = '', ...args] = [...prefix, ...client.command(workload, urlOf(workload, port), seconds)]
  const { stdout } = await promisify(execFile)(program, args).catch(explain)
  return client.read(stdout)
}

/** @param {Workload} workload @param {number} port */
function urlOf({ serving, target }, port) {
  return `${serving.tls ? 'https' : 'http'}://127.0.0.1:${port}${target}`
}

/** What the program itself said says more than how it was called. @param {Error & { stderr?: string }} error @returns {never} */
function explain(error) {
  throw new Error(error.stderr?.trim() || error.message, { cause: error })
}
