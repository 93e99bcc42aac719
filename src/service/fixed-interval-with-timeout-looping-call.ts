import { checkNumber } from './check-number.ts'
import { type FixedIntervalStart, restOf } from './fixed-interval-looping-call.ts'
import { LoopingCall, type LoopFunction, type LoopingCallOptions } from './looping-call.ts'
import { LoopingCallTimeOut } from './looping-call-time-out.ts'

export interface FixedIntervalWithTimeoutStart extends FixedIntervalStart {
  /** Seconds since the start, the initial delay included, after which the run that ends is the last one. Default: 0, for never. */
  timeout?: number
}

const FIXED_WITH_TIMEOUT = {
  kind: 'Fixed interval looping call with timeout checking.',
  onlyOne: 'A fixed interval looping call with timeout checking can only run one function at a time',
}

/** As FixedIntervalLoopingCall, but rejects with LoopingCallTimeOut when it has gone on for too long. */
export class FixedIntervalWithTimeoutLoopingCall extends LoopingCall<unknown> {
  constructor(run: LoopFunction<unknown>, options?: LoopingCallOptions) {
    super(run, FIXED_WITH_TIMEOUT, options)
  }

  /** Returns what {@link wait} does. Throws Error while the loop runs, TypeError or RangeError for numbers that are none. */
  start(options: FixedIntervalWithTimeoutStart): Promise<unknown> {
    const { interval, timeout = 0 } = options
    checkNumber('timeout', timeout)
    const rest = restOf(interval, this.name)
    const began = this.clock.now()
    return this.begin((result, elapsed) => {
      const idle = rest(result, elapsed)
      const seconds = (this.clock.now() - began) / 1000
      if (timeout > 0 && seconds > timeout) throw new LoopingCallTimeOut(seconds)
      return idle
    }, options)
  }
}
