import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { certificate } from './certificate.js'
import { Missing } from './missing.js'

/** @typedef {import('./report.js').Serving} Serving */

/** A server on Node that is measured, as this process sees it: it says itself what it uses. */
export class NodeServer {
  /** @type {import('node:child_process').ChildProcess} */
  #child
  /** Rejects when the server ends. @type {Promise<never>} */
  #ended
  /** Where it listens. */
  port = 0

  /** @param {string} file in servers/ @param {Serving} serving @param {readonly string[]} prefix */
  constructor(file, serving, prefix) {
    const [execPath, ...execArgv] = [...prefix, process.execPath]
    const path = fileURLToPath(new URL(`../servers/${file}`, import.meta.url))
    const args = [JSON.stringify(serving.tls ? { ...serving, ...certificate() } : serving)]
    const env = { ...process.env, NODE_ENV: 'production' }
    this.#child = fork(path, args, { execPath, execArgv: [...execArgv, '--expose-gc'], env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    this.#ended = once(this.#child, 'exit').then(([code, signal]) => {
      throw new Error(`the server ended (${signal ?? `exit code ${code}`})`)
    })
    this.#ended.catch(() => {})
  }

  /**
   * Resolves with a server that listens; rejects with Missing when it says that it cannot run here.
   *
   * @param {string} file
   * @param {Serving} serving
   * @param {readonly string[]} prefix
   */
  static async start(file, serving, prefix) {
    const server = new NodeServer(file, serving, prefix)
    const { port, missing } = await server.#message()
    if (missing !== undefined) {
      server.stop()
      throw new Missing(missing)
    }
    server.port = port
    return server
  }

  /** CPU time it has used so far, user and system, in microseconds. */
  async cpuTime() {
    const { user, system } = await this.#ask('cpu')
    return user + system
  }

  /** What it holds after a garbage collection, in octets. @returns {Promise<NodeJS.MemoryUsage>} */
  memory() {
    return this.#ask('memory')
  }

  /** It ends by itself when nobody is there to ask. */
  stop() {
    if (this.#child.connected) this.#child.disconnect()
  }

  /** @param {string} question */
  #ask(question) {
    this.#child.send(question)
    return this.#message()
  }

  /** @returns {Promise<any>} */
  async #message() {
    const [message] = await Promise.race([once(this.#child, 'message'), this.#ended])
    return message
  }
}
