import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'

export interface FakeSocketOptions {
  /** The client's address; null for a unix socket. */
  readonly address?: string | null
  readonly port?: number
}

interface Dispatched {
  readonly bytes: Buffer
  done(error?: Error): void
}

type Done = (error?: Error | null) => void

/**
 * Both ends of one connection without a network. The server has it as a `net.Socket`; the test is the client: it sends, and decides
 * when what the server writes is taken. Nothing happens that the test did not do.
 */
export class FakeSocket extends Duplex {
  readonly remoteAddress: string | undefined
  readonly remotePort: number | undefined
  /** What the client took, as latin1 text: one entry for each write the kernel was asked for. */
  readonly taken: string[] = []
  /** The server's half was closed behind everything it wrote. */
  finished = false
  wasReset = false
  noDelay = false
  /** Milliseconds until the kernel probes the peer; null when it does not. */
  keepAliveDelay: number | null = null
  #holding = false
  #dispatched: Dispatched | null = null
  #gone = false

  constructor({ address = '192.0.2.7', port = 40_000 }: FakeSocketOptions = {}) {
    super({ allowHalfOpen: true, highWaterMark: 16_384 })
    this.remoteAddress = address ?? undefined
    this.remotePort = address === null ? undefined : port
  }

  /** The server's view. It uses no more of a `net.Socket` than is here. */
  get socket(): Socket {
    return this as unknown as Socket
  }

  /** Everything the client took. */
  get received(): string {
    return this.taken.join('')
  }

  /** The connection ended without the server having closed its half: a client sees its answer break off. */
  get cut(): boolean {
    return this.destroyed && !this.finished
  }

  send(bytes: string | Uint8Array): void {
    this.push(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
  }

  /** The client closes its half. */
  sendEnd(): void {
    this.push(null)
  }

  /** The client is gone, and the server notices at once, as it does while it reads. */
  reset(): void {
    this.destroy(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }))
  }

  /** The client is gone, and the server will notice when it writes. */
  vanish(): void {
    this.#gone = true
  }

  /** From now on nothing is taken but by {@link takeWrite}. */
  hold(): void {
    this.#holding = true
  }

  /** Takes one write. False when there was none. */
  takeWrite(): boolean {
    const dispatched = this.#dispatched
    if (dispatched === null) return false
    this.#dispatched = null
    this.#take(dispatched)
    return true
  }

  /** Takes everything, now and from now on. */
  release(): void {
    this.#holding = false
    this.takeWrite()
  }

  setNoDelay(on: boolean): this {
    this.noDelay = on
    return this
  }

  setKeepAlive(on: boolean, delay: number): this {
    this.keepAliveDelay = on ? delay : null
    return this
  }

  /** As net.Socket: only TCP can be reset. */
  resetAndDestroy(): this {
    if (this.remoteAddress === undefined) throw new TypeError('This handle type cannot be sent')
    this.wasReset = true
    return this.destroy()
  }

  override _read(): void {
    // The client pushes.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.#dispatch({ bytes: chunk, done })
  }

  /** What was corked, or waited behind another write, goes to the kernel in one call. */
  override _writev(chunks: { chunk: Buffer }[], done: Done): void {
    this.#dispatch({ bytes: Buffer.concat(chunks.map(({ chunk }) => chunk)), done })
  }

  override _final(done: Done): void {
    this.finished = true
    done()
  }

  /** A write under way is cancelled, as libuv does. */
  override _destroy(error: Error | null, done: Done): void {
    const dispatched = this.#dispatched
    this.#dispatched = null
    done(error)
    dispatched?.done(Object.assign(new Error('write ECANCELED'), { code: 'ECANCELED' }))
  }

  #dispatch(dispatched: Dispatched): void {
    if (this.#holding) this.#dispatched = dispatched
    else this.#take(dispatched)
  }

  #take({ bytes, done }: Dispatched): void {
    if (this.#gone) {
      done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
      return
    }
    this.taken.push(bytes.toString('latin1'))
    done()
  }
}
