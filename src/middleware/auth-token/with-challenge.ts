import type { App, HttpReply } from '../../app.ts'
import { HttpError } from '../../errors.ts'
import { after } from '../after.ts'
import { rescue } from '../rescue.ts'

/** Every 401 says how to do better (RFC 9110 §15.5.2), also one of the app's own. */
export function withChallenge(app: App, challenge: Readonly<Record<string, string>>): App {
  const add = (reply: HttpReply): HttpReply => {
    if (reply.status === 401) reply.headers = { ...challenge, ...reply.headers }
    return reply
  }
  const fail = (error: unknown): never => {
    if (!(error instanceof HttpError) || error.status !== 401) throw error
    const { message, headers, expose } = error
    throw new HttpError(401, message, { headers: { ...challenge, ...headers }, expose, cause: error })
  }
  return (request) => after(rescue(app, request, fail), add, request)
}
