import type { ApiSettings } from '../api.ts'
import type { Peer } from '../app.ts'

/** What the primary tells a worker about itself, through its environment: the configuration it has read itself, so that all workers have the same one. */
export interface WorkerOrder extends ApiSettings {
  readonly address: Peer
  /** In base64: with the same ones, workers resume each other's TLS sessions. */
  readonly ticketKeys: string
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
