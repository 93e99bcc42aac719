import { HttpError, TransportError } from '../errors.ts'
import type { BodyEvent } from '../http/body-decoder.ts'
import type { ProtocolError } from '../http/protocol-errors.ts'
import type { BodySource } from '../http/request-body.ts'
import type { RequestHead } from '../http/request-head.ts'
import type { Wire } from './wire.ts'

/**
 * A piece smaller than this is joined with those that have come behind it, up to about as much again as the socket reads at once. A body
 * in chunks of one octet would else cost its reader a promise, and whoever keeps it an object, for each octet.
 */
const SMALL = 1024
const MOST_JOINED = 65_536

interface Waiting {
  resolve(piece: Buffer | null): void
  reject(error: Error): void
}

/** `open`: more may come. `ended`: all of it was read. `failed`: it can never be read to its end. */
type BodyState = 'open' | 'ended' | 'failed'

/** Reads one request's body from the wire, only as fast as the app asks for it: what is not asked for stops the socket. */
export class BodyReader implements BodySource {
  readonly #wire: Wire
  readonly #length: number
  /** RFC 9110 §10.1.1: the client waits for 100 (Continue); it is told when the app first wants the body. */
  #continueDue: boolean
  #replied = false
  #waiting: Waiting | null = null
  #state: BodyState = 'open'
  #failure: Error | null = null
  #received = 0

  constructor(wire: Wire, head: RequestHead) {
    this.#wire = wire
    this.#length = head.contentLength
    this.#continueDue = head.expectsContinue
  }

  get ended(): boolean {
    return this.#state === 'ended'
  }

  /** Somebody waits for octets that have not come. */
  get awaited(): boolean {
    return this.#waiting !== null
  }

  /** True when the rest, at most `most` octets as far as one can know, is worth reading for the sake of the next request. */
  canDiscard(most: number): boolean {
    return this.#state === 'open' && !this.#continueDue && this.#length - this.#received <= most
  }

  read(): Promise<Buffer | null> {
    const piece = this.#next()
    if (piece !== 'more') return piece instanceof Error ? Promise.reject(piece) : Promise.resolve(piece)
    if (this.#continueDue && !this.#replied) this.#sendContinue()
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      this.#wire.awaitBody()
    })
  }

  /** More octets have come. False when nobody waits for them. */
  arrived(): boolean {
    const waiting = this.#waiting
    if (waiting === null) return false
    const piece = this.#next()
    if (piece === 'more') {
      this.#wire.awaitBody()
      return true
    }
    this.#waiting = null
    if (piece instanceof Error) waiting.reject(piece)
    else waiting.resolve(piece)
    return true
  }

  /** The rest will never come. Who waits for it, or asks later, gets `reason`. */
  fail(reason: Error): void {
    if (this.#state === 'open') this.#state = 'failed'
    this.#refuse(reason)
  }

  /** The answer begins: who waits for 100 (Continue) has a final status instead, and may send the body or not (RFC 9110 §10.1.1). */
  replied(): void {
    this.#replied = true
  }

  /** After the answer nobody reads any more; a 100 (Continue) would come too late. */
  abandon(): void {
    this.#refuse(new TransportError('the request is answered; its body is not read any more'))
  }

  /** Drops what has come. Returns how many octets that was. */
  discard(): number {
    let dropped = 0
    for (let piece = this.#decode(); piece instanceof Uint8Array; piece = this.#decode()) dropped += piece.length
    return dropped
  }

  #refuse(reason: Error): void {
    this.#failure ??= reason
    this.#waiting?.reject(reason)
    this.#waiting = null
  }

  #next(): Buffer | null | 'more' | Error {
    return this.#failure ?? this.#decode()
  }

  #decode(): Buffer | null | 'more' | Error {
    if (this.#state === 'ended') return null
    if (this.#state === 'failed') return this.#failure
    const event = this.#wire.nextBody()
    if (!(event instanceof Uint8Array)) return this.#atEnd(event)
    this.#received += event.length
    return event.length < SMALL ? this.#joined(event) : event
  }

  #joined(first: Buffer): Buffer {
    const pieces = [first]
    for (let size = first.length; size < MOST_JOINED; ) {
      const event = this.#wire.nextBody()
      if (!(event instanceof Uint8Array)) {
        this.#atEnd(event)
        break
      }
      this.#received += event.length
      size += event.length
      pieces.push(event)
    }
    return pieces.length === 1 ? first : Buffer.concat(pieces)
  }

  #atEnd(event: Exclude<BodyEvent, Buffer>): null | 'more' | Error {
    if (event === 'more') return event
    if (event === 'end') {
      this.#state = 'ended'
      return null
    }
    this.#state = 'failed'
    return (this.#failure = bodyError(event))
  }

  #sendContinue(): void {
    this.#continueDue = false
    this.#wire.out.text('HTTP/1.1 100 Continue\r\n\r\n')
  }
}

/** A message that cannot be read to its end is the client's fault, and ends the connection (RFC 9112 §6.3). */
export function bodyError(error: ProtocolError): HttpError {
  return new HttpError(error.status, `${error.reason} (${error.clause})`, { headers: { connection: 'close' } })
}
