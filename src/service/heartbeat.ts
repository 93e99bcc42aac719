import type { Clock, Timer } from '../clock.ts'
import { LoopLateness } from './loop-lateness.ts'
import type { WorkerMessage } from './messages.ts'
import type { ServiceBase } from './service-base.ts'
import { activityOf } from './service-voice.ts'

const INTERVAL = 1000

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
    const { done, inFlight, queued, connections } = activityOf(this.#service)
    const { rss, heapUsed } = process.memoryUsage()
    this.#send({ verb: 'beat', report: { done, inFlight, queued, connections, loopDelay: this.#lateness.take(), rss, heapUsed } })
  }
}
