import type { ByteQueue } from './byte-queue.ts'
import type { ProtocolError } from './protocol-errors.ts'

/** A piece of a body, its end, an error, or nothing until more octets come. */
export type BodyEvent = Buffer | 'end' | 'more' | ProtocolError

/** Takes one body's octets from the front of a queue. What it answers after `end` or an error is undefined. */
export interface BodyDecoder {
  next(queue: ByteQueue): BodyEvent
}
