import { checkNumber } from './check-number.ts'
import { type IdleFormula, LoopingCall, type LoopFunction, type LoopingCallOptions, type LoopStart } from './looping-call.ts'

export interface DynamicStart extends LoopStart {
  /** The most seconds between two runs, and how many when a run returns none. */
  periodicIntervalMax?: number
}

/** Seconds until the next run; nothing leaves it to `periodicIntervalMax`. */
export type Suggestion = number | null | undefined | void

const DYNAMIC = {
  kind: 'Dynamic interval looping call',
  onlyOne: 'A dynamic interval looping call can only run one function at a time',
}

/**
 * Runs a function, which returns how many seconds to sleep before it runs again. The loop fails when it returns nothing and there is no
 * `periodicIntervalMax`. With `stopOnException: false` a run that threw is repeated at once, as in oslo.service.
 */
export class DynamicLoopingCall extends LoopingCall<Suggestion> {
  constructor(run: LoopFunction<Suggestion>, options?: LoopingCallOptions) {
    super(run, DYNAMIC, options)
  }

  /** Returns what {@link wait} does. Throws Error while the loop runs, TypeError or RangeError for numbers that are none. */
  start(options: DynamicStart = {}): Promise<unknown> {
    return this.begin(atMost(options.periodicIntervalMax), options)
  }
}

function atMost(max: number | undefined): IdleFormula<Suggestion> {
  if (max !== undefined) checkNumber('periodicIntervalMax', max)
  return (suggested) => {
    const delay = suggested ?? max
    if (delay === undefined) throw new Error('A dynamic interval looping call should supply either an interval or periodic_interval_max')
    checkNumber('the interval a dynamic looping call supplies', delay, -Infinity)
    return Math.min(delay, max ?? Infinity)
  }
}
