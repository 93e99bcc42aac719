import type { Socket } from 'node:net'
import type { Deadlines } from './deadlines.ts'

/** Milliseconds. */
const PAUSE = 500

/**
 * Has the kernel probe clients that may have vanished (tcp_keepidle; SO_KEEPALIVE of socket(7), TCP_KEEPIDLE of tcp(7)). It is asked when a
 * connection turns out to stay: the four system calls and the kernel's timer cost one that ends with its first request a tenth
 * of its CPU time.
 */
export class TcpKeepAlive {
  readonly #deadlines: Deadlines
  /** Milliseconds without a sign of life before the first probe; 0: never. */
  #idle = 0
  readonly #fresh = new Set<Socket>()
  #askedAt = 0

  constructor(seconds: number, deadlines: Deadlines) {
    this.#deadlines = deadlines
    this.mutate(seconds)
    deadlines.onTick(() => this.#tick())
  }

  /** Holds for connections that are not probed yet. */
  mutate(seconds: number): void {
    this.#idle = seconds * 1000
    if (seconds === 0) this.#fresh.clear()
  }

  /** A connection has come. It is probed from the next half second on, unless it has ended by then. */
  add(socket: Socket): void {
    if (this.#idle > 0) this.#fresh.add(socket)
  }

  /** It stays for another request. Told each time; only the first one counts. */
  stays(socket: Socket): void {
    if (this.#fresh.size > 0 && this.#fresh.delete(socket)) socket.setKeepAlive(true, this.#idle)
  }

  #tick(): void {
    const { now } = this.#deadlines
    if (now - this.#askedAt < PAUSE) return
    this.#askedAt = now
    for (const socket of this.#fresh) if (!socket.destroyed) socket.setKeepAlive(true, this.#idle)
    this.#fresh.clear()
  }
}
