import type { ListeningApi } from '../events.ts'
import type { PrimaryMessage } from './messages.ts'
import type { ServiceStatus, StuckProcess } from './operations.ts'
import type { ConnectionSource } from './service-base.ts'
import type { StopOutcome } from './stop-outcome.ts'

/** What is told to every process of a service. */
export type Announcement = Extract<PrimaryMessage, { verb: 'mutate' | 'reopen-logs' | 'log-level' }>

/** One service as a launcher sees it, whether it runs in this process or in workers. The first calls come in the order they stand here. */
export interface Unit {
  readonly name: string
  /** Processes; 0 when it runs in this one. */
  readonly workers: number
  readonly listening: ListeningApi
  /** What it listens on, for people; empty when it does not. */
  readonly label: string
  /** What it listens on now, if it does. */
  readonly source: ConnectionSource | undefined
  /** Connections it has been given so far. */
  readonly accepted: number
  /** Takes the place it listens on, if it has one: all do before anything is started. */
  bind(): Promise<void>
  /** Resolves when the service works with all it should have; rejects when it cannot. */
  start(): Promise<void>
  /** Serve on, but let clients know that they should go elsewhere. */
  quiesce(): void
  /** Stop listening. */
  close(): void
  /** Finish, within this many seconds; null for as long as it takes. */
  stop(deadlineSeconds: number | null): Promise<StopOutcome>
  /** After `stop`: end now whatever that costs. */
  abort(): void

  status(): ServiceStatus
  /** The configuration was read again: once, in this process. */
  reset(): Promise<void>
  /** Begins anew without a pause: resolves with how many processes were replaced. Rejects when it must stay as it was, or partly so. */
  reload(): Promise<number>
  /** As a stop would, but for this service alone; until it is reloaded. */
  drain(): Promise<StopOutcome>
  /** It has workers, and may have more or fewer. */
  readonly scalable: boolean
  /** Throws RangeError when it is not {@link scalable}. */
  scale(workers: number): void
  tell(announcement: Announcement): void
  stuck(seconds: number): Promise<StuckProcess[]>
}
