import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { cpuTimeOf } from './procfs.js'

/** A server that is a program of its own, measured from outside: all its processes together. */
export class ProgramServer {
  /** @type {import('node:child_process').ChildProcess} */
  #child
  /** @type {string | null} */
  #ended = null
  port = 0

  /** @param {readonly string[]} command @param {number} port */
  constructor(command, port) {
    const [program = '', ...args] = command
    this.#child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    this.port = port
    this.#watch()
  }

  /**
   * Resolves with a server that listens.
   *
   * @param {(port: number) => readonly string[]} command
   * @param {readonly string[]} prefix
   */
  static async start(command, prefix) {
    const port = await freePort()
    const server = new ProgramServer([...prefix, ...command(port)], port)
    while (!(await server.#listens())) await sleep(20)
    return server
  }

  /** CPU time it has used so far, user and system, in microseconds. */
  async cpuTime() {
    return cpuTimeOf(this.#child.pid ?? 0)
  }

  stop() {
    this.#child.kill()
  }

  #watch() {
    let said = ''
    this.#child.stderr?.on('data', (text) => (said += text))
    this.#child.on('error', (error) => (this.#ended = error.message))
    this.#child.on('exit', (code, signal) => (this.#ended = `the server ended (${signal ?? `exit code ${code}`}) ${said.trim()}`))
    process.on('exit', () => this.stop())
  }

  async #listens() {
    if (this.#ended !== null) throw new Error(this.#ended)
    const socket = connect(this.port, '127.0.0.1')
    const opened = await once(socket, 'connect').then(() => true, () => false)
    socket.destroy()
    return opened
  }
}

/** A port nobody has just now: not every program can say which one it was given. */
async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  server.close()
  await once(server, 'close')
  return port
}
