import type { Readable } from 'node:stream'
import type { ReplyBody } from '../app.ts'
import { TransportError } from '../errors.ts'
import type { StreamedBody } from '../http/reply-body.ts'
import { ReadableSource } from './readable-source.ts'
import type { Piece, StreamSource } from './stream-source.ts'

/** Web streams are read through a reader: their async iterator cannot be cancelled while a read is pending. Node's have a source of their own. */
export function openStream(body: StreamedBody): StreamSource {
  if (body instanceof ReadableStream) return readerSource(body)
  return isReadable(body) ? new ReadableSource(body) : iteratorSource(body)
}

/** A stream of Node's, or of its copy `readable-stream`. */
function isReadable(body: object): body is Readable {
  return 'on' in body && 'pause' in body && 'resume' in body && 'destroy' in body
}

/** Nobody reads this body of a reply: if it is a stream, it is told so. Never throws. */
export function letGo(body: ReplyBody | undefined): void {
  if (typeof body !== 'object' || body === null || !(Symbol.asyncIterator in body)) return
  try {
    openStream(body as StreamedBody).cancel(new TransportError('nobody reads this body'))
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
    cancel: () => void release(iterator).catch(ignore),
  }
}

/** It is the app's, which may throw, and need not return a promise. */
async function release(iterator: AsyncIterator<Piece>): Promise<void> {
  await iterator.return?.()
}

function ignore(): void {
  // The app's stream failed while it was being let go; its answer is already over.
}
