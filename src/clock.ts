/** The only way to the time. Tests give another one, so that no test waits. */
export interface Clock {
  /** Milliseconds on a clock that never goes back. Only differences mean something. */
  now(): number
  /** Milliseconds since 1970-01-01T00:00Z. */
  wallTime(): number
  /** Calls `run` once, `delay` milliseconds from now. The timer does not keep the process alive. */
  setTimer(run: () => void, delay: number): Timer
  /** Calls `run` every `interval` milliseconds. The timer does not keep the process alive. */
  setTicker(run: () => void, interval: number): Timer
}

export interface Timer {
  cancel(): void
}

export const systemClock: Clock = {
  now: () => performance.now(),
  wallTime: () => Date.now(),
  setTimer(run, delay) {
    const timer = setTimeout(run, delay).unref()
    return { cancel: () => clearTimeout(timer) }
  },
  setTicker(run, interval) {
    const timer = setInterval(run, interval).unref()
    return { cancel: () => clearInterval(timer) }
  },
}
