import type { ConfigRequest } from '../config/load.ts'
import { type CheckReport, findProblems } from './check.ts'

process.once('message', (request) => {
  findProblems(request as ConfigRequest)
    .catch((error: unknown): CheckReport => ({ apis: [], findings: [{ level: 'error', message: error instanceof Error ? error.message : String(error) }] }))
    .then((report) => process.send?.(report))
    .catch((error: unknown) => {
      throw error
    })
})
