import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Clock, Timer } from '../clock.ts'
import type { WorkerMessage } from './messages.ts'
import type { Activity, ServiceBase } from './service-base.ts'

const INTERVAL = 1000
/** Milliseconds between two looks at how late the loop is. */
const RESOLUTION = 100

/** Of a service that tells nothing. */
const IDLE: Activity = { done: 0, inFlight: 0, queued: 0, connections: { IDLE: 0, REQUEST: 0, CLOSE: 0 } }

/** Tells the primary each second, from the main loop, that this runs, and what the process does. */
export class Heartbeat {
  readonly #service: ServiceBase
  readonly #send: (message: WorkerMessage) => void
  readonly #lateness = monitorEventLoopDelay({ resolution: RESOLUTION })
  readonly #ticker: Timer

  constructor(service: ServiceBase, send: (message: WorkerMessage) => void, clock: Clock) {
    this.#service = service
    this.#send = send
    this.#lateness.enable()
    this.#ticker = clock.setTicker(() => this.#beat(), INTERVAL)
  }

  stop(): void {
    this.#ticker.cancel()
    this.#lateness.disable()
  }

  #beat(): void {
    const { done, inFlight, queued, connections } = this.#service.activity?.() ?? IDLE
    const { rss, heapUsed } = process.memoryUsage()
    this.#send({ verb: 'beat', report: { done, inFlight, queued, connections, loopDelay: this.#takeLateness(), rss, heapUsed } })
  }

  /** Milliseconds. The histogram holds the times between two looks. */
  #takeLateness(): number {
    const { max, count } = this.#lateness
    this.#lateness.reset()
    return count === 0 ? 0 : Math.max(0, max / 1e6 - RESOLUTION)
  }
}
