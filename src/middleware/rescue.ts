import type { App, HttpReply, HttpRequest } from '../app.ts'
import { TransportError } from '../errors.ts'
import { emit } from '../events.ts'
import { isPromise } from '../is-promise.ts'

type Answer = ReturnType<App>
type ErrorAnswer = (error: unknown, request: HttpRequest) => HttpReply

/**
 * Answers by `answer` what `app` throws or rejects with, at once when the app was done at once. A TransportError is passed on, as there
 * is nobody to answer.
 */
export function rescue(app: App, request: HttpRequest, answer: ErrorAnswer): Answer {
  try {
    const reply = app(request)
    return isPromise(reply) ? reply.then(undefined, (error: unknown) => answerError(error, request, answer)) : reply
  } catch (error) {
    return answerError(error, request, answer)
  }
}

function answerError(error: unknown, request: HttpRequest, answer: ErrorAnswer): HttpReply {
  if (error instanceof TransportError) throw error
  return answer(error, request)
}

/** Publishes what the client was not told. */
export function reportFailure(error: unknown, status: number, { server, id, method, target }: HttpRequest): void {
  emit('request.failed', { api: server.name, id, method, target, status, error })
}
