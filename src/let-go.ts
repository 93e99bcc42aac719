import type { Readable } from 'node:stream'
import type { ReplyBody } from './app.ts'
import { isNodeStream } from './is-node-stream.ts'

/** Nobody reads this body of a reply: if it is a stream, it is told so. Never throws, also when the stream fails over it. */
export function letGo(body: ReplyBody | undefined): void {
  if (typeof body !== 'object' || body === null || !(Symbol.asyncIterator in body)) return
  release(body).catch(ignore)
}

async function release(body: object): Promise<void> {
  if (body instanceof ReadableStream) await body.cancel()
  else if (isNodeStream(body)) destroy(body)
  else await (body as AsyncIterable<unknown>)[Symbol.asyncIterator]().return?.()
}

/** An error that nobody listens for would end the process; undici's bodies have one when they are destroyed unread. */
function destroy(stream: Readable): void {
  stream.on('error', ignore)
  stream.destroy()
}

function ignore(): void {
  // It is the app's, and the answer it was part of is over.
}
