import type { ConfigProblem } from '../errors.ts'
import type { Failure, WorkerMessage } from './messages.ts'
import type { WorkerReport } from './operations.ts'
import type { WorkItem } from './service-base.ts'

type Fields = Readonly<Record<string, unknown>>
type Reader<V> = (fields: Fields) => Extract<WorkerMessage, { readonly verb: V }> | null

/**
 * The channel is the app's as well, which may send there what looks like ours and is not, and what a service tells of itself is its author's word: the primary
 * must survive both. Numbers that are none are 0; what makes no sense without a field is not ours.
 */
const READERS: { readonly [V in WorkerMessage['verb']]: Reader<V> } = {
  ready: ({ debugged }) => (debugged === true ? { verb: 'ready', debugged } : { verb: 'ready' }),
  failed: ({ error }) => (isObject(error) ? { verb: 'failed', error: readFailure(error) } : null),
  stopping: () => ({ verb: 'stopping' }),
  received: ({ ids, ...load }) => (Array.isArray(ids) ? { verb: 'received', ids: ids.filter(isNumber), ...readLoad(load) } : null),
  refused: ({ id }) => (isNumber(id) ? { verb: 'refused', id } : null),
  load: (load) => ({ verb: 'load', ...readLoad(load) }),
  beat: ({ report }) => (isObject(report) ? { verb: 'beat', report: readReport(report) } : null),
  'reset-asked': () => ({ verb: 'reset-asked' }),
  work: ({ items }) => (Array.isArray(items) ? { verb: 'work', items: readItems(items) } : null),
  stopped: ({ cut }) => ({ verb: 'stopped', cut: count(cut) }),
}

/** What a worker said, or null for what is no message of ours. */
export function readWorkerMessage(message: unknown): WorkerMessage | null {
  if (!isObject(message)) return null
  const { verb } = message
  return typeof verb === 'string' && Object.hasOwn(READERS, verb) ? READERS[verb as WorkerMessage['verb']](message) : null
}

/** Those of a list that are items. */
export function readItems(items: readonly unknown[]): WorkItem[] {
  return items.filter(isObject).map(({ id, what, seconds, phase, client }) => ({
    id: text(id), what: text(what), seconds: count(seconds), phase: text(phase), ...(typeof client === 'string' && { client }),
  }))
}

export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null
}

function readLoad({ connections, requests }: Fields): { connections: number; requests: number } {
  return { connections: count(connections), requests: count(requests) }
}

function readReport({ done, inFlight, queued, connections, loopDelay, rss, heapUsed }: Fields): WorkerReport {
  const { IDLE, REQUEST, CLOSE } = isObject(connections) ? connections : {}
  return {
    done: count(done), inFlight: count(inFlight), queued: count(queued), loopDelay: count(loopDelay), rss: count(rss), heapUsed: count(heapUsed),
    connections: { IDLE: count(IDLE), REQUEST: count(REQUEST), CLOSE: count(CLOSE) },
  }
}

function readFailure({ kind, message, stack, problems }: Fields): Failure {
  const failure = { kind: text(kind), message: text(message), ...(typeof stack === 'string' && { stack }) }
  return isProblems(problems) ? { ...failure, problems } : failure
}

function isProblems(value: unknown): value is NonNullable<Failure['problems']> {
  return Array.isArray(value) && value.length > 0 && value.every((one: Partial<ConfigProblem> | null) => isObject(one) && typeof one.message === 'string')
}

function isNumber(value: unknown): value is number {
  return Number.isFinite(value)
}

function count(value: unknown): number {
  return isNumber(value) && value >= 0 ? value : 0
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
