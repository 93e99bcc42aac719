import type { App, HttpReply, HttpRequest } from '../app.ts'
import { isPromise } from '../is-promise.ts'

type Answer = ReturnType<App>

/**
 * Gives an app's reply to `change`, at once when the app answered at once, so that no promise is made for it. `change` may alter the
 * reply in place. What is not an object at all is passed on: the server says which app returned it.
 */
export function after(answer: Answer, change: (reply: HttpReply, request: HttpRequest) => HttpReply, request: HttpRequest): Answer {
  if (isPromise(answer)) return answer.then((reply) => after(reply, change, request))
  return typeof answer === 'object' && answer !== null ? change(answer, request) : answer
}
