import { type Clock, systemClock } from '../clock.ts'
import { emit } from '../events.ts'
import { checkNumber } from './check-number.ts'
import { isAbort } from './is-abort.ts'
import { LoopingCallDone } from './looping-call-done.ts'
import { sleep } from './sleep.ts'

/** What a loop runs. The signal aborts when the loop is stopped: a run that passes it on ends sooner. */
export type LoopFunction<Result> = (signal: AbortSignal) => Result | Promise<Result>

/** Seconds to sleep after a run, by what it returned and how many seconds it took. A run that threw and is forgiven has returned 0. */
export type IdleFormula<Result> = (result: Result | 0, elapsed: number) => number

export interface LoopingCallOptions {
  /** Default: the system's. */
  clock?: Clock
  /** For the log. Default: the function's own name. */
  name?: string
}

export interface LoopStart {
  /** Seconds before the first run. Default: 0. */
  initialDelay?: number
  /** False: a run that throws is reported as `loop.failed`, counts as one that returned 0, and the loop goes on. Default: true. */
  stopOnException?: boolean
}

/** What kinds of loop differ in, beside their formulas: oslo.service's words. */
export interface LoopKind {
  readonly kind: string
  /** Says that the loop already runs. */
  readonly onlyOne: string
}

/** Runs a function again and again: oslo.service's LoopingCallBase. How long it sleeps in between is the formula of each kind. */
export abstract class LoopingCall<Result> {
  readonly name: string
  readonly kind: string
  protected readonly clock: Clock
  readonly #onlyOne: string
  readonly #run: LoopFunction<Result>
  #stopping: AbortController | undefined
  #done: Promise<unknown> = Promise.resolve(true)
  #runBegan: number | undefined
  #runs = 0

  constructor(run: LoopFunction<Result>, { kind, onlyOne }: LoopKind, options: LoopingCallOptions = {}) {
    this.name = options.name ?? (run.name || 'anonymous')
    this.kind = kind
    this.clock = options.clock ?? systemClock
    this.#onlyOne = onlyOne
    this.#run = run
  }

  /** Runs that have ended, well or not. */
  get runs(): number {
    return this.#runs
  }

  /** Seconds that the present run has taken; undefined while the loop sleeps or is not running. */
  get runSeconds(): number | undefined {
    return this.#runBegan === undefined ? undefined : (this.clock.now() - this.#runBegan) / 1000
  }

  /** Ends the loop after the present run, whose signal aborts, or now when it sleeps. May be called again. */
  stop(): void {
    this.#stopping?.abort()
  }

  /**
   * Resolves when the loop has ended: with the value of the LoopingCallDone that ended it, else with true. Rejects with what a run, or
   * the formula, threw. Nobody has to wait: that is no unhandled rejection. Resolves with true before the first start.
   */
  wait(): Promise<unknown> {
    return this.#done
  }

  /** Throws Error when the loop is running; afterwards it can be started again. */
  protected begin(idle: IdleFormula<Result>, start: LoopStart): Promise<unknown> {
    if (this.#stopping !== undefined) throw new Error(this.#onlyOne)
    checkNumber('initialDelay', start.initialDelay ?? 0)
    this.#stopping = new AbortController()
    this.#done = this.#loop(idle, start, this.#stopping.signal)
    this.#done.catch(() => undefined)
    return this.#done
  }

  async #loop(idle: IdleFormula<Result>, { initialDelay = 0, stopOnException = true }: LoopStart, signal: AbortSignal): Promise<unknown> {
    try {
      // No run begins before `start` has returned.
      await Promise.resolve()
      if (initialDelay > 0) await sleep(this.clock, initialDelay * 1000, signal)
      while (!signal.aborted) {
        const began = this.clock.now()
        const result = await this.#runOnce(signal, stopOnException)
        if (!signal.aborted) await sleep(this.clock, idle(result, (this.clock.now() - began) / 1000) * 1000, signal)
      }
      return true
    } catch (error) {
      return this.#endWith(error, signal)
    } finally {
      this.#stopping = undefined
    }
  }

  async #runOnce(signal: AbortSignal, stopOnException: boolean): Promise<Result | 0> {
    this.#runBegan = this.clock.now()
    try {
      return await this.#run(signal)
    } catch (error) {
      if (stopOnException || error instanceof LoopingCallDone || isAbort(error, signal)) throw error
      this.#report(error)
      return 0
    } finally {
      this.#runBegan = undefined
      this.#runs += 1
    }
  }

  #endWith(error: unknown, signal: AbortSignal): unknown {
    if (error instanceof LoopingCallDone) return error.value
    if (isAbort(error, signal)) return true
    this.#report(error)
    throw error
  }

  #report(error: unknown): void {
    emit('loop.failed', { kind: this.kind, name: this.name, error })
  }
}
