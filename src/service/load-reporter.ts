import type { Clock, Timer } from '../clock.ts'
import type { WorkerMessage } from './messages.ts'
import type { Load } from './service-base.ts'

const INTERVAL = 100

/**
 * Tells the primary which connections arrived, once per turn of the event loop, and how the load changes, at most every 100 ms. It looks
 * at the load after a connection came or went and for as long as it then keeps changing; an idle worker runs no timer.
 */
export class LoadReporter {
  readonly #load: () => Load
  readonly #send: (message: WorkerMessage) => void
  readonly #clock: Clock
  #received: number[] = []
  #told: Load = { connections: 0, requests: 0 }
  #timer: Timer | undefined

  constructor(load: () => Load, send: (message: WorkerMessage) => void, clock: Clock) {
    this.#load = load
    this.#send = send
    this.#clock = clock
  }

  received(id: number): void {
    // Before the next poll: no byte of this connection can have been read when the primary is told.
    if (this.#received.length === 0) setImmediate(() => this.#acknowledge())
    this.#received.push(id)
    this.changed()
  }

  /** The load may have changed. */
  changed(): void {
    if (this.#timer === undefined) this.#timer = this.#clock.setTimer(() => this.#look(), INTERVAL)
  }

  #acknowledge(): void {
    const ids = this.#received
    this.#received = []
    this.#told = this.#current()
    this.#send({ verb: 'received', ids, ...this.#told })
  }

  #look(): void {
    this.#timer = undefined
    const current = this.#current()
    if (current.connections === this.#told.connections && current.requests === this.#told.requests) return
    this.#told = current
    this.#send({ verb: 'load', ...current })
    this.changed()
  }

  #current(): Load {
    const { connections, requests } = this.#load()
    return { connections, requests }
  }
}
