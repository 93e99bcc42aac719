import type { Socket } from 'node:net'
import type { Inspection } from './inspection.ts'
import type { PrimaryMessage, WorkerMessage } from './messages.ts'

/** How a process ended. */
export interface WorkerExit {
  readonly code: number | null
  readonly signal: string | null
  /** Why it never was a process. */
  readonly error?: Error
}

/** The primary's end of the line to one worker. */
export interface ChildPort {
  /** 0 when the process could not be started. */
  readonly pid: number
  /** `socket` stays open here as well. Saying something to a worker that is gone does nothing. */
  send(message: PrimaryMessage, socket?: Socket): void
  onMessage(handler: (message: WorkerMessage) => void): void
  /** Called once, when the process is gone and everything it said has been heard. */
  onExit(handler: (exit: WorkerExit) => void): void
  kill(signal: NodeJS.Signals): void
  /** Asks the thread beside its main loop what that does. Null when there is none, or it does not answer in time. */
  inspect(): Promise<Inspection | null>
}

/** The worker's end of it. */
export interface ParentPort {
  /** Resolves when the message has been written, or cannot be any more. */
  send(message: WorkerMessage): Promise<void>
  /** `socket` comes with `connection`; it is missing when the primary's end of it had closed. */
  onMessage(handler: (message: PrimaryMessage, socket: Socket | undefined) => void): void
  /** A connection was sent that did not arrive. */
  onLost(handler: (id: number) => void): void
  /** The primary is gone. */
  onDisconnect(handler: () => void): void
}
