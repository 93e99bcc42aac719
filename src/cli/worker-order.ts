import type { Peer } from '../app.ts'
import type { ApiConfig } from '../config/api-config.ts'
import type { DefaultSettings } from '../config/options.ts'

/** What a worker serves by, and takes over when the primary has read it again. */
export interface WorkerSettings {
  readonly api: ApiConfig
  readonly settings: DefaultSettings
}

/** What the primary tells a worker about itself, through its environment: the configuration it has read itself, so that all workers have the same one. */
export interface WorkerOrder extends WorkerSettings {
  readonly address: Peer
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
