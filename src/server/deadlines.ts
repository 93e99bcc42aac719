import type { Clock, Timer } from '../clock.ts'

/** Milliseconds between two looks at the lists. A deadline passes when its time is over, and at most two of these later. */
const TICK = 100
/** Milliseconds without a tick that are a stall of this process, and what one counts as. */
const STALL = 1500
const COUNTED = 500

/** Somebody with a deadline, told its name when it passes. */
export interface Expirable {
  expired(deadline: string): void
}

/** One owner's place in at most one list. Made once; arming it allocates nothing. */
export class Deadline {
  readonly owner: Expirable
  list: DeadlineList | null = null
  at = 0
  before: Deadline | null = null
  after: Deadline | null = null

  constructor(owner: Expirable) {
    this.owner = owner
  }

  get armed(): boolean {
    return this.list !== null
  }

  disarm(): void {
    this.list?.remove(this)
  }
}

/** Deadlines of one kind. They are all the same time ahead, so the list is in their order without sorting. */
export class DeadlineList {
  readonly name: string
  /** Milliseconds; 0: never. */
  readonly wait: number
  readonly #deadlines: Deadlines
  #first: Deadline | null = null
  #last: Deadline | null = null

  constructor(deadlines: Deadlines, name: string, wait: number) {
    this.#deadlines = deadlines
    this.name = name
    this.wait = wait
  }

  /** The one that has waited longest. */
  get first(): Deadline | null {
    return this.#first
  }

  /** Puts the deadline `wait` ahead, out of whatever list it was in. `now` is up to a tick old, and nobody shall have less than his time. */
  arm(deadline: Deadline): void {
    const at = this.#deadlines.now + this.wait + TICK
    // A busy connection is armed again and again in one tick.
    if (deadline.list === this && deadline.at === at) return
    deadline.list?.remove(deadline)
    if (this.wait === 0) return
    deadline.list = this
    deadline.at = at
    deadline.before = this.#last
    if (this.#last === null) this.#first = deadline
    else this.#last.after = deadline
    this.#last = deadline
  }

  remove(deadline: Deadline): void {
    if (deadline.before === null) this.#first = deadline.after
    else deadline.before.after = deadline.after
    if (deadline.after === null) this.#last = deadline.before
    else deadline.after.before = deadline.before
    deadline.before = null
    deadline.after = null
    deadline.list = null
  }

  /** Takes out what is due and tells its owners. */
  expire(now: number): void {
    for (let due = this.#first; due !== null && due.at <= now; due = this.#first) {
      this.remove(due)
      due.owner.expired(this.name)
    }
  }
}

/** All deadlines of one server, looked at by one coarse ticker: never a timer per request. */
export class Deadlines {
  readonly #clock: Clock
  readonly #lists: DeadlineList[] = []
  readonly #others: (() => void)[] = []
  #ticker: Timer | null = null
  #tickedAt = 0
  /**
   * Milliseconds in which this process did its part, as of the last tick: reading the clock for each request would cost more than the
   * tenth of a second is worth. A stall of our own counts as half a second, however long it was: what clients sent meanwhile is still to be
   * read, but a process that is always late must not wait for them for ever.
   */
  now = 0
  /** How many ticks there were: what need not be newer is made again when this has changed. */
  ticks = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.open()
  }

  /** Goes on after `close`; what passed meanwhile counts for nobody. */
  open(): void {
    if (this.#ticker !== null) return
    this.#tickedAt = this.#clock.now()
    this.#ticker = this.#clock.setTicker(() => this.#tick(), TICK)
  }

  /** @param wait milliseconds; 0: never */
  list(name: string, wait: number): DeadlineList {
    const list = new DeadlineList(this, name, wait)
    this.#lists.push(list)
    return list
  }

  /** Has `run` called at each tick. */
  onTick(run: () => void): void {
    this.#others.push(run)
  }

  close(): void {
    this.#ticker?.cancel()
    this.#ticker = null
  }

  #tick(): void {
    this.ticks += 1
    const at = this.#clock.now()
    // Whole milliseconds: any other number would be an object of its own in each deadline.
    const passed = Math.round(at - this.#tickedAt)
    this.#tickedAt = at
    this.now += passed > STALL ? COUNTED : passed
    for (const list of this.#lists) list.expire(this.now)
    for (const run of this.#others) run()
  }
}
