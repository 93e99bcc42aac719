import { ConfigError } from '../errors.ts'
import type { WorkerReport } from './operations.ts'
import type { WorkItem } from './service-base.ts'

/** What a worker says to its primary. */
export type WorkerMessage =
  /** The service has started: connections may come. `debugged` when a debugger may hold it at any time. */
  | { readonly verb: 'ready'; readonly debugged?: boolean }
  /** The service could not start, or its stop threw. The worker exits with 1 next. */
  | { readonly verb: 'failed'; readonly error: Failure }
  /** Somebody sent this worker TERM. It serves on until it is told to stop. */
  | { readonly verb: 'stopping' }
  /** The connections with these numbers are here, and this is the load with them. */
  | { readonly verb: 'received'; readonly ids: readonly number[]; readonly connections: number; readonly requests: number }
  /** The connection with this number could not be taken: no file descriptor was left for it. */
  | { readonly verb: 'refused'; readonly id: number }
  | { readonly verb: 'load'; readonly connections: number; readonly requests: number }
  /** Its main loop runs; said each second. */
  | { readonly verb: 'beat'; readonly report: WorkerReport }
  /** Somebody sent this worker HUP: it wants the settings as they are now. */
  | { readonly verb: 'reset-asked' }
  /** The answer to `list-work`. */
  | { readonly verb: 'work'; readonly items: readonly WorkItem[] }
  /** Everything is finished but for `cut` requests. The worker exits next. */
  | { readonly verb: 'stopped'; readonly cut: number }

/** What the primary says to a worker. */
export type PrimaryMessage =
  /** Carries the socket. Numbers go up by one. */
  | { readonly verb: 'connection'; readonly id: number }
  | { readonly verb: 'quiesce' }
  /** Finish what is there, within this many seconds; null for as long as it takes. Said again, it moves the deadline. */
  | { readonly verb: 'stop'; readonly deadlineSeconds: number | null }
  /** Take these settings over; null for a service that has none, and only resets. */
  | { readonly verb: 'mutate'; readonly settings: unknown }
  | { readonly verb: 'reopen-logs' }
  | { readonly verb: 'log-level'; readonly level: string }
  | { readonly verb: 'list-work'; readonly olderThan: number }

const VERBS: ReadonlySet<unknown> = new Set<PrimaryMessage['verb']>(['connection', 'quiesce', 'stop', 'mutate', 'reopen-logs', 'log-level', 'list-work'])

/** The channel also carries what an app or a library sends on its own; that is not for us. */
export function isPrimaryMessage(message: unknown): message is PrimaryMessage {
  return typeof message === 'object' && message !== null && 'verb' in message && VERBS.has(message.verb)
}

/** An error on its way to another process. */
export interface Failure {
  /** The error's class. */
  readonly kind: string
  readonly message: string
  readonly stack?: string
  /** Of a ConfigError. */
  readonly problems?: ConfigError['problems']
}

export function describeFailure(error: unknown): Failure {
  if (!(error instanceof Error)) return { kind: 'Error', message: String(error) }
  const { name: kind, message, stack } = error
  return { kind, message, ...(stack !== undefined && { stack }), ...(error instanceof ConfigError && { problems: error.problems }) }
}

/** The error again, with the stack it had in its own process. A ConfigError stays one; of others the name is kept. */
export function reviveFailure(failure: Failure): Error {
  const { kind: name, message, problems } = failure
  const error = problems === undefined ? Object.assign(new Error(message), { name }) : new ConfigError(problems)
  if (failure.stack !== undefined) error.stack = failure.stack
  return error
}
