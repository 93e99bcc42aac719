import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** @typedef {import('./rows.js').Row} Row */

/** A server that is measured, as this process sees it. */
export class ServerProcess {
  /** @type {import('node:child_process').ChildProcess} */
  #child
  /** Rejects when the server ends. @type {Promise<never>} */
  #ended
  /** Where it listens. */
  port = 0

  /** @param {Row} row @param {readonly string[]} prefix */
  constructor({ name, file, args }, prefix) {
    const [execPath, ...execArgv] = prefix.length === 0 ? [process.execPath] : [...prefix, process.execPath]
    const path = fileURLToPath(new URL(`../servers/${file}`, import.meta.url))
    this.#child = fork(path, args, { execPath, execArgv, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    this.#ended = once(this.#child, 'exit').then(([code, signal]) => {
      throw new Error(`the server of ${name} ended (${signal ?? `exit code ${code}`})`)
    })
    this.#ended.catch(() => {})
  }

  /** Resolves with a server that listens. @param {Row} row @param {readonly string[]} prefix */
  static async start(row, prefix) {
    const server = new ServerProcess(row, prefix)
    server.port = (await server.#message()).port
    return server
  }

  /** CPU time it has used so far, user and system, in microseconds. */
  async cpuTime() {
    this.#child.send('cpu?')
    const { user, system } = await this.#message()
    return user + system
  }

  /** It ends by itself when nobody is there to ask. */
  stop() {
    if (this.#child.connected) this.#child.disconnect()
  }

  /** @returns {Promise<any>} */
  async #message() {
    const [message] = await Promise.race([once(this.#child, 'message'), this.#ended])
    return message
  }
}
