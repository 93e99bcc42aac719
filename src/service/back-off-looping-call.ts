import { checkNumber } from './check-number.ts'
import { gauss } from './gauss.ts'
import { type IdleFormula, LoopingCall, type LoopFunction, type LoopingCallOptions, type LoopStart } from './looping-call.ts'
import { LoopingCallTimeOut } from './looping-call-time-out.ts'

export interface BackOffOptions extends LoopingCallOptions {
  /** Where the jitter comes from. Default: Math.random, made normal. */
  gauss?: (mean: number, deviation: number) => number
}

export interface BackOffStart extends LoopStart {
  /** Seconds between two runs that succeed, before jitter. Default: 1. */
  startingInterval?: number
  /** Seconds that failures in a row may add up to; 0 for any. Default: 300. */
  timeout?: number
  /** The most seconds between two runs that fail. Default: 300. */
  maxInterval?: number
  /** What intervals are multiplied by, on average: random, with a standard deviation of 0.1. Below 0.5 the loop gets faster. Default: 0.75. */
  jitter?: number
  /** The least seconds between two runs that fail. Default: 0.001. */
  minInterval?: number
}

const DEFAULTS = { startingInterval: 1, timeout: 300, maxInterval: 300, jitter: 0.75, minInterval: 0.001 }
const BACK_OFF = {
  kind: 'Dynamic backoff interval looping call',
  onlyOne: 'A dynamic backoff interval looping call can only run one function at a time',
}

/**
 * Runs a function until it throws LoopingCallDone: in the same interval for as long as it returns something truthy, in ever longer ones
 * when not. Rejects with LoopingCallTimeOut rather than let failures go on for longer than the timeout.
 */
export class BackOffLoopingCall extends LoopingCall<unknown> {
  readonly #gauss: (mean: number, deviation: number) => number

  constructor(run: LoopFunction<unknown>, options: BackOffOptions = {}) {
    super(run, BACK_OFF, options)
    this.#gauss = options.gauss ?? gauss
  }

  /** Returns what {@link wait} does. Throws Error while the loop runs, TypeError or RangeError for numbers that are none. */
  start(options: BackOffStart = {}): Promise<unknown> {
    const limits = { ...DEFAULTS, ...options }
    for (const name of Object.keys(DEFAULTS) as (keyof typeof DEFAULTS)[]) checkNumber(name, limits[name])
    return this.begin(backOff(limits, this.#gauss), options)
  }
}

/** The next interval grows by the mean of the jitter, so that chance does not add up; each sleep has a jitter of its own. */
function backOff(limits: typeof DEFAULTS, random: (mean: number, deviation: number) => number): IdleFormula<unknown> {
  const { startingInterval, timeout, maxInterval, jitter, minInterval } = limits
  let interval = startingInterval
  let failing = 0
  return (success) => {
    const chance = Math.abs(random(jitter, 0.1))
    if (success) {
      interval = startingInterval
      failing = 0
      return interval * chance
    }
    const idle = Math.min(Math.max(2 * interval * chance, minInterval), maxInterval)
    interval = Math.max(2 * interval * jitter, minInterval)
    failing += idle
    if (timeout > 0 && failing > timeout) throw new LoopingCallTimeOut(failing)
    return idle
  }
}
