/** What does a request cost, also an app of another framework, does that grow, what does a connection hold, and does anything leak? See README.md. */
import { cost } from './commands/cost.js'
import { frameworks } from './commands/frameworks.js'
import { growth } from './commands/growth.js'
import { memory } from './commands/memory.js'
import { soak } from './commands/soak.js'
import { helpOf, readOptions } from './lib/options.js'

/**
 * @typedef {object} Command
 * @property {string} text
 * @property {import('./lib/options.js').Options} options
 * @property {(options: any) => Promise<boolean>} run resolves with false when something is wrong
 */

/** @type {Record<string, Command>} */
const COMMANDS = { cost, frameworks, growth, memory, soak }

const args = process.argv.slice(2)
const name = args[0] !== undefined && Object.hasOwn(COMMANDS, args[0]) ? /** @type {string} */ (args.shift()) : 'cost'
const { options, run } = COMMANDS[name] ?? cost

if (args.includes('--help')) {
  process.stdout.write(help())
} else {
  process.exit((await run(readOrExit()).catch(failed)) ? 0 : 1)
}

/** @param {Error} error */
function failed(error) {
  process.stderr.write(`bench: ${name}: ${error.message}\n`)
  return false
}

function readOrExit() {
  try {
    return readOptions(args, options)
  } catch (error) {
    process.stderr.write(`bench: ${/** @type {Error} */ (error).message}\n(--help says what there is)\n`)
    return process.exit(2)
  }
}

function help() {
  const sections = Object.entries(COMMANDS).map(([command, { text, options }]) => `${command}: ${text}\n${helpOf(options)}\n`)
  return `Usage: npm run bench -- [${Object.keys(COMMANDS).join(' | ')}] [options]\n\n${sections.join('\n')}`
}
