import type { Activity, WorkItem } from './service-base.ts'
import type { StopOutcome } from './stop-outcome.ts'
import type { WorkerState } from './worker-state.ts'

/** What a worker tells of itself each second, and the primary shows in status. */
export interface WorkerReport extends Activity {
  /** Milliseconds the main loop was late by, at worst, since the last report. */
  readonly loopDelay: number
  /** Octets of memory. */
  readonly rss: number
  readonly heapUsed: number
}

/** One process of a service. */
export interface ProcessStatus {
  readonly pid: number
  /** SERVING in the launcher's own process. */
  readonly state: WorkerState | 'SERVING'
  /** Seconds since it was forked. */
  readonly age: number
  /** Seconds since its main loop last said something; null before its first word. */
  readonly silent: number | null
  /** Null until it has told one. */
  readonly report: WorkerReport | null
}

/** One service of a launcher: an API, or any other. */
export interface ServiceStatus {
  readonly name: string
  /** What it listens on, for people; empty when it does not. */
  readonly listening: string
  readonly state: 'STARTING' | 'SERVING' | 'RELOADING' | 'DRAINING' | 'DRAINED' | 'FAILED' | 'STOPPING'
  /** Processes it should have; 0 in the launcher's own. */
  readonly workers: number
  /** Connections that wait for a worker. */
  readonly waiting: number
  /** Connections accepted so far. */
  readonly accepted: number
  /** Processes that ended although nobody asked them to. */
  readonly lost: number
  readonly processes: readonly ProcessStatus[]
}

/** A whole launcher. */
export interface LauncherStatus {
  readonly pid: number
  readonly state: 'NEW' | 'RUNNING' | 'RELOADING' | 'STOPPING'
  /** Milliseconds since 1970-01-01T00:00Z. */
  readonly startedAt: number
  /** Seconds. */
  readonly uptime: number
  readonly services: readonly ServiceStatus[]
}

/** How a reload went. */
export interface ReloadOutcome {
  /** False when the old workers, or some of them, serve on. */
  readonly done: boolean
  /** Workers replaced. */
  readonly replaced: number
  /** Why it was not done. */
  readonly reason?: string
}

/** What an operator can do to a running launcher: the control socket's and the signals' side of it. */
export interface Operations {
  status(): LauncherStatus
  /** What HUP does: `reload`, or `mutate` by the launcher's restart method. Resolves when it is over. */
  restart(): Promise<ReloadOutcome>
  /** Begins to stop. */
  stop(pace: 'graceful' | 'immediate'): void
  /** Resolves with the number before. Rejects with RangeError for a service there is not and a number that is none. */
  scale(service: string, workers: number): Promise<number>
  /** Ends the workers of one service as a stop would, while the others go on; until a reload. Rejects with RangeError for a service there is not. */
  drain(service: string): Promise<StopOutcome>
  /** Of the launcher and all workers. Throws RangeError for a level there is not. */
  setLogLevel(level: string): void
  /** What the workers' requests and tasks are doing, those older than `seconds`, by process id; and the stack of a worker whose main loop is blocked. */
  stuck(seconds: number): Promise<StuckProcess[]>
}

/** What does not come forward in one process. */
export interface StuckProcess {
  readonly service: string
  readonly pid: number
  readonly work: readonly WorkItem[]
  /** Of a main loop that does not answer. */
  readonly stack?: string
}
