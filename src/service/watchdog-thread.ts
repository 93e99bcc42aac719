import { Socket } from 'node:net'
import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '../clock.ts'
import { inspectMainThread } from './inspect-main-thread.ts'
import type { Inspection } from './inspection.ts'

// The thread of startWatchdog: it has none of the app's code. The main thread may be in an endless loop: nothing here waits for it without a limit.

const FD = 4

const line = new Socket({ fd: FD, readable: true, writable: true })
// Any octet is the question: there is only one.
line.on('data', () => void inspect().then((inspection) => line.write(`${JSON.stringify(inspection)}\n`)))
line.on('error', () => {})
line.on('close', () => watchOrphan(workerData as number))

/** The primary is gone, and nobody else ends a process whose main loop never comes to hear of it: it is killed when it is silent for so many seconds. */
function watchOrphan(patience: number): void {
  let silent = 0
  parentPort?.on('message', () => (silent = 0))
  setInterval(() => {
    if (silent >= patience) process.kill(process.pid, 'SIGKILL')
    silent += 1
    parentPort?.postMessage('are you there?', [])
  }, 1000)
}

/** The inspector is only loaded for use, and not by an import: what an app has done to those is not for us. */
async function inspect(): Promise<Inspection> {
  try {
    const { Session } = process.getBuiltinModule('node:inspector')
    return await inspectMainThread(new Session(), systemClock)
  } catch (error) {
    return { stack: `it could not be looked at: ${String(error)}`, work: [] }
  }
}
