import type { Socket } from 'node:net'
import { TransportError } from '../errors.ts'
import { DataRate } from './data-rate.ts'
import { Deadline, type Expirable } from './deadlines.ts'
import type { ServerState } from './server-state.ts'

/** Whom an outflow tells what became of it. */
export interface OutflowObserver extends Expirable {
  /** The client has taken what was written; more may be. */
  drained(): void
  /** The client has taken everything, and ours was the last word. */
  flushed(): void
}

/** One connection's way out: what is written to it, and how long the client may take over it. */
export class Outflow {
  readonly #socket: Socket
  readonly #server: ServerState
  readonly #observer: OutflowObserver
  readonly #deadline: Deadline
  readonly #rate: DataRate
  #blocked = false
  /** Octets the client has been waited for to take. */
  #unsent = 0
  #waiting: { resolve(): void; reject(error: Error): void } | null = null

  constructor(socket: Socket, server: ServerState, observer: OutflowObserver) {
    this.#socket = socket
    this.#server = server
    this.#observer = observer
    this.#deadline = new Deadline(observer)
    this.#rate = new DataRate(server.settings.min_write_rate)
    socket.on('drain', () => this.#onDrain())
  }

  /** The client has not taken what was written yet; the next answer must wait. */
  get blocked(): boolean {
    return this.#blocked
  }

  /** A new answer begins; each is held to the rate by itself. */
  begin(): void {
    this.#rate.reset()
  }

  /** Writes text or octets. False when the client does not keep up: wait for {@link drained}. */
  write(data: string | Uint8Array, encoding?: 'latin1' | 'utf8'): boolean {
    const flowing = this.#socket.write(data, encoding)
    if (!flowing) this.#stall()
    return flowing
  }

  /** Groups the writes until `uncork` into one. */
  cork(): void {
    this.#socket.cork()
  }

  uncork(): void {
    this.#socket.uncork()
  }

  /** Resolves when the client has taken what was written; rejects with TransportError when it has gone. */
  drained(): Promise<void> {
    if (this.#socket.destroyed) return Promise.reject(new TransportError('the client is gone'))
    if (!this.#blocked) return Promise.resolve()
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
    })
  }

  /** Closes our half behind what is written. The client has `write_timeout` for what it has not taken yet. */
  end(): void {
    this.#server.waits.write.arm(this.#deadline)
    this.#socket.end(() => {
      this.#deadline.disarm()
      if (!this.#socket.destroyed) this.#observer.flushed()
    })
  }

  /** The connection is closed; nobody will take anything any more. */
  gone(reason: TransportError): void {
    this.#deadline.disarm()
    this.#waiting?.reject(reason)
    this.#waiting = null
  }

  #stall(): void {
    this.#blocked = true
    this.#unsent = this.#socket.writableLength
    if (this.#deadline.armed) return
    this.#rate.wait(this.#server.deadlines.now)
    this.#server.waits.write.arm(this.#deadline)
  }

  #onDrain(): void {
    this.#blocked = false
    this.#deadline.disarm()
    if (this.#rate.tooSlow(this.#unsent, this.#server.deadlines.now)) {
      this.#observer.expired('min_write_rate')
      return
    }
    this.#waiting?.resolve()
    this.#waiting = null
    this.#observer.drained()
  }
}
