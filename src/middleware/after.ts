import type { App, HttpReply, HttpRequest } from '../app.ts'

type Answer = ReturnType<App>

/**
 * Gives an app's reply to `change`, at once when the app answered at once, so that no promise is made for it. `change` may alter the
 * reply in place. What is not an object at all is passed on: the server says which app returned it.
 */
export function after(answer: Answer, change: (reply: HttpReply, request: HttpRequest) => HttpReply, request: HttpRequest): Answer {
  if (isPromise(answer)) return answer.then((reply) => after(reply, change, request))
  return typeof answer === 'object' && answer !== null ? change(answer, request) : answer
}

/** Also true of promises that are not the engine's own. */
export function isPromise(answer: Answer): answer is Promise<HttpReply> {
  return typeof (answer as Partial<Promise<HttpReply>> | null | undefined)?.then === 'function'
}
