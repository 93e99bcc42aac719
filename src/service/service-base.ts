import type { Socket } from 'node:net'
import type { ListeningApi } from '../events.ts'

/** What a service is doing, counted. */
export interface Load {
  /** Open connections. */
  readonly connections: number
  /** Requests being answered. */
  readonly requests: number
}

/** What a service has done and has to do, for status. */
export interface Activity {
  /** Requests answered, or tasks ended, since the process started. */
  readonly done: number
  /** Requests being answered, or tasks running. */
  readonly inFlight: number
  /** Requests or tasks that wait for one of those to end. */
  readonly queued: number
  readonly connections: Readonly<Record<'IDLE' | 'REQUEST' | 'CLOSE', number>>
}

/** One request or task that is not finished. */
export interface WorkItem {
  /** A request's id; of a task its name. */
  readonly id: string
  /** `GET /v2.1/servers`; of a task what it is. */
  readonly what: string
  /** Seconds since it began. */
  readonly seconds: number
  /** What it is doing: `waiting for the app`, `reading the body`, … */
  readonly phase: string
  /** The client's address; nothing for a task. */
  readonly client?: string
}

/**
 * What a launcher runs: oslo.service's ServiceBase. The launcher calls `start` once, then `stop` and `wait`. Around these it calls what a
 * service has of the rest: `quiesce` before a stop, `abort` when the time for it is up, `mutate` and `reset` when the configuration changed.
 */
export interface ServiceBase {
  /** Unique among the services of a launcher. Default: the name of the class. */
  readonly name?: string
  /** Set by who starts a backdoor in the service's process: its port, or the path of its socket. */
  backdoorPort?: number | string
  /** Returns, or resolves, when the service can work. Throws, or rejects, when it cannot start. */
  start(): void | Promise<void>
  /** Take no new work, and begin to finish what there is. May be called again, and before `start`. */
  stop(): void | Promise<void>
  /** Resolves when everything in flight is finished or cut. */
  wait(): void | Promise<void>
  /** The configuration was read again. */
  reset(): void | Promise<void>
  /** A stop was asked for: go on working, but tell clients to go elsewhere (health checks fail, answers close). */
  quiesce?(): void
  /** Cut whatever is in flight now. Returns how many requests or tasks that cost. */
  abort?(): number
  /** Take these settings over in place: those the service was made from, read again. Plain JSON. */
  mutate?(settings: unknown): void
  activity?(): Activity
  /** What is in flight, the oldest first. */
  inProgress?(): WorkItem[]
}

/** A service that serves connections; it does not care who accepted them. */
export interface ConnectionService extends ServiceBase {
  readonly name: string
  accept(socket: Socket): void
  load(): Load
}

/** Something bound that yields connections: a TCP port or a unix socket. */
export interface ConnectionSource {
  /** For people: `0.0.0.0:8774`, `[::1]:8774` or `unix:/run/api.sock`. */
  readonly label: string
  /** From now on connections go to `handler`, and no longer to an earlier one: paused, with nothing of theirs read. */
  onConnection(handler: (socket: Socket) => void): void
  /** Stops listening. Connections already handed on stay. */
  close(): void
}

/** Where something that is bound can be reached. */
export type Place = Pick<ListeningApi, 'host' | 'port' | 'url'>

export interface Bound {
  readonly source: ConnectionSource
  readonly place: Place
}

/** A connection service that has a place of its own. The launcher's process binds it, whichever process serves. */
export interface ListeningService extends ConnectionService {
  /** Rejects when the place cannot be had. */
  bind(): Promise<Bound>
  /** What was bound, told to the service that is to be started: in a worker that is another one than was asked to bind. */
  bound?(place: Place): void
}

export function isConnectionService(service: ServiceBase): service is ConnectionService {
  return 'accept' in service
}

export function isListening(service: ServiceBase): service is ListeningService {
  return 'bind' in service && isConnectionService(service)
}
