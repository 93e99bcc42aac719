// @ts-check
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

/**
 * An input that broke an invariant, kept as a case.
 *
 * @typedef {object} Finding
 * @property {string} wrong which invariant, and what was seen
 * @property {import('./reader.js').Limits} limits
 * @property {string} octets base64
 */

const FOLDER = new URL('../findings/', import.meta.url)
/** What was seen can be as long as the input. Characters. */
const MOST_TOLD = 500

/** @param {URL} [folder] @returns {(Finding & { file: string, input: Buffer })[]} */
export function keptFindings(folder = FOLDER) {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'))
  return files.toSorted().map((file) => {
    const finding = /** @type {Finding} */ (JSON.parse(readFileSync(new URL(file, folder), 'utf8')))
    return { ...finding, file, input: Buffer.from(finding.octets, 'base64') }
  })
}

/**
 * Writes a case file, named by its octets, and gives its name.
 *
 * @param {string} wrong @param {import('./reader.js').Limits} limits @param {Buffer} input @param {URL} [folder]
 */
export function keepFinding(wrong, limits, input, folder = FOLDER) {
  const file = `${createHash('sha256').update(JSON.stringify(limits)).update(input).digest('hex').slice(0, 12)}.json`
  /** @type {Finding} */
  const finding = { wrong: wrong.slice(0, MOST_TOLD), limits, octets: input.toString('base64') }
  writeFileSync(new URL(file, folder), `${JSON.stringify(finding, null, 2)}\n`)
  return file
}
