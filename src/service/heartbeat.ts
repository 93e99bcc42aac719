import type { Clock, Timer } from '../clock.ts'
import { LoopLateness } from './loop-lateness.ts'
import type { WorkerMessage } from './messages.ts'
import type { Activity, ServiceBase } from './service-base.ts'

const INTERVAL = 1000

/** Of a service that tells nothing. */
const IDLE: Activity = { done: 0, inFlight: 0, queued: 0, connections: { IDLE: 0, REQUEST: 0, CLOSE: 0 } }

/** Tells the primary each second, from the main loop, that this runs, and what the process does. */
export class Heartbeat {
  readonly #service: ServiceBase
  readonly #send: (message: WorkerMessage) => void
  readonly #lateness: LoopLateness
  readonly #ticker: Timer

  constructor(service: ServiceBase, send: (message: WorkerMessage) => void, clock: Clock) {
    this.#service = service
    this.#send = send
    this.#lateness = new LoopLateness(clock)
    this.#ticker = clock.setTicker(() => this.#beat(), INTERVAL)
  }

  stop(): void {
    this.#ticker.cancel()
    this.#lateness.stop()
  }

  #beat(): void {
    const { done, inFlight, queued, connections } = this.#service.activity?.() ?? IDLE
    const { rss, heapUsed } = process.memoryUsage()
    this.#send({ verb: 'beat', report: { done, inFlight, queued, connections, loopDelay: this.#lateness.take(), rss, heapUsed } })
  }
}
