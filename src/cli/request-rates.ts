import type { ExtraColumn } from '../log/status-text.ts'
import type { LauncherStatus, ServiceStatus } from '../service/operations.ts'

interface Sample {
  /** Milliseconds of a clock that never goes back. */
  readonly at: number
  /** Requests answered so far, by the process's id. */
  readonly done: ReadonlyMap<number, number>
}

/** Requests each service answers in a second, from what its processes had answered when they were asked last and before. */
export class RequestRates implements ExtraColumn {
  readonly head = 'requests/s'
  #before: Sample | null = null
  #last: Sample | null = null

  take(status: LauncherStatus, now: number): void {
    this.#before = this.#last
    this.#last = { at: now, done: new Map(status.services.flatMap(({ processes }) => processes.map(({ pid, report }) => [pid, report?.done ?? 0]))) }
  }

  /** One that was forked since answered all it has since. None where no process says what it does. */
  cell({ processes }: ServiceStatus): string {
    const [before, last] = [this.#before, this.#last]
    if (before === null || last === null || processes.every(({ report }) => report === null)) return '-'
    const done = processes.reduce((sum, { pid }) => sum + (last.done.get(pid) ?? 0) - (before.done.get(pid) ?? 0), 0)
    return (done / ((last.at - before.at) / 1000)).toFixed(1)
  }
}
