import type { Socket } from 'node:net'

/** What a service is doing, counted. */
export interface Load {
  /** Open connections. */
  readonly connections: number
  /** Requests being answered. */
  readonly requests: number
}

/**
 * Something a launcher runs: oslo.service's ServiceBase. The launcher calls `start` once, then `quiesce`, `stop` and, when the
 * time is up, `abort`, in this order.
 */
export interface Service {
  readonly name: string
  /** Resolves when the service can work. Rejects when it cannot start. */
  start(): Promise<void>
  /** A stop was asked for: go on serving, but tell clients to go elsewhere (health checks fail, answers close). */
  quiesce(): void
  /** Take no new work. Resolves when everything in flight is finished or cut. */
  stop(): Promise<void>
  /** Cut whatever is in flight now. Returns how many requests that cost. */
  abort(): number
}

/** A service that serves connections; it does not care who accepted them. */
export interface ConnectionService extends Service {
  accept(socket: Socket): void
  load(): Load
}

/** Something bound that yields connections: a TCP port or a unix socket. */
export interface ConnectionSource {
  /** For people: `0.0.0.0:8774`, `[::1]:8774` or `unix:/run/api.sock`. */
  readonly label: string
  /** From now on connections go to `handler`, paused, with nothing of theirs read. */
  onConnection(handler: (socket: Socket) => void): void
  /** Stops listening. Connections already handed on stay. */
  close(): void
}
