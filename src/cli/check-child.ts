import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Clock } from '../clock.ts'
import type { ConfigProblem } from '../errors.ts'
import type { Finding } from './finding.ts'

/** What the child is to load. */
export interface CheckOrder {
  readonly api: string
  readonly pasteFile: string
}

export interface CheckLimits {
  /** Seconds that loading may take; 0 for as long as it does. */
  readonly timeout: number
  readonly clock: Clock
}

const MAIN = fileURLToPath(new URL('./check-main.js', import.meta.url))

/**
 * Has an API loaded in a process of its own, so that whatever its app does while it loads ends with that process. Resolves with what is
 * wrong, also when the app ends the process, or never comes to an end itself. `place` is the API's section.
 */
export function loadInChild(order: CheckOrder, place: Partial<ConfigProblem>, { timeout, clock }: CheckLimits): Promise<Finding[]> {
  const child = fork(MAIN, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const failed = (message: string): Finding[] => [{ ...place, level: 'error', api: order.api, message }]
  return new Promise((resolve, reject) => {
    const timer = timeout === 0 ? undefined : clock.setTimer(() => end(failed(stillWaits(order.api, timeout))), timeout * 1000)
    const end = (findings: Finding[]): void => {
      timer?.cancel()
      child.kill('SIGKILL')
      resolve(findings)
    }
    child.once('message', (findings) => end(findings as Finding[]))
    child.once('error', reject)
    child.once('exit', () => end(failed(endedBy(child, order.api))))
    child.send(order)
  })
}

function stillWaits(api: string, timeout: number): string {
  return `the API ${api} is not loaded after ${timeout} s: a module or a factory still waits for something (--timeout)`
}

function endedBy({ exitCode, signalCode }: ChildProcess, api: string): string {
  return `an app ended the process while it was loaded (${signalCode ?? `exit code ${exitCode}`}); the API being loaded is ${api}`
}
