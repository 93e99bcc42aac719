import type { App, HttpReply, HttpRequest } from '../app.ts'
import { isPromise } from '../is-promise.ts'

/** What came of a request: a reply, or what the app threw. */
export type Outcome = { readonly reply: HttpReply; readonly error?: undefined } | { readonly reply: null; readonly error: unknown }

/**
 * Tells `see` what comes of a request, at once when the app is done at once, and changes nothing. What is no reply is not told: the
 * server says which app returned it.
 */
export function watch(app: App, request: HttpRequest, see: (outcome: Outcome) => void): ReturnType<App> {
  const seeReply = (reply: HttpReply): HttpReply => {
    if (typeof reply === 'object' && reply !== null) see({ reply })
    return reply
  }
  const seeError = (error: unknown): never => {
    see({ reply: null, error })
    throw error
  }
  let answer: ReturnType<App>
  try {
    answer = app(request)
  } catch (error) {
    return seeError(error)
  }
  return isPromise(answer) ? answer.then(seeReply, seeError) : seeReply(answer)
}
