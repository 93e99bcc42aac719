import { runLoad } from './load.js'
import { Missing } from './missing.js'
import { proveAnswer } from './proof.js'

/** @typedef {import('./rows.js').Row} Row */
/** @typedef {import('./rows.js').ServerProcess} ServerProcess */
/** @typedef {import('./workloads.js').Workload} Workload */

/**
 * One measurement. What is counted is the workload's unit.
 *
 * @typedef {object} Sample
 * @property {number} cpuMicros the server's CPU time for each
 * @property {number} perSecond
 */

/**
 * What load is made with, and where.
 *
 * @typedef {object} Bench
 * @property {import('./load.js').Client} client
 * @property {import('./cores.js').Cores} cores
 * @property {number} rounds
 * @property {number} seconds
 */

/** A server that takes part in a contest, and what was measured of it. */
export class Entrant {
  /** @type {string} */
  name
  /** @type {string} */
  text
  /** @type {Workload} */
  workload
  /** Why it could not take part. @type {string | null} */
  missing = null
  /** What voids its figures. @type {string | null} */
  fault = null
  /** In the order of the rounds. @type {Sample[]} */
  samples = []
  /** @type {Row['start']} */
  #start
  /** @type {ServerProcess | null} */
  #server = null

  /** @param {Row} row @param {Workload} workload */
  constructor({ name, text, start }, workload) {
    this.name = name
    this.text = text
    this.workload = workload
    this.#start = start
  }

  /** True while there is something to measure. */
  get fit() {
    return this.missing === null && this.fault === null
  }

  /** Starts the server, and has it show that it answers as it should. @param {Bench} bench */
  start({ cores }) {
    return this.#voidIfFails(async () => {
      this.#server = await this.#start(this.workload.serving, cores.server)
      await proveAnswer(this.workload, this.#server.port)
    })
  }

  /** Load that is not measured, for the compiler. @param {Bench} bench */
  warmUp(bench) {
    return this.#voidIfFails(() => this.#load(bench))
  }

  /**
   * As much load goes before it: a process that waited some seconds for its turn costs more at first, the heavier the more (after 12 seconds
   * Millrace a third more user time, the canned server a twentieth).
   *
   * @param {Bench} bench
   */
  measure(bench) {
    return this.#voidIfFails(async () => {
      await this.#load(bench)
      const before = await this.#running.cpuTime()
      const { requests, octets, seconds } = await this.#load(bench)
      const used = (await this.#running.cpuTime()) - before
      const count = this.workload.unit === 'MB' ? octets / 2 ** 20 : requests
      this.samples.push({ cpuMicros: used / count, perSecond: count / seconds })
    })
  }

  get port() {
    return this.#running.port
  }

  stop() {
    this.#server?.stop()
  }

  get #running() {
    if (this.#server === null) throw new Error('the server was not started')
    return this.#server
  }

  /** @param {Bench} bench */
  async #load({ client, cores, seconds }) {
    const load = await runLoad(client, cores.client, this.workload, { port: this.port, seconds })
    if (load.errors > 0 || load.octets === 0) throw new Error(`${load.errors} errors, ${load.requests} requests answered`)
    return load
  }

  /** What costs one its figures leaves the others theirs. @param {() => Promise<unknown>} work */
  async #voidIfFails(work) {
    try {
      await work()
    } catch (error) {
      const { message } = /** @type {Error} */ (error)
      if (error instanceof Missing) this.missing = message
      else this.fault = message
    }
  }
}
