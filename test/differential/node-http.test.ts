import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ChosenDifference, chosenDifferences } from './chosen-differences.ts'
import { differenceOf } from './difference.ts'
import { generatedRequest, oddRequests } from './generated-requests.ts'
import { NodeReader } from './node-reading.ts'

const node = new NodeReader()
const major = Number(process.versions.node.split('.', 1)[0])

/** The rows of the table that explain how these octets are read in two ways; null when they are read in one. */
async function explanationsOf(input: Buffer): Promise<string[] | null> {
  const difference = await differenceOf(input, node)
  return difference === null ? null : chosenDifferences.filter((row) => row.applies(difference)).map(({ name }) => name)
}

/** Fails with the octets when two readers disagree on them without a row, or with more than one. */
async function explained(input: Buffer): Promise<void> {
  const explanations = await explanationsOf(input)
  if (explanations === null || explanations.length === 1) return
  const difference = await differenceOf(input, node)
  const seen = JSON.stringify({ millrace: difference?.ours, node: difference?.theirs }, null, 2)
  throw new Error(`${explanations.length} rows explain ${JSON.stringify(input.toString('latin1'))}: ${explanations.join(', ')}\n${seen}`)
}

function isCertain({ certain }: ChosenDifference): boolean {
  return certain === undefined || (certain.from <= major && major < certain.before)
}

describe('Millrace and node:http read differently', () => {
  it.each(chosenDifferences.map((row) => [row.name, row.reason, row] as const))('%s: %s', async (name, _reason, row) => {
    const shown = await Promise.all(row.shownBy.map(explanationsOf))
    const whatIsFine = isCertain(row) ? [[name]] : [[name], null]
    for (const explanations of shown) expect(whatIsFine).toContainEqual(explanations)
  })
})

describe('Millrace and node:http read alike, or the difference is a chosen one,', () => {
  it(`${oddRequests.length} requests that are odd in one way`, async () => {
    for (const input of oddRequests) await explained(input)
  })

  it('4,000 generated requests, the same ones each time', async () => {
    await fc.assert(fc.asyncProperty(generatedRequest, explained), { numRuns: 4000, seed: 9112 })
  })

  it('300 generated requests, other ones each time', async () => {
    await fc.assert(fc.asyncProperty(generatedRequest, explained), { numRuns: 300 })
  })
})
