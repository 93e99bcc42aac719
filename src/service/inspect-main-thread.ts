import type { Runtime, Session } from 'node:inspector'
import { fileURLToPath } from 'node:url'
import type { Clock } from '../clock.ts'
import { defer } from './deferred.ts'
import type { Inspection } from './inspection.ts'
import type { WorkItem } from './service-base.ts'

/** What is used of node:inspector's session. */
export type MainThreadSession = Pick<Session, 'connectToMainThread' | 'disconnect' | 'post'>

/** `globalThis[Symbol.for(IN_PROGRESS)]` is the process's own function, which returns its `WorkItem`s. */
export const IN_PROGRESS = 'millrace.inProgress'

/** Milliseconds. A thread that has not answered by then is in native code. */
const PATIENCE = 1000
const MOST_FRAMES = 30
/** By which our own lines of the stack are known. */
const OUR_PLACE = 'millrace:inspection'
const EXPRESSION = `(${look.toString()})(${JSON.stringify(IN_PROGRESS)})\n//# sourceURL=${OUR_PLACE}`

interface Found {
  readonly stack: string
  readonly work: WorkItem[]
  readonly debugged: boolean
}

/**
 * Looks at the main thread from another one. V8 calls {@link look} in the midst of what runs there, an endless loop or a regular expression included, and then
 * goes on with that. Nothing is stopped, and a debugger that is at work notices nothing.
 */
export async function inspectMainThread(session: MainThreadSession, clock: Clock): Promise<Inspection> {
  const found = defer<Inspection>()
  const timer = clock.setTimer(() => found.resolve(NATIVE), PATIENCE)
  session.connectToMainThread()
  session.post('Runtime.evaluate', { expression: EXPRESSION, returnByValue: true, silent: true }, (_, answer) => found.resolve(read(answer)))
  const inspection = await found.promise
  timer.cancel()
  session.disconnect()
  return inspection
}

/** Runs in the main thread, as a text: it has nothing of this module. It must change nothing, as what it interrupts does not expect it. */
function look(inProgress: string): Found {
  const { stackTraceLimit } = Error
  const prepareStackTrace: unknown = Reflect.get(Error, 'prepareStackTrace')
  const isOverridden = typeof prepareStackTrace === 'function'
  Object.assign(Error, { stackTraceLimit: 32 }, isOverridden && { prepareStackTrace: undefined })
  const { stack = '' } = new Error()
  Object.assign(Error, { stackTraceLimit }, isOverridden && { prepareStackTrace })
  const debugged = process.getBuiltinModule('node:inspector').url() !== undefined
  try {
    const hook = (globalThis as Partial<Record<symbol, () => WorkItem[]>>)[Symbol.for(inProgress)]
    return { stack, work: hook?.() ?? [], debugged }
  } catch {
    // The service's own function threw, of which the stack knows nothing.
    return { stack, work: [], debugged }
  }
}

function read(answer: Runtime.EvaluateReturnType | undefined): Inspection {
  const found = answer?.result.value as Found | undefined
  if (found === undefined) return { stack: `it could not be looked at: ${answer?.exceptionDetails?.exception?.description ?? 'it ends'}`, work: [] }
  const { work, debugged } = found
  const frames = found.stack.split('\n').filter((line) => line.startsWith('    at ') && !line.includes(OUR_PLACE))
  if (frames.length === 0) return { stack: 'it waits for events', work, spared: 'idle' }
  return { stack: frames.slice(0, MOST_FRAMES).map(withPath).join('\n'), work, ...(debugged && { spared: 'debugged' }) }
}

function withPath(line: string): string {
  return line.replace(/file:\/\/.*(?=:\d+:\d+\)?$)/, (url) => fileURLToPath(url))
}

const NATIVE: Inspection = {
  stack: 'no JavaScript runs: the main thread has been in native code for a second, such as execSync, pbkdf2Sync or JSON.parse',
  work: [],
}
