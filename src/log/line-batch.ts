import type { DestinationStream } from 'pino'
import type { Clock, Timer } from '../clock.ts'

/** What takes the batches. */
export interface BatchOutput {
  write(lines: string): unknown
  flushSync(): void
}

/**
 * PIPE_BUF on Linux: workers share one pipe, and what is written to it at once is not torn when it is no longer than this (write(2)).
 * Gathering lines up to it, and no further, is also what makes a line cheapest: one write for a dozen of them.
 */
const MOST = 4096
/** Milliseconds a line may wait for others. */
const LONGEST_WAIT = 250

/** Gathers log lines and hands them on several at a time, each whole. */
export class LineBatch implements DestinationStream {
  readonly #output: BatchOutput
  readonly #clock: Clock
  #lines = ''
  #timer: Timer | null = null

  constructor(output: BatchOutput, clock: Clock) {
    this.#output = output
    this.#clock = clock
  }

  write(line: string): void {
    if (this.#lines.length + line.length > MOST) this.handOn()
    this.#lines += line
    this.#timer ??= this.#clock.setTimer(() => this.#waited(), LONGEST_WAIT)
  }

  /** Everything is written when this returns. */
  flush(): void {
    this.#timer?.cancel()
    this.#waited()
    this.#output.flushSync()
  }

  #waited(): void {
    this.#timer = null
    this.handOn()
  }

  /** Writes what there is, without waiting for more. */
  handOn(): void {
    const lines = this.#lines
    this.#lines = ''
    if (lines !== '') this.#output.write(lines)
  }
}
