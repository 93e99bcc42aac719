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
  /** From now on the timer keeps the process alive. A clock that is not the system's need not have it. */
  hold?(): void
}

class SystemTimer implements Timer {
  readonly #timeout: NodeJS.Timeout

  constructor(timeout: NodeJS.Timeout) {
    this.#timeout = timeout.unref()
  }

  /** Of a `setInterval` as well: WHATWG HTML §8.6 lets either function clear both. */
  cancel(): void {
    clearTimeout(this.#timeout)
  }

  hold(): void {
    this.#timeout.ref()
  }
}

export const systemClock: Clock = {
  now: () => performance.now(),
  wallTime: () => Date.now(),
  setTimer: (run, delay) => new SystemTimer(setTimeout(run, delay)),
  setTicker: (run, interval) => new SystemTimer(setInterval(run, interval)),
}
