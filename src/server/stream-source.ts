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

/** Nobody reads this body of a reply: if it is a stream, it is told so. Never throws. */
export function letGo(body: ReplyBody | undefined): void {
  if (typeof body !== 'object' || body === null || !(Symbol.asyncIterator in body)) return
  try {
    streamSource(body as StreamedBody).cancel(new TransportError('nobody reads this body'))
  } catch {
    // No stream after all, or one that is locked: somebody else reads it, and it is theirs to let go.
  }
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
    cancel: () => void release(body, iterator).catch(ignore),
  }
}

/** Both are the app's, which may throw, and need not return a promise. */
async function release(body: StreamedBody, iterator: AsyncIterator<Piece>): Promise<void> {
  try {
    // A node stream's iterator cannot return while a read is pending. Without an error: nobody may be listening for one.
    if ('destroy' in body && typeof body.destroy === 'function') body.destroy()
  } finally {
    await iterator.return?.()
  }
}

function ignore(): void {
  // The app's stream failed while it was being let go; its answer is already over.
}
