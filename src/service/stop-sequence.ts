import type { Clock, Timer } from '../clock.ts'
import { emit } from '../events.ts'
import { acceptQueued } from './accept-queued.ts'
import { defer } from './deferred.ts'
import type { StopOutcome } from './stop-outcome.ts'
import type { Unit } from './unit.ts'

/** How long a stop takes; read when it begins. */
export interface StopTimes {
  /** Seconds from the beginning of a stop until what is left is cut; 0 for never. */
  gracefulTimeout: number
  /** Seconds to serve on when a stop was asked for, so that a load balancer notices. */
  drainDelay: number
}

/** As much of a unit as a stop needs. */
type StoppableUnit = Pick<Unit, 'accepted' | 'quiesce' | 'close' | 'stop' | 'abort'>

export interface StopSequenceOptions {
  /** Whoever owns this list adds to it before the stop begins. */
  readonly units: readonly StoppableUnit[]
  readonly clock: Clock
  readonly times: Readonly<StopTimes>
}

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
    const { units, clock, times: { gracefulTimeout } } = this.#options
    const began = clock.now()
    this.#state = 'PREPARING'
    this.#deadline = gracefulTimeout > 0 ? began + gracefulTimeout * 1000 : null
    if (this.#pace === 'graceful') emit('stopping', { reason, seconds: gracefulTimeout })
    for (const unit of units) unit.quiesce()
    await this.#delay()
    await acceptQueued(() => this.#countAccepted(), () => this.#pace === 'graceful')
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
    const { clock, times: { drainDelay } } = this.#options
    const wait = Math.min(drainDelay * 1000, this.#left())
    if (wait <= 0 || this.#pace === 'immediate') return
    let timer: Timer | undefined
    const passed = new Promise<void>((resolve) => (timer = clock.setTimer(resolve, wait)))
    await Promise.race([passed, this.#hurried.promise])
    timer?.cancel()
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
