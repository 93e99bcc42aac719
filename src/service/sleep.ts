import type { Clock } from '../clock.ts'

/** `setTimeout` takes no more than 31 bits: a longer delay would be 1 ms. */
const LONGEST = 2 ** 31 - 1

/** Resolves when `milliseconds` have passed, or at once when the signal aborts. Keeps the process alive for so long. */
export function sleep(clock: Clock, milliseconds: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) return Promise.resolve()
  return new Promise((resolve) => {
    const end = clock.now() + milliseconds
    const set = (left: number) => {
      const timer = clock.setTimer(look, Math.min(left, LONGEST))
      timer.hold?.()
      return timer
    }
    const look = (): void => {
      const left = end - clock.now()
      if (left > 0) timer = set(left)
      else wake()
    }
    const wake = (): void => {
      timer.cancel()
      signal?.removeEventListener('abort', wake)
      resolve()
    }
    let timer = set(milliseconds)
    signal?.addEventListener('abort', wake)
  })
}
