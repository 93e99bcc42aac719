import type { HttpReply } from './app.ts'

/** Tells an answer that is still to come from one that is here. Also true of promises that are not the engine's own, as of query builders. */
export function isPromise(answer: HttpReply | Promise<HttpReply>): answer is Promise<HttpReply> {
  return typeof (answer as Partial<Promise<HttpReply>> | null | undefined)?.then === 'function'
}
