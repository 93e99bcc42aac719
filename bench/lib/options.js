import { resolve } from 'node:path'
import { parseArgs } from 'node:util'

/**
 * An option of the command line.
 *
 * @typedef {object} Option
 * @property {'string' | 'boolean'} type
 * @property {string} value what the help calls its value
 * @property {string} text
 * @property {any} fallback
 * @property {(text: string, option: string) => unknown} read
 */

/** @typedef {Readonly<Record<string, Option>>} Options */

/** @param {number} fallback @param {string} text @returns {Option} */
export function count(fallback, text) {
  return { type: 'string', value: 'N', text: `${text} (default ${fallback.toLocaleString('en')})`, fallback, read: wholeNumber }
}

/** Some of these, separated by commas. @param {readonly string[]} names @param {string} text @returns {Option} */
export function some(names, text) {
  const read = (/** @type {string} */ given, /** @type {string} */ option) => known(given, names, option)
  return { type: 'string', value: 'NAMES', text: `${text}: ${names.join(', ')}`, fallback: names, read }
}

/** A file to write. npm runs this script in bench/; INIT_CWD is where the user stands. @param {string} text @returns {Option} */
export function file(text) {
  return { type: 'string', value: 'FILE', text, fallback: undefined, read: (path) => resolve(process.env.INIT_CWD ?? '.', path) }
}

/** @param {string} text @returns {Option} */
export function flag(text) {
  return { type: 'boolean', value: '', text, fallback: false, read: Boolean }
}

/**
 * What the command line asks for. Throws when that is nothing there is.
 *
 * @param {readonly string[]} args
 * @param {Options} options
 * @returns {Record<string, any>}
 */
export function readOptions(args, options) {
  const types = Object.fromEntries(Object.entries(options).map(([name, { type }]) => [name, { type }]))
  const { values } = parseArgs({ args: [...args], options: types })
  return Object.fromEntries(
    Object.entries(options).map(([name, { fallback, read }]) => {
      const given = values[name]
      return [name, given === undefined ? fallback : read(/** @type {string} */ (given), `--${name}`)]
    }),
  )
}

/** @param {Options} options */
export function helpOf(options) {
  return Object.entries(options)
    .map(([name, { value, text }]) => `  ${`--${name} ${value}`.padEnd(18)} ${text}`)
    .join('\n')
}

/** @param {string} text @param {string} option */
function wholeNumber(text, option) {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new Error(`${option} takes a whole number from 1 to 9999999, not '${text}'`)
  return Number(text)
}

/** @param {string} text @param {readonly string[]} names @param {string} option */
function known(text, names, option) {
  const given = text.split(',').map((name) => name.trim())
  for (const name of given) if (!names.includes(name)) throw new Error(`${option}: there is no '${name}'; there are ${names.join(', ')}`)
  return given
}
