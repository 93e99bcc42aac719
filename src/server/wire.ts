import type { BodyEvent } from '../http/body-decoder.ts'
import type { RequestOrigin } from '../http/request.ts'
import type { Outflow } from './outflow.ts'

/** What an exchange needs of its connection. */
export interface Wire {
  readonly origin: RequestOrigin
  readonly out: Outflow
  /** The client has closed its half, and nothing of what it sent is left: no request can follow. */
  readonly over: boolean
  /** The next piece of the request's body, if it has come. */
  nextBody(): BodyEvent
  /** The exchange waits for the body: read on, and let the deadline run. */
  awaitBody(): void
  /** The exchange is over. The connection goes on with the next request if `persistent`, else it closes. */
  finished(persistent: boolean): void
  /** A promised octet cannot be sent any more: breaks the connection off, so that the client sees an incomplete message. */
  breakOff(reason: Error): void
}
