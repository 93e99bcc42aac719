// oxlint-disable-next-line import/no-unassigned-import -- what it does must come before all other imports
import './no-inspector.ts'
import type { CheckOrder } from './check-child.ts'
import { findingsOf, warningsOf, type Finding } from './finding.ts'
import { openLoader } from '../loaders.ts'

// As long as somebody listens, the process does not end although an app waits for what never comes.
process.on('message', (order) => void answer(order as CheckOrder))
// Nobody is left to tell: what an app keeps running ends as well.
process.on('disconnect', () => process.exit())

async function answer(order: CheckOrder): Promise<void> {
  process.send?.(await load(order))
}

/** Everything that is wrong with one API's app. */
async function load({ api, pasteFile }: CheckOrder): Promise<Finding[]> {
  const loader = openLoader(pasteFile)
  const errors = await loader.loadApp(api).then(
    () => [],
    (error: unknown) => findingsOf(error, api),
  )
  return [...warningsOf(loader.warnings, api), ...errors]
}
