import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { type Asked, ResponseReader } from './response-reader.ts'

/**
 * What takes longer has hung: milliseconds, where a correct server takes a few, or 300 for a slow app. Below the server's own deadlines,
 * which would otherwise close what it forgot to.
 */
const LIMIT = 10_000

/** Written at once: an answer that comes meanwhile is read before a reset, if the server sends one, could eat it. */
const PIECE = 16_384

/** One connection of a case: writes octets, reads responses, sees how it ends. Every wait ends with the connection, or at the limit. */
export class Client {
  readonly responses: ResponseReader
  ending: 'closed' | 'reset' | null = null
  readonly #socket: Socket
  #expired = false
  #heard: () => void = () => undefined

  private constructor(socket: Socket, asked: Asked) {
    this.#socket = socket
    this.responses = new ResponseReader(asked)
    socket.on('data', (octets: Buffer) => this.#received(octets))
    socket.on('end', () => this.#ended('closed'))
    socket.on('error', () => this.#ended('reset'))
    socket.on('close', () => this.#ended('closed'))
  }

  static async connect(port: number, asked: Asked = {}): Promise<Client> {
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true, noDelay: true })
    await once(socket, 'connect')
    return new Client(socket, asked)
  }

  /** Resolves when the kernel has all of it, or the connection has ended. */
  async write(octets: Buffer): Promise<void> {
    for (let at = 0; at < octets.length && this.ending === null; at += PIECE) {
      let flushed = false
      this.#socket.write(octets.subarray(at, at + PIECE), () => {
        flushed = true
        this.#heard()
      })
      await this.until(() => flushed)
    }
  }

  /** Closes our half. */
  finish(): void {
    this.#socket.end()
  }

  reset(): void {
    this.#socket.resetAndDestroy()
  }

  close(): void {
    this.#socket.destroy()
  }

  /** Resolves when `met` holds, the connection has ended, the responses make no sense any more, or the limit has passed. */
  async until(met: () => boolean): Promise<void> {
    this.#expired = false
    const limit = setTimeout(() => this.#expire(), LIMIT)
    while (!met() && this.ending === null && this.responses.fault === null && !this.#expired) {
      await new Promise<void>((resolve) => (this.#heard = resolve))
    }
    clearTimeout(limit)
  }

  #received(octets: Buffer): void {
    this.responses.feed(octets)
    this.#heard()
  }

  #ended(how: 'closed' | 'reset'): void {
    if (this.ending === null) this.responses.end()
    this.ending ??= how
    this.#heard()
  }

  #expire(): void {
    this.#expired = true
    this.#heard()
  }
}
