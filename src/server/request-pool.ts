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
  #size: number
  #queueSize: number
  readonly #waits: DeadlineList
  readonly #queue = new Set<PoolEntry>()
  #active = 0
  #starting = false

  constructor(size: number, queueSize: number, waits: DeadlineList) {
    this.#size = size
    this.#queueSize = queueSize
    this.#waits = waits
  }

  get active(): number {
    return this.#active
  }

  get waiting(): number {
    return this.#queue.size
  }

  /** Who comes now must wait. */
  get full(): boolean {
    return this.#active >= this.#size || this.#queue.size > 0
  }

  /** A larger pool starts who waits; of a smaller one, or a shorter queue, nobody is sent away who is in it already. */
  resize(size: number, queueSize: number): void {
    this.#size = size
    this.#queueSize = queueSize
    this.#startWaiting()
  }

  /** Starts the entry now, queues it, or rejects it. Whoever was started calls `release` once. */
  run(entry: PoolEntry): void {
    if (!this.full) {
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
    this.#active -= 1
    if (this.#queue.size > 0) this.#startWaiting()
  }

  /** Who is answered at once releases his slot from within; one of these loops is enough for all of them. */
  #startWaiting(): void {
    if (this.#starting) return
    this.#starting = true
    try {
      this.#startAll()
    } finally {
      this.#starting = false
    }
  }

  #startAll(): void {
    for (const next of this.#queue) {
      if (this.#active >= this.#size) break
      this.leave(next)
      this.#active += 1
      next.start()
    }
  }

  /** Takes a waiting entry out: its client has gone, or its wait was too long. */
  leave(entry: PoolEntry): void {
    if (this.#queue.delete(entry)) entry.deadline.disarm()
  }
}
