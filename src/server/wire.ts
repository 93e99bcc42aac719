import type { BodyEvent } from '../http/body-decoder.ts'
import type { RequestOrigin } from '../http/request.ts'

/** What an exchange needs of its connection. */
export interface Wire {
  readonly origin: RequestOrigin
  /** The next piece of the request's body, if it has come. */
  nextBody(): BodyEvent
  /** The exchange waits for the body: read on, and let the deadline run. */
  awaitBody(): void
  /** Writes text or octets. False when the client does not keep up: wait for {@link drained}. */
  write(data: string | Uint8Array, encoding?: 'latin1' | 'utf8'): boolean
  /** Groups the writes until `uncork` into one. */
  cork(): void
  uncork(): void
  /** Resolves when the client has taken what was written; rejects with TransportError when it has gone. */
  drained(): Promise<void>
  /** The exchange is over. The connection goes on with the next request if `persistent`, else it closes. */
  finished(persistent: boolean): void
  /** A promised octet cannot be sent any more: breaks the connection off, so that the client sees an incomplete message. */
  breakOff(reason: Error): void
}
