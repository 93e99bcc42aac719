import { firstReply } from './first-reply.js'
import { runLoad } from './load.js'
import { ServerProcess } from './server-process.js'

/** @typedef {import('./cores.js').Cores} Cores */
/** @typedef {import('./load.js').Client} Client */
/** @typedef {import('./rows.js').Row} Row */

/**
 * One measurement.
 *
 * @typedef {object} Sample
 * @property {number} cpuMicros the server's CPU time per request
 * @property {number} requestsPerSecond
 */

/** A server that takes part, and what was measured of it. */
export class Entrant {
  /** @type {Row} */
  row
  /** What voids the row. @type {string | null} */
  fault = null
  /** In the order of the rounds. @type {Sample[]} */
  samples = []
  /** @type {ServerProcess} */
  #server

  /** @param {Row} row @param {ServerProcess} server */
  constructor(row, server) {
    this.row = row
    this.#server = server
  }

  /** Resolves with a server that answers as it should. @param {Row} row @param {Cores} cores */
  static async start(row, cores) {
    const server = await ServerProcess.start(row, cores.server)
    const entrant = new Entrant(row, server)
    await entrant.firstReply()
    return entrant
  }

  async firstReply() {
    try {
      return await firstReply(this.#server.port)
    } catch (error) {
      throw new Error(`${this.row.name}: ${/** @type {Error} */ (error).message}`, { cause: error })
    }
  }

  /** Load that is not measured, for the compiler. @param {Client} client @param {Cores} cores @param {number} seconds */
  warmUp(client, cores, seconds) {
    return this.#voidIfFails(() => this.#load(client, cores, seconds))
  }

  /** @param {Client} client @param {Cores} cores @param {number} seconds */
  measure(client, cores, seconds) {
    return this.#voidIfFails(async () => {
      const before = await this.#server.cpuTime()
      const load = await this.#load(client, cores, seconds)
      const used = (await this.#server.cpuTime()) - before
      this.samples.push({ cpuMicros: used / load.requests, requestsPerSecond: load.requests / load.seconds })
    })
  }

  stop() {
    this.#server.stop()
  }

  /** @param {Client} client @param {Cores} cores @param {number} seconds */
  async #load(client, cores, seconds) {
    const load = await runLoad(client, cores.client, this.#server.port, seconds)
    if (load.errors > 0 || load.requests === 0) throw new Error(`${load.errors} errors, ${load.requests} requests answered`)
    return load
  }

  /** What costs one row its figures leaves the others theirs. @param {() => Promise<unknown>} work */
  async #voidIfFails(work) {
    try {
      await work()
    } catch (error) {
      this.fault = /** @type {Error} */ (error).message
    }
  }
}
