import type { Limits } from '../http/limits.ts'

/**
 * How one server behaves: the `[wsgi]` options it needs, by their own names, so that one search finds an option everywhere.
 * Times are in seconds, sizes in octets; 0 switches a time or a size off unless said otherwise.
 */
export interface ServerSettings extends Limits {
  readonly keep_alive: boolean
  readonly keepalive_timeout: number
  readonly headers_timeout: number
  readonly body_timeout: number
  /** Octets per second, after ten seconds of waiting. */
  readonly min_body_rate: number
  readonly write_timeout: number
  /** Octets per second, after ten seconds of waiting. */
  readonly min_write_rate: number
  readonly handler_timeout: number
  /** Caps every wait for the client; 0 for no cap. */
  readonly client_socket_timeout: number
  readonly max_buffered_body: number
  readonly max_discard: number
  readonly linger_timeout: number
  readonly default_pool_size: number
  readonly pool_queue_size: number
  readonly pool_queue_timeout: number
  readonly pool_bypass_paths: readonly string[]
  readonly max_connections: number
  readonly tcp_keepidle: number
  /** Addresses, networks and `unix`. */
  readonly trusted_proxies: readonly string[]
  readonly ssl_handshake_timeout: number
  readonly debug: boolean
  /** How long an idle connection is kept for one more request when the server stops. */
  readonly idle_linger: number
}

/** What can take too long. */
export type Wait = 'idle' | 'head' | 'body' | 'write' | 'handler' | 'queue' | 'linger' | 'stop'

/** How long each may take, in milliseconds; 0 means for ever. */
export function waitsOf(settings: ServerSettings): Readonly<Record<Wait, number>> {
  return {
    idle: cappedWait(settings.keepalive_timeout, settings),
    head: cappedWait(settings.headers_timeout, settings),
    body: cappedWait(settings.body_timeout, settings),
    write: cappedWait(settings.write_timeout, settings),
    handler: settings.handler_timeout * 1000,
    queue: settings.pool_queue_timeout * 1000,
    linger: Math.max(1, settings.linger_timeout * 1000),
    stop: Math.max(1, settings.idle_linger * 1000),
  }
}

/** A wait for the client in milliseconds, capped as nova does by `client_socket_timeout`. 0 means for ever. */
function cappedWait(seconds: number, settings: ServerSettings): number {
  const cap = settings.client_socket_timeout
  if (seconds === 0) return cap * 1000
  return (cap === 0 ? seconds : Math.min(seconds, cap)) * 1000
}
