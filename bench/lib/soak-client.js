import { once } from 'node:events'
import { connect } from 'node:net'
import { Pool } from 'undici'
import { MEGABYTE, NEW_SERVER } from './resource.js'

const CONNECTIONS = 50

/** Milliseconds within which something of a reply must come: one that is lost is a fault, and would be waited for for ever. */
const PATIENCE = 10_000

/**
 * Of a hundred requests: how many, and what the client does.
 *
 * @type {readonly (readonly [number, 'get' | 'post' | 'stream' | 'leave' | 'abandon'])[]}
 */
const MIX = [
  [70, 'get'],
  [20, 'post'],
  [8, 'stream'],
  [1, 'leave'],
  [1, 'abandon'],
]

const KINDS = MIX.flatMap(([count, kind]) => Array.from({ length: count }, () => kind))

/** Makes mixed requests of one server, fifty at a time: most polite, some broken off. */
export class SoakClient {
  requests = 0
  #port
  #pool

  /** @param {number} port */
  constructor(port) {
    this.#port = port
    this.#pool = new Pool(`http://127.0.0.1:${port}`, { connections: CONNECTIONS, headersTimeout: PATIENCE, bodyTimeout: PATIENCE })
  }

  /** Rejects at the first reply that is not the right one. @param {number} count */
  async run(count) {
    const end = this.requests + count
    const work = async () => {
      while (this.requests < end) {
        const kind = KINDS[this.requests % KINDS.length] ?? 'get'
        this.requests += 1
        await this[kind]()
      }
    }
    await Promise.all(Array.from({ length: CONNECTIONS }, work))
  }

  close() {
    return this.#pool.destroy()
  }

  describe() {
    return MIX.map(([count, kind]) => `${count} % ${DOES[kind]}`).join(' · ')
  }

  get() {
    return this.#whole({ method: 'GET', path: '/v2.1/servers/42' })
  }

  post() {
    return this.#whole({ method: 'POST', path: '/v2.1/servers', body: NEW_SERVER, headers: { 'content-type': 'application/json' } })
  }

  stream() {
    return this.#whole({ method: 'GET', path: '/v2.1/images/42/stream?2' })
  }

  /** The client goes in the middle of a long reply. */
  async leave() {
    const { body } = await this.#pool.request({ method: 'GET', path: '/v2.1/images/42/stream' })
    body.on('error', () => {})
    await once(body, 'readable')
    body.destroy()
  }

  /** The client goes in the middle of its upload. */
  async abandon() {
    const socket = connect(this.#port, '127.0.0.1')
    socket.write(`PUT /v2.1/images/42/file HTTP/1.1\r\nHost: 127.0.0.1:${this.#port}\r\nContent-Length: ${MEGABYTE.length}\r\n\r\n`)
    await new Promise((resolve) => socket.write(MEGABYTE.subarray(0, 65_536), resolve))
    socket.resetAndDestroy()
  }

  /** @param {import('undici').Dispatcher.RequestOptions} options */
  async #whole(options) {
    const { statusCode, body } = await this.#pool.request(options)
    await body.dump({ limit: MEGABYTE.length })
    if (statusCode !== 200) throw new Error(`${options.method} ${options.path} was answered with ${statusCode}`)
  }
}

const DOES = { get: 'GET', post: 'POST', stream: 'stream read to its end', leave: 'stream broken off', abandon: 'upload broken off' }
