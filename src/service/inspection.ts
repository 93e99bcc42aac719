import type { WorkItem } from './service-base.ts'
import { isObject, readItems } from './worker-words.ts'

/** What a thread beside a process's main loop saw of it. */
export interface Inspection {
  /** Where it was, one frame a line; words in its place when there is none. */
  readonly stack: string
  readonly work: readonly WorkItem[]
}

/** Under which the main thread has a function that tells what is in progress. */
export const IN_PROGRESS: unique symbol = Symbol.for('millrace.inProgress')

/** What came over the line to that thread; null for anything else, as the app may write there too. */
export function readInspection(line: string): Inspection | null {
  const value = parse(line)
  if (!isObject(value) || typeof value['stack'] !== 'string' || !Array.isArray(value['work'])) return null
  return { stack: value['stack'], work: readItems(value['work']) }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}
