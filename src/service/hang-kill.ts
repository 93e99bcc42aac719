import { emit } from '../events.ts'
import type { WorkerHandle } from './worker-handle.ts'

/**
 * Ends a worker whose main loop has been silent for so many seconds; before that it tells where that is, and each request and task that this costs. One that has said
 * something meanwhile lives on, and so does one that will, as its loop waits for events, and one that somebody looks at with a debugger.
 */
export async function killHung(api: string, worker: WorkerHandle, seconds: number): Promise<void> {
  if (worker.debugged) return
  const { heardAt, pid } = worker
  const seen = await worker.inspect()
  if (worker.heardAt !== heardAt || worker.state === 'EXITED' || seen?.spared !== undefined) return
  emit('process.blocked', { api, pid, seconds, stack: seen?.stack ?? 'nobody tells where' })
  for (const { id, what, seconds: age, phase } of seen?.work ?? []) emit('work.cut', { api, pid, id, what, seconds: age, phase })
  emit('worker.hung', { api, pid, seconds })
  worker.kill()
}

/** Ends a worker that does not get ready, and tells before where its main loop is when that is blocked: it may only wait for something, too. */
export async function killLate(api: string, worker: WorkerHandle, seconds: number): Promise<void> {
  const { pid } = worker
  const seen = await worker.inspect()
  if (worker.state !== 'STARTING' || seen?.spared === 'debugged') return
  if (seen !== null && seen.spared === undefined) emit('process.blocked', { api, pid, seconds, stack: seen.stack })
  emit('worker.late', { api, pid, seconds })
  worker.kill()
}
