import { systemClock, type Clock } from '../clock.ts'
import { emit } from '../events.ts'
import { defer } from './deferred.ts'
import { SignalHandler, type SignalSource } from './signals.ts'
import { StopSequence } from './stop-sequence.ts'
import type { Unit } from './unit.ts'

export interface LauncherOptions {
  readonly clock?: Clock
  /** Default: `process`. */
  readonly signals?: SignalSource
  /** Seconds from the beginning of a stop until what is left is cut; 0 for never. Default 60. */
  readonly gracefulTimeout?: number
  /** Seconds to serve on when a stop was asked for, so that a load balancer notices. Default 0. */
  readonly drainDelay?: number
}

type LauncherState = 'NEW' | 'RUNNING' | 'STOPPING'
type LauncherAction = 'stop' | 'exit-now' | 'ignore'

/**
 * What a signal does, by what the launcher is doing. HUP stops, as it does to oslo.service in the foreground; it comes when the terminal
 * goes. Only a second order to end makes the end immediate, so a terminal's HUP beside a TERM does not.
 */
const SIGNALS: Readonly<Record<LauncherState, Readonly<Partial<Record<NodeJS.Signals, LauncherAction>>>>> = {
  NEW: {},
  RUNNING: { SIGTERM: 'stop', SIGHUP: 'stop', SIGINT: 'exit-now' },
  STOPPING: { SIGTERM: 'exit-now', SIGINT: 'exit-now' },
}

/** What both launchers are: APIs that are started together, signals, and one way to stop. */
export abstract class Launcher {
  protected readonly clock: Clock
  protected readonly gracefulTimeout: number
  readonly #units: Unit[] = []
  readonly #signals: SignalHandler
  readonly #sequence: StopSequence
  readonly #interrupted = defer<false>()
  readonly #exitCode = defer<number>()
  #state: LauncherState = 'NEW'

  constructor(options: LauncherOptions) {
    const { clock = systemClock, signals, gracefulTimeout = 60, drainDelay = 0 } = options
    this.clock = clock
    this.gracefulTimeout = gracefulTimeout
    this.#sequence = new StopSequence({ units: this.#units, clock, gracefulTimeout, drainDelay })
    this.#signals = new SignalHandler(signals)
  }

  protected add(unit: Unit): void {
    if (this.#state !== 'NEW') throw new Error(`launchService(${unit.name}) after start()`)
    this.#units.push(unit)
  }

  /**
   * Starts every API and resolves with true when all of them serve, with false when a signal ended the start. When one cannot start,
   * everything is stopped again and this rejects with that one's error. {@link wait} has the exit code in each case.
   */
  async start(): Promise<boolean> {
    if (this.#state !== 'NEW') throw new Error('start() can only be called once')
    this.#state = 'RUNNING'
    for (const signal of Object.keys(SIGNALS.RUNNING)) this.#signals.add(signal, (caught) => this.#onSignal(caught))
    try {
      return await Promise.race([this.#startUnits(), this.#interrupted.promise])
    } catch (error) {
      this.#exitNow('start failed')
      await this.wait()
      throw error
    }
  }

  /** Resolves with the exit code when everything has ended: 0 after a clean stop, 1 when anything was cut, killed, or never started. */
  wait(): Promise<number> {
    return this.#exitCode.promise
  }

  async #startUnits(): Promise<true> {
    const starts = this.#units.map((unit) => {
      emit('api.starting', { api: unit.name, workers: unit.workers, listening: unit.label })
      return unit.start()
    })
    await Promise.all(starts)
    return true
  }

  #onSignal(signal: NodeJS.Signals): void {
    this.#actions[SIGNALS[this.#state][signal] ?? 'ignore'](signal)
  }

  readonly #actions: Readonly<Record<LauncherAction, (signal: string) => void>> = {
    stop: (signal) => {
      emit('signal.caught', { signal, action: 'stopping' })
      this.#stop(signal)
    },
    'exit-now': (signal) => {
      emit('signal.caught', { signal, action: 'instantaneous exiting' })
      this.#exitNow(signal)
    },
    ignore: (signal) => emit('signal.caught', { signal, action: 'ignored' }),
  }

  #exitNow(reason: string): void {
    this.#sequence.cutShort()
    this.#stop(reason)
  }

  #stop(reason: string): void {
    if (this.#state === 'STOPPING') return
    this.#state = 'STOPPING'
    this.#interrupted.resolve(false)
    this.#exitCode.resolve(this.#sequence.run(reason).finally(() => this.#signals.clear()))
  }
}
