import { type Deadline, type DeadlineList } from './deadlines.ts'

/** A request that wants to be answered. */
export interface PoolEntry {
  /** For its wait in the queue. */
  readonly deadline: Deadline
  /** Its turn has come. */
  start(): void
  /** There is no room, or its wait was too long. */
  reject(): void
}

/**
 * Bounds the requests answered at once (not the connections: an idle one costs nearly nothing), with a bounded queue before it.
 * eventlet's GreenPool counts connections, and a load balancer's idle ones can fill it.
 */
export class RequestPool {
  readonly size: number
  readonly #queueSize: number
  readonly #waits: DeadlineList
  readonly #queue = new Set<PoolEntry>()
  #active = 0

  constructor(size: number, queueSize: number, waits: DeadlineList) {
    this.size = size
    this.#queueSize = queueSize
    this.#waits = waits
  }

  get active(): number {
    return this.#active
  }

  get waiting(): number {
    return this.#queue.size
  }

  /** Starts the entry now, queues it, or rejects it. Whoever was started calls `release` once. */
  run(entry: PoolEntry): void {
    if (this.#active < this.size) {
      this.#active += 1
      entry.start()
    } else if (this.#queue.size < this.#queueSize) {
      this.#queue.add(entry)
      this.#waits.arm(entry.deadline)
    } else {
      entry.reject()
    }
  }

  /** A slot is free: the one that waited longest gets it. */
  release(): void {
    const [next] = this.#queue
    if (next === undefined) {
      this.#active -= 1
    } else {
      this.leave(next)
      next.start()
    }
  }

  /** Takes a waiting entry out: its client has gone, or its wait was too long. */
  leave(entry: PoolEntry): void {
    if (this.#queue.delete(entry)) entry.deadline.disarm()
  }
}
