import { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'
import { isIP } from 'node:net'
import { getDefaultHighWaterMark } from 'node:stream'
import type { HttpRequest, Peer } from '../../app.ts'

/** Called when a write is taken. */
export type Written = ((error?: Error | null) => void) | null | undefined

/** What a socket is asked to do, and does not do itself. */
export interface SocketOwner {
  /** The request's stream wants octets. */
  octetsWanted(): void
  /** Octets of the reply. Returns false when no more should come for now. */
  octetsGiven(data: string | Uint8Array, encoding: BufferEncoding | null | undefined, written: Written): boolean
  /** The handler, or a library of its, has destroyed the socket. */
  destroyed(error: Error | undefined): void
}

const HIGH_WATER_MARK = getDefaultHighWaterMark(false)

/**
 * What stands for a connection between node:http's two messages and Millrace's exchange. It lives as long as one exchange. Of a socket it has
 * what those messages and the frameworks ask for; there is nothing behind it that could be upgraded or written to by hand.
 */
export class StandInSocket extends EventEmitter {
  /** The message whose turn it is to write, as node:http has it: one without its turn buffers by itself. */
  _httpMessage: ServerResponse | null = null
  /** node:http sets `corked` on it. */
  readonly _writableState: { corked?: number } = {}
  /** Corked for good: writes of one tick are gathered by the outlet. */
  readonly writableCorked = 1
  readonly writableLength = 0
  readonly writableHighWaterMark: number = HIGH_WATER_MARK
  readonly readableHighWaterMark: number = HIGH_WATER_MARK
  readable = true
  writable = true
  destroyed = false
  readonly #request: HttpRequest
  readonly #owner: SocketOwner

  constructor(request: HttpRequest, owner: SocketOwner) {
    super()
    this.#request = request
    this.#owner = owner
  }

  get remoteAddress(): string | undefined {
    return addressOf(this.#request.client)
  }

  get remotePort(): number | undefined {
    return this.remoteAddress === undefined ? undefined : this.#request.client.port
  }

  get remoteFamily(): string | undefined {
    return this.remoteAddress === undefined ? undefined : `IPv${isIP(this.remoteAddress)}`
  }

  get localAddress(): string | undefined {
    return addressOf(this.#request.server)
  }

  get localPort(): number | undefined {
    return this.localAddress === undefined ? undefined : this.#request.server.port
  }

  /** As the client sees it: a filter that trusts its proxy may have set the scheme. */
  get encrypted(): boolean {
    return this.#request.scheme === 'https'
  }

  get authorized(): boolean {
    return this.#request.tls?.authorized === true
  }

  getPeerCertificate(): object {
    const subject = this.#request.tls?.clientSubject
    return subject === null || subject === undefined ? {} : { subject }
  }

  write(data: string | Uint8Array, encoding?: BufferEncoding | null, written?: Written): boolean {
    return this.#owner.octetsGiven(data, encoding, written)
  }

  resume(): this {
    this.#owner.octetsWanted()
    return this
  }

  destroy(error?: Error): this {
    if (this.destroyed) return this
    this.shut()
    this.#owner.destroyed(error)
    return this
  }

  /** No more is read or written; `close` is still to come. */
  shut(): void {
    this.destroyed = true
    this.readable = false
    this.writable = false
  }

  /** The rest of a socket is the server's business, and what is asked of it changes nothing. */
  pause(): this {
    return this
  }

  cork(): this {
    return this
  }

  uncork(): this {
    return this
  }

  setTimeout(): this {
    return this
  }

  setNoDelay(): this {
    return this
  }

  setKeepAlive(): this {
    return this
  }
}

/** A unix socket has no address, also in Node. */
function addressOf({ address }: Peer): string | undefined {
  return isIP(address) === 0 ? undefined : address
}
