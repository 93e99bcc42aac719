import type { ReplyBody } from '../app.ts'

/** Tells a streamed body that nobody will read it. Never throws. */
export function letGo(body: ReplyBody | undefined): void {
  if (typeof body !== 'object' || body === null || !(Symbol.asyncIterator in body)) return
  release(body).catch(ignore)
}

async function release(body: object): Promise<void> {
  if (body instanceof ReadableStream) await body.cancel()
  else if ('destroy' in body && typeof body.destroy === 'function') body.destroy()
  else await (body as AsyncIterable<unknown>)[Symbol.asyncIterator]().return?.()
}

function ignore(): void {
  // It is the app's, and the answer it was part of is over.
}
