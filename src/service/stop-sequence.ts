import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock, Timer } from '../clock.ts'
import { emit } from '../events.ts'
import { defer } from './deferred.ts'
import type { StopOutcome, Unit } from './unit.ts'

export interface StopSequenceOptions {
  /** Whoever owns this list adds to it before the stop begins. */
  readonly units: readonly Unit[]
  readonly clock: Clock
  /** Seconds to serve on after everybody was told, so that a load balancer notices. */
  readonly drainDelay: number
  /** Seconds from the beginning of the stop until what is left is cut; 0 for never. */
  readonly gracefulTimeout: number
}

/** Enough for a full backlog of the default size: libuv accepts one connection per listener and turn. */
const MAX_ACCEPT_TURNS = 1024

/**
 * The order of every stop: all are told, `drainDelay` passes, what the kernel has queued is accepted, the listeners close, what is in
 * flight gets the rest of the time.
 */
export class StopSequence {
  readonly #options: StopSequenceOptions
  readonly #hurried = defer<void>()
  #pace: 'graceful' | 'immediate' = 'graceful'
  #state: 'NEW' | 'PREPARING' | 'STOPPING' = 'NEW'
  #deadline: number | null = null

  constructor(options: StopSequenceOptions) {
    this.#options = options
  }

  /** Resolves with the process's exit code: 0, or 1 when anything was cut, killed, or cut short. Once only. */
  async run(reason: string): Promise<number> {
    const { units, clock, gracefulTimeout } = this.#options
    const began = clock.now()
    this.#state = 'PREPARING'
    this.#deadline = gracefulTimeout > 0 ? began + gracefulTimeout * 1000 : null
    if (this.#pace === 'graceful') emit('stopping', { reason, seconds: gracefulTimeout })
    for (const unit of units) unit.quiesce()
    await this.#delay()
    await this.#acceptQueued()
    const outcomes = await this.#stopUnits()
    const cut = outcomes.reduce((sum, outcome) => sum + outcome.cut, 0)
    const code = this.#pace === 'graceful' && outcomes.every((outcome) => outcome.clean) ? 0 : 1
    emit('stopped', { code, cut, seconds: (clock.now() - began) / 1000 })
    return code
  }

  /** Skips every wait from here on. Before `run` it makes the whole sequence immediate. */
  cutShort(): void {
    this.#pace = 'immediate'
    this.#hurried.resolve()
    if (this.#state === 'STOPPING') this.#abortUnits()
  }

  async #delay(): Promise<void> {
    const { clock, drainDelay } = this.#options
    const wait = Math.min(drainDelay * 1000, this.#left())
    if (wait <= 0 || this.#pace === 'immediate') return
    let timer: Timer | undefined
    const passed = new Promise<void>((resolve) => (timer = clock.setTimer(resolve, wait)))
    await Promise.race([passed, this.#hurried.promise])
    timer?.cancel()
  }

  /** A connection the kernel has completed is a client that was let in: closing the listener would reset it. */
  async #acceptQueued(): Promise<void> {
    for (let turn = 0; turn < MAX_ACCEPT_TURNS && this.#pace === 'graceful'; turn++) {
      const before = this.#countAccepted()
      // Two, as the first may come before this turn's poll.
      await nextTurn()
      await nextTurn()
      if (this.#countAccepted() === before) return
    }
  }

  #countAccepted(): number {
    return this.#options.units.reduce((sum, unit) => sum + unit.accepted, 0)
  }

  #stopUnits(): Promise<StopOutcome[]> {
    const { units } = this.#options
    this.#state = 'STOPPING'
    for (const unit of units) unit.close()
    const outcomes = Promise.all(units.map((unit) => unit.stop(this.#deadline === null ? null : this.#left() / 1000)))
    if (this.#pace === 'immediate') this.#abortUnits()
    return outcomes
  }

  #abortUnits(): void {
    for (const unit of this.#options.units) unit.abort()
  }

  #left(): number {
    return this.#deadline === null ? Infinity : Math.max(0, this.#deadline - this.#options.clock.now())
  }
}
