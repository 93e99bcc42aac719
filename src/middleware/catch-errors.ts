import type { FilterFactory, HttpReply, HttpRequest } from '../app.ts'
import { HttpError } from '../errors.ts'
import { faultReply, statusOf } from '../fault-reply.ts'
import { readOptions } from './converters.ts'
import { reportFailure, rescue } from './rescue.ts'

/**
 * Makes replies of the errors of what it wraps, as oslo.middleware's catch_errors does, so that filters outside it, as `request_id` and
 * `cors`, can add their fields to them. They read as the server's own: an HttpError keeps its status, its headers and, when it may be
 * exposed, its message; anything else is a plain 500, and what it was is published as `request.failed`. A TransportError is passed on, as
 * there is nobody to answer. Has no options.
 *
 * ```ini
 * [filter:catch_errors]
 * use = egg:millrace#catch_errors
 * ```
 */
export const catchErrors: FilterFactory = (_globalConf, localConf) => {
  readOptions(localConf, {})
  return (next) => (request) => rescue(next, request, answerError)
}

function answerError(error: unknown, request: HttpRequest): HttpReply {
  if (!(error instanceof HttpError && error.expose)) reportFailure(error, statusOf(error), request)
  return faultReply(error, request, false)
}
