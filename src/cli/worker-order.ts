import type { Peer } from '../app.ts'
import type { ConfigRequest } from '../config/load.ts'

/** What the primary tells a worker about itself, through its environment. The worker reads the same configuration again. */
export interface WorkerOrder {
  readonly api: string
  readonly address: Peer
  readonly request: ConfigRequest
}

const VARIABLE = 'MILLRACE_WORKER'

export function toEnvironment(order: WorkerOrder): Record<string, string> {
  return { [VARIABLE]: JSON.stringify(order) }
}

/** Taken out of the environment, so that what the app starts does not inherit it. */
export function takeOrder(env: NodeJS.ProcessEnv): WorkerOrder {
  const text = env[VARIABLE]
  if (text === undefined) throw new Error('this module is a worker of `millrace serve` and is not run by hand')
  delete env[VARIABLE]
  return JSON.parse(text) as WorkerOrder
}
