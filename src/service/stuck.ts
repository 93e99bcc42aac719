import type { StuckProcess } from './operations.ts'
import type { WorkerHandle } from './worker-handle.ts'

/** Of one that does not answer, as its main loop is blocked, where that is. */
export async function findStuck(worker: WorkerHandle, seconds: number): Promise<Pick<StuckProcess, 'work' | 'stack'>> {
  const work = await worker.listWork(seconds)
  if (work !== null) return { work }
  const seen = await worker.inspect()
  if (seen === null) return { work: [] }
  const old = seen.work.filter((item) => item.seconds >= seconds)
  return seen.spared === 'idle' ? { work: old } : { work: old, stack: seen.stack }
}
