import type { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { defer, type Deferred } from './deferred.ts'
import { type Inspection, readInspection } from './inspection.ts'

/** Milliseconds: the thread gives the main loop one second. */
const LONGEST_WAIT = 2000

/** The primary's end of the line to a worker's watchdog thread. */
export class Inspector {
  readonly #line: Socket | null
  #asked: Deferred<Inspection | null> | null = null

  constructor(line: Socket | null) {
    this.#line = line
    if (line === null) return
    // Neither keeps the primary, and what becomes of the line is told by the worker's end.
    line.unref()
    line.on('error', () => {})
    // readline tells an error of its input again as its own.
    createInterface({ input: line }).on('line', (text) => this.#asked?.resolve(readInspection(text))).on('error', () => {})
    line.on('close', () => this.#asked?.resolve(null))
  }

  /** Null when it does not answer in time. */
  ask(): Promise<Inspection | null> {
    if (this.#line === null || this.#line.destroyed) return Promise.resolve(null)
    this.#asked ??= this.#begin(this.#line)
    return this.#asked.promise
  }

  #begin(line: Socket): Deferred<Inspection | null> {
    const asked = defer<Inspection | null>()
    const timer = setTimeout(() => asked.resolve(null), LONGEST_WAIT)
    void asked.promise.then(() => {
      clearTimeout(timer)
      this.#asked = null
    })
    line.write('?')
    return asked
  }
}
