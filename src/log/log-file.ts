import { closeSync, openSync, writeSync } from 'node:fs'
import { emit } from '../events.ts'
import type { BatchOutput } from './line-batch.ts'

/** Whoever may read the log is the operator's to say: what clients sent is in it. */
const MODE = 0o640

/**
 * The end of a file. Several processes may write to one: each write goes behind all others (O_APPEND), also when the file was made shorter
 * meanwhile (logrotate's copytruncate). What a full disk does not take is lost, and the process goes on.
 */
export class LogFile implements BatchOutput {
  readonly path: string
  #fd: number
  /** Octets it did not take since it last took some; null while it does. */
  #lost: number | null = null

  /** Throws when the file cannot be opened. */
  constructor(path: string) {
    this.path = path
    this.#fd = openSync(path, 'a', MODE)
  }

  write(lines: string): void {
    const octets = Buffer.from(lines)
    try {
      writeAll(this.#fd, octets)
    } catch (error) {
      this.#failed(octets.length, error)
      return
    }
    if (this.#lost !== null) this.#recovered(this.#lost)
  }

  flushSync(): void {}

  /** From now on writes go to the file that has this name now. Throws when it cannot be opened; the one before stays then. */
  reopen(): void {
    const fd = openSync(this.path, 'a', MODE)
    closeSync(this.#fd)
    this.#fd = fd
  }

  /** Told once: of the lines that tell it none would be taken either. */
  #failed(octets: number, error: unknown): void {
    const isFirst = this.#lost === null
    this.#lost = (this.#lost ?? 0) + octets
    if (isFirst) emit('logs.failed', { file: this.path, error })
  }

  #recovered(octets: number): void {
    this.#lost = null
    emit('logs.lost', { file: this.path, octets })
  }
}

function writeAll(fd: number, octets: Buffer): void {
  for (let done = 0; done < octets.length; ) done += writeSync(fd, octets, done)
}
