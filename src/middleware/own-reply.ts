import type { HttpReply } from '../app.ts'

/** A reply whose parts are nobody else's. */
export interface OwnReply extends HttpReply {
  headers: NonNullable<HttpReply['headers']>
}

/**
 * A copy, for what may not stay in an object the app sends again: many keep their fields in a constant. That one body was encoded, or what its
 * ETag was, would then be said of the next.
 */
export function ownReply(reply: HttpReply): OwnReply {
  return { ...reply, headers: { ...reply.headers } }
}
