import type { Socket } from 'node:net'
import type { Deadlines } from './deadlines.ts'

/**
 * Has the kernel probe clients that may have vanished (tcp_keepidle; SO_KEEPALIVE of socket(7), TCP_KEEPIDLE of tcp(7)). It is asked when a
 * connection turns out to stay: the four system calls and the kernel's timer cost one that ends with its first request a tenth
 * of its CPU time.
 */
export class TcpKeepAlive {
  /** Milliseconds without a sign of life before the first probe; 0: never. */
  readonly #idle: number
  readonly #fresh = new Set<Socket>()

  constructor(seconds: number, deadlines: Deadlines) {
    this.#idle = seconds * 1000
    deadlines.onTick(() => this.#askForAll())
  }

  /** A connection has come. It is probed from the next tick on, unless it has ended by then. */
  add(socket: Socket): void {
    if (this.#idle > 0) this.#fresh.add(socket)
  }

  /** It stays for another request. Told each time; only the first one counts. */
  stays(socket: Socket): void {
    if (this.#fresh.size > 0 && this.#fresh.delete(socket)) socket.setKeepAlive(true, this.#idle)
  }

  #askForAll(): void {
    for (const socket of this.#fresh) if (!socket.destroyed) socket.setKeepAlive(true, this.#idle)
    this.#fresh.clear()
  }
}
