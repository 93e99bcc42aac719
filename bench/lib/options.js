import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { NAMES } from './rows.js'

const HELP = `Usage: npm run bench -- [options]

CPU time of the server process per request: small JSON reply, keep-alive, 50 connections.

  --rounds N     how often each server is measured (default 9)
  --seconds N    how long each time, and the warm-up before (default 2)
  --only NAMES   only these servers, separated by commas: ${NAMES.join(', ')}
  --json FILE    write machine, samples and results there as well
  --help         print this
`

/**
 * @typedef {object} Options
 * @property {number} rounds
 * @property {number} seconds
 * @property {readonly string[]} only
 * @property {string | undefined} json absolute path
 */

/**
 * What the command line asks for. Prints the help, or what is wrong, and ends the process when there is nothing to run.
 *
 * @param {string[]} args
 * @returns {Options}
 */
export function readOptions(args) {
  try {
    return parse(args)
  } catch (error) {
    process.stderr.write(`bench: ${/** @type {Error} */ (error).message}\n(--help says what there is)\n`)
    return process.exit(2)
  }
}

/** @param {string[]} args @returns {Options} */
function parse(args) {
  const { values } = parseArgs({
    args,
    options: {
      rounds: { type: 'string', default: '9' },
      seconds: { type: 'string', default: '2' },
      only: { type: 'string', default: NAMES.join(',') },
      json: { type: 'string' },
      help: { type: 'boolean' },
    },
  })
  if (values.help) {
    process.stdout.write(HELP)
    process.exit(0)
  }
  return {
    rounds: wholeNumber('--rounds', values.rounds),
    seconds: wholeNumber('--seconds', values.seconds),
    only: knownNames(values.only),
    // npm runs this script in bench/; INIT_CWD is where the user stands.
    json: values.json === undefined ? undefined : resolve(process.env.INIT_CWD ?? '.', values.json),
  }
}

/** @param {string} option @param {string} text */
function wholeNumber(option, text) {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new Error(`${option} takes a whole number from 1 to 9999, not '${text}'`)
  return Number(text)
}

/** @param {string} text */
function knownNames(text) {
  const names = text.split(',').map((name) => name.trim())
  for (const name of names) if (!NAMES.includes(name)) throw new Error(`--only: there is no '${name}'; there are ${NAMES.join(', ')}`)
  return names
}
