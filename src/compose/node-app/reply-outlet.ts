import type { ServerResponse } from 'node:http'
import { getDefaultHighWaterMark } from 'node:stream'
import type { HttpReply, ReplyBody } from '../../app.ts'
import { flushResponse, hasHead, makeReply } from './node-response.ts'
import type { StandInSocket, Written } from './stand-in-socket.ts'

type Octets = string | Uint8Array

interface Piece {
  readonly octets: Octets
  readonly written: Written
}

interface Waiting {
  resolve(result: IteratorResult<Octets, undefined>): void
  reject(error: unknown): void
}

/** `collecting`: the reply may still turn out to be whole. `streaming`: the server pulls it. `dropping`: what is written goes nowhere. */
type OutletState = 'collecting' | 'streaming' | 'dropping'

/** Who wants the reply. */
export interface ReplyTaker {
  replied(reply: HttpReply): void
  /** All of it was taken. */
  taken(): void
  /** The server wants no more of it. */
  unwanted(): void
}

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined }
/** What answers a request without a body, whatever is written (RFC 9110 §6.4.1). */
const NO_CONTENT = [204, 304]
const INTERIM = /^HTTP\/1\.1 10[023] /
const HIGH_WATER_MARK = getDefaultHighWaterMark(false)

/**
 * Takes what a ServerResponse writes. One that ends in the tick it began in is a whole reply. Any other is a stream that takes its octets when the
 * server asks: until then the message has no turn on its socket, so that it buffers and tells its writers to wait, as node:http does.
 */
export class ReplyOutlet implements AsyncIterableIterator<Octets> {
  readonly #res: ServerResponse
  readonly #socket: StandInSocket
  readonly #taker: ReplyTaker
  #pieces: Piece[] = []
  #collected = 0
  #state: OutletState = 'collecting'
  #ended = false
  #failure: Error | null = null
  #waiting: Waiting | null = null

  constructor(res: ServerResponse, socket: StandInSocket, taker: ReplyTaker) {
    this.#res = res
    this.#socket = socket
    this.#taker = taker
    res.on('prefinish', () => this.#finished())
  }

  write(data: Octets, encoding: BufferEncoding | null | undefined, written: Written): boolean {
    if (!hasHead(this.#res)) return writeInterim(data, written)
    if (this.#state === 'dropping') return drop(written)
    this.#pieces.push({ octets: asOctets(data, encoding), written })
    if (this.#state === 'collecting') this.#collect(data.length)
    else this.#serve()
    return true
  }

  /** The reply ends here, with an error for the server unless all of it was taken. */
  fail(error: Error): void {
    this.#failure = error
    this.#state = 'dropping'
    this.#waiting?.reject(error)
    this.#waiting = null
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<IteratorResult<Octets, undefined>> {
    if (this.#failure !== null) return Promise.reject(this.#failure)
    const octets = this.#take() ?? this.#pull()
    if (octets !== undefined) return Promise.resolve({ done: false, value: octets })
    if (this.#ended) return Promise.resolve(this.#end())
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
    })
  }

  return(): Promise<IteratorReturnResult<undefined>> {
    this.#taker.unwanted()
    return Promise.resolve(DONE)
  }

  /** The first write makes the head due; what follows in the same tick goes with it, unless it is much. One large piece is often all. */
  #collect(length: number): void {
    this.#collected += length
    if (this.#pieces.length === 1) process.nextTick(() => this.#stream())
    else if (length > 0 && this.#collected > HIGH_WATER_MARK) this.#socket._httpMessage = null
  }

  #stream(): void {
    if (this.#state !== 'collecting') return
    const bodyless = this.#res.req.method === 'HEAD' || NO_CONTENT.includes(this.#res.statusCode)
    this.#state = bodyless ? 'dropping' : 'streaming'
    if (!bodyless) this.#socket._httpMessage = null
    this.#reply(bodyless ? null : this)
  }

  /** The handler has ended its reply, and nothing of it is left in the message. */
  #finished(): void {
    this.#ended = true
    if (this.#state === 'collecting') this.#whole()
    if (this.#state === 'dropping') this.#taker.taken()
    else this.#serve()
  }

  #whole(): void {
    this.#state = 'dropping'
    const pieces = this.#pieces.map(({ octets }) => octets).filter(({ length }) => length > 0)
    for (const { written } of this.#pieces) drop(written)
    this.#reply(joinOctets(pieces))
  }

  #reply(body: ReplyBody): void {
    this.#taker.replied(makeReply(this.#res, body))
  }

  #serve(): void {
    if (this.#waiting === null) return
    const octets = this.#take()
    if (octets === undefined && !this.#ended) return
    this.#waiting.resolve(octets === undefined ? this.#end() : { done: false, value: octets })
    this.#waiting = null
  }

  /** The message's turn ends with each piece that is taken. */
  #take(): Octets | undefined {
    for (let piece = this.#pieces.shift(); piece !== undefined; piece = this.#pieces.shift()) {
      drop(piece.written)
      if (piece.octets.length === 0) continue
      this.#socket._httpMessage = null
      return piece.octets
    }
    return undefined
  }

  #pull(): Octets | undefined {
    if (this.#ended) return undefined
    this.#socket._httpMessage = this.#res
    flushResponse(this.#res)
    return this.#take()
  }

  #end(): IteratorReturnResult<undefined> {
    this.#state = 'dropping'
    this.#taker.taken()
    return DONE
  }
}

function drop(written: Written): true {
  if (typeof written === 'function') process.nextTick(written)
  return true
}

/** Interim replies are the server's: it sends 100 (Continue) when the body is first wanted, and the others nobody needs. */
function writeInterim(data: Octets, written: Written): true {
  if (typeof data === 'string' && INTERIM.test(data)) return drop(written)
  throw new Error('there is no connection behind this socket: answer by the response')
}

function asOctets(data: Octets, encoding: BufferEncoding | null | undefined): Octets {
  if (typeof data !== 'string' || encoding === undefined || encoding === null || /^utf-?8$/i.test(encoding)) return data
  return Buffer.from(data, encoding)
}

function joinOctets(pieces: Octets[]): Octets | null {
  const [first] = pieces
  if (first === undefined) return null
  if (pieces.length === 1) return first
  return Buffer.concat(pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece)))
}
