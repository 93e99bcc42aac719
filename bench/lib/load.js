import { execFile, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { HEADERS, TARGET } from './resource.js'

const CONNECTIONS = '50'
const WRK_SCRIPT = fileURLToPath(new URL('wrk.lua', import.meta.url))
const AUTOCANNON = fileURLToPath(new URL('../node_modules/autocannon/autocannon.js', import.meta.url))

/**
 * How one run of load went.
 *
 * @typedef {object} Load
 * @property {number} requests answered
 * @property {number} seconds
 * @property {number} errors of any kind, replies other than 2xx included
 */

/**
 * A program that makes load.
 *
 * @typedef {object} Client
 * @property {string} text for people
 * @property {(url: string, seconds: number) => string[]} command
 * @property {(output: string) => Load} read
 */

/** @type {Client} */
const wrk = {
  text: 'wrk',
  command: (url, seconds) => ['wrk', '-t', '1', '-c', CONNECTIONS, '-d', `${seconds}`, '-s', WRK_SCRIPT, ...fields(': '), url],
  read: (output) => JSON.parse(output.slice(output.lastIndexOf('{'))),
}

/** @type {Client} */
const autocannon = {
  text: 'autocannon, as wrk is not installed; it is slower, so servers wait for it',
  command: (url, seconds) => [process.execPath, AUTOCANNON, '--json', '-c', CONNECTIONS, '-d', `${seconds}`, ...fields('='), url],
  read(output) {
    const { '2xx': requests, duration: seconds, errors, timeouts, non2xx } = JSON.parse(output)
    return { requests, seconds, errors: errors + timeouts + non2xx }
  },
}

/** @param {string} separator */
function fields(separator) {
  return Object.entries(HEADERS).flatMap(([name, value]) => ['-H', `${name}${separator}${value}`])
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
 * @param {number} port
 * @param {number} seconds
 */
export async function runLoad(client, prefix, port, seconds) {
  const [program = '', ...args] = [...prefix, ...client.command(`http://127.0.0.1:${port}${TARGET}`, seconds)]
  const { stdout } = await promisify(execFile)(program, args).catch(explain)
  return client.read(stdout)
}

/** What the program itself said says more than how it was called. @param {Error & { stderr?: string }} error @returns {never} */
function explain(error) {
  throw new Error(error.stderr?.trim() || error.message, { cause: error })
}
