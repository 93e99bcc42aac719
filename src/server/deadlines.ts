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
  /** When it was armed. */
  since = 0
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

/**
 * Deadlines of one kind. They have the same time from when they were armed, so the list is in their order without sorting, also when that time
 * changes.
 */
export class DeadlineList {
  readonly name: string
  readonly #deadlines: Deadlines
  #wait: number
  #changedAt = 0
  #first: Deadline | null = null
  #last: Deadline | null = null

  constructor(deadlines: Deadlines, name: string, wait: number) {
    this.#deadlines = deadlines
    this.name = name
    this.#wait = wait
  }

  /** Milliseconds; 0: never. */
  get wait(): number {
    return this.#wait
  }

  /** A new time holds at once, and is counted from now for those who wait: nobody shall be late by a time that he was not given. */
  set wait(wait: number) {
    if (wait === this.#wait) return
    this.#wait = wait
    this.#changedAt = this.#deadlines.now
  }

  /** The one that has waited longest. */
  get first(): Deadline | null {
    return this.#first
  }

  /** Puts the deadline `wait` ahead, out of whatever list it was in. */
  arm(deadline: Deadline): void {
    const { now } = this.#deadlines
    // A busy connection is armed again and again in one tick.
    if (deadline.list === this && deadline.since === now) return
    deadline.list?.remove(deadline)
    deadline.list = this
    deadline.since = now
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

  /** Takes out what is due and tells its owners. `since` may have been a tick old, and nobody shall have less than his time. */
  expire(now: number): void {
    const latest = now - this.#wait - TICK
    if (this.#wait === 0 || this.#changedAt > latest) return
    for (let due = this.#first; due !== null && due.since <= latest; due = this.#first) {
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

  /** As {@link now}, to the millisecond, also while this process is blocked and does not tick. */
  get exactly(): number {
    return this.now + Math.round(this.#clock.now() - this.#tickedAt)
  }

  /** Goes on after `close`; what passed meanwhile counts for nobody. */
  open(): void {
    if (this.#ticker !== null) return
    this.ticks += 1
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
