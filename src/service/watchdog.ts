import { fstatSync } from 'node:fs'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { IN_PROGRESS } from './inspect-main-thread.ts'
import type { WorkItem } from './service-base.ts'

/** Over it the primary asks, and gets its answer, while the main loop does not run. */
export const WATCHDOG_FD = 4

/** Seconds; as `worker_timeout` is, which is the primary's. */
const ORPHAN_PATIENCE = 30

/**
 * Starts a thread beside the main loop that looks at it when the primary asks over file descriptor 4. Does nothing where there is no such descriptor: the process
 * was not forked by a launcher. It ends with the process and does not keep it. When the primary has gone, it kills the process if its main loop does not run for
 * `patience` seconds: it would be there for ever. Resolves when the thread runs, or cannot: never rejects.
 */
export function startWatchdog(inProgress: () => readonly WorkItem[], patience: number = ORPHAN_PATIENCE): Promise<void> {
  if (!isOpen(WATCHDOG_FD)) return Promise.resolve()
  Object.assign(globalThis, { [Symbol.for(IN_PROGRESS)]: inProgress })
  const thread = new Worker(new URL(`./watchdog-thread${extname(import.meta.url)}`, import.meta.url), { execArgv: [], env: {}, stdin: false, workerData: patience })
  thread.on('message', () => thread.postMessage('I am', []))
  thread.unref()
  return new Promise((resolve) => {
    thread.once('online', resolve)
    // Without it a worker is judged by its silence alone.
    thread.on('error', () => resolve())
  })
}

function isOpen(fd: number): boolean {
  try {
    return fstatSync(fd).isSocket()
  } catch {
    return false
  }
}
