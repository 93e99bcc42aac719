import type { WorkItem } from './service-base.ts'

/** What a thread beside a process's main loop saw of it. */
export interface Inspection {
  /** Where it was, one frame a line; words in its place when there is none. */
  readonly stack: string
  readonly work: readonly WorkItem[]
}

/** Under which the main thread has a function that tells what is in progress. */
export const IN_PROGRESS: unique symbol = Symbol.for('millrace.inProgress')
