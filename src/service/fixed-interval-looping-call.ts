import { emit } from '../events.ts'
import { checkNumber } from './check-number.ts'
import { type IdleFormula, LoopingCall, type LoopFunction, type LoopingCallOptions, type LoopStart } from './looping-call.ts'

export interface FixedIntervalStart extends LoopStart {
  /** Seconds from the beginning of one run to that of the next. */
  interval: number
}

const FIXED = {
  kind: 'Fixed interval looping call',
  onlyOne: 'A fixed interval looping call can only run one function at a time',
}

/** Runs a function each `interval` seconds. A run that takes longer is reported as `loop.outlasted`; those missed are not made up for. */
export class FixedIntervalLoopingCall extends LoopingCall<unknown> {
  constructor(run: LoopFunction<unknown>, options?: LoopingCallOptions) {
    super(run, FIXED, options)
  }

  /** Returns what {@link wait} does. Throws Error while the loop runs, TypeError or RangeError for an interval that is none. */
  start(options: FixedIntervalStart): Promise<unknown> {
    return this.begin(restOf(options.interval, this.name), options)
  }
}

/** What is left of the interval, in hundredths of a second. */
export function restOf(interval: number, name: string): IdleFormula<unknown> {
  checkNumber('interval', interval)
  return (_result, elapsed) => {
    const delay = Math.round((elapsed - interval) * 100) / 100
    if (delay > 0) emit('loop.outlasted', { name, delay })
    return Math.max(0, -delay)
  }
}
