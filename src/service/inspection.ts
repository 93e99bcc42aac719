import type { WorkItem } from './service-base.ts'
import { isObject, readItems } from './worker-words.ts'

/** What a thread beside a process's main loop saw of it. */
export interface Inspection {
  /** Where it was, one frame a line; words in its place when there is none. */
  readonly stack: string
  readonly work: readonly WorkItem[]
  /** Why it must not be killed: its loop waits for events, so it runs; or a debugger can stop it, and may have. */
  readonly spared?: Spared
}

type Spared = 'idle' | 'debugged'

/** What came over the line to that thread; null for anything else, as the app may write there too. */
export function readInspection(line: string): Inspection | null {
  const value = parse(line)
  if (!isObject(value)) return null
  const { stack, work, spared } = value
  if (typeof stack !== 'string' || !Array.isArray(work)) return null
  return { stack, work: readItems(work), ...(isSpared(spared) && { spared }) }
}

function isSpared(value: unknown): value is Spared {
  return value === 'idle' || value === 'debugged'
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}
