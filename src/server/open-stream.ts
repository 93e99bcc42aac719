import type { StreamedBody } from '../http/reply-body.ts'
import { isNodeStream } from '../is-node-stream.ts'
import { ReadableSource } from './readable-source.ts'
import type { Piece, StreamSource } from './stream-source.ts'

/** Web streams are read through a reader: their async iterator cannot be cancelled while a read is pending. Node's have a source of their own. */
export function openStream(body: StreamedBody): StreamSource {
  if (body instanceof ReadableStream) return readerSource(body)
  return isNodeStream(body) ? new ReadableSource(body) : iteratorSource(body)
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
