import type { ReplyBody } from '../app.ts'
import { TransportError } from '../errors.ts'
import type { StreamedBody } from '../http/reply-body.ts'

type Piece = Uint8Array | string

/** A streamed body, one piece after the other, that can be let go at any moment. */
export interface StreamSource {
  /** The next piece, or null at the end. */
  next(): Promise<Piece | null>
  /** Nobody wants the rest. Never throws or rejects. */
  cancel(reason: Error): void
}

/** Web streams are read through a reader: their async iterator cannot be cancelled while a read is pending. */
export function streamSource(body: StreamedBody): StreamSource {
  return body instanceof ReadableStream ? readerSource(body) : iteratorSource(body)
}

/** Nobody reads this body of a reply: if it is a stream, it is told so. */
export function letGo(body: ReplyBody | undefined): void {
  if (typeof body !== 'object' || body === null || !(Symbol.asyncIterator in body)) return
  // A locked stream is read by somebody else, and theirs to let go.
  if (body instanceof ReadableStream && body.locked) return
  streamSource(body as StreamedBody).cancel(new TransportError('nobody reads this body'))
}

function readerSource(stream: ReadableStream<Piece>): StreamSource {
  const reader = stream.getReader()
  return {
    next: async () => (await reader.read()).value ?? null,
    cancel: (reason) => void reader.cancel(reason).catch(ignore),
  }
}

function iteratorSource(body: StreamedBody): StreamSource {
  const iterator = body[Symbol.asyncIterator]()
  return {
    async next() {
      const { done, value } = await iterator.next()
      return done === true ? null : value
    },
    cancel() {
      // A node stream's iterator cannot return while a read is pending. Without an error: nobody may be listening for one.
      if ('destroy' in body && typeof body.destroy === 'function') body.destroy()
      iterator.return?.().catch(ignore)
    },
  }
}

function ignore(): void {
  // The app's stream failed while it was being let go; its answer is already over.
}
