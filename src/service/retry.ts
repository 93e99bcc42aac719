import { type Clock, systemClock } from '../clock.ts'
import { checkNumber } from './check-number.ts'
import { sleep } from './sleep.ts'

/** A class of errors, or a function that tells whether an error is one to retry after. */
export type Retriable = (abstract new (...args: never[]) => Error) | ((error: unknown) => boolean)

export interface RetryOptions {
  /** How often at most to try again; -1 for as long as it takes. Default: -1. */
  maxRetryCount?: number
  /** Seconds by which each sleep is longer than the one before; that of the first. Default: 10. */
  incSleepTime?: number
  /** The most seconds of one sleep. Default: 60. */
  maxSleepTime?: number
  /** The errors to try again after. All others are thrown at once. Default: none. */
  exceptions?: readonly Retriable[]
  /** Aborting it ends a sleep: the call rejects with the signal's reason. */
  signal?: AbortSignal
  /** Default: the system's. */
  clock?: Clock
}

/**
 * `run`, but tried again when it throws one of `exceptions`; when that was done often enough, what it threw is thrown. oslo.service's
 * RetryDecorator, except that every call counts from 0: there the counters of all calls are one, so that one bad hour leaves later calls
 * no retries. Throws TypeError or RangeError for numbers that are none.
 */
export function retry<Args extends unknown[], Result>(run: (...args: Args) => Result | Promise<Result>, options: RetryOptions = {}): (...args: Args) => Promise<Result> {
  const { maxRetryCount = -1, incSleepTime = 10, maxSleepTime = 60, exceptions = [], signal, clock = systemClock } = options
  checkNumber('maxRetryCount', maxRetryCount, -1)
  checkNumber('incSleepTime', incSleepTime)
  checkNumber('maxSleepTime', maxSleepTime)
  const tests = exceptions.map(testFor)
  return async (...args) => {
    for (let retries = 1; ; retries++) {
      try {
        return await run(...args)
      } catch (error) {
        const exhausted = maxRetryCount !== -1 && retries > maxRetryCount
        if (exhausted || !tests.some((isOne) => isOne(error))) throw error
      }
      await sleep(clock, Math.min(retries * incSleepTime, maxSleepTime) * 1000, signal)
      signal?.throwIfAborted()
    }
  }
}

function testFor(retriable: Retriable): (error: unknown) => boolean {
  return isErrorClass(retriable) ? (error) => error instanceof retriable : retriable
}

function isErrorClass(retriable: Retriable): retriable is abstract new (...args: never[]) => Error {
  return retriable === Error || retriable.prototype instanceof Error
}
