import cluster from 'node:cluster'
import type { ListeningApi } from '../events.ts'

/** What a launcher tells a process it forked: which of the program's services it is for. */
export interface ServiceOrder {
  readonly service: string
  /** What was bound for it. */
  readonly place?: Pick<ListeningApi, 'host' | 'port' | 'url'>
}

const VARIABLE = 'MILLRACE_SERVICE'
/** Across copies of the package in one process: only the first to look finds the variable. */
const TAKEN = Symbol.for('millrace.service-order')

export function toServiceEnvironment(order: ServiceOrder): Record<string, string> {
  return { [VARIABLE]: JSON.stringify(order) }
}

/** Null in a process that no launcher forked, also when a worker's child has inherited the variable, or somebody has set it. Taken out of the environment, so that what the service starts does not inherit it. */
export function serviceOrder(): ServiceOrder | null {
  const known = globalThis as { [TAKEN]?: ServiceOrder | null }
  known[TAKEN] ??= take(process.env)
  return known[TAKEN]
}

function take(env: NodeJS.ProcessEnv): ServiceOrder | null {
  const text = env[VARIABLE]
  delete env[VARIABLE]
  return text === undefined || !cluster.isWorker ? null : (JSON.parse(text) as ServiceOrder)
}
