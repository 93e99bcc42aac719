import { STATUS_CODES } from 'node:http'
import type { FilterFactory, HttpReply, HttpRequest } from '../app.ts'
import { HttpError } from '../errors.ts'
import { readOptions } from './converters.ts'
import { reportFailure, rescue } from './rescue.ts'

/** nova.api.openstack.wsgi.Fault's names; any other status is a computeFault. */
const FAULT_NAMES: Readonly<Record<number, string>> = {
  400: 'badRequest',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'itemNotFound',
  405: 'badMethod',
  409: 'conflictingRequest',
  413: 'overLimit',
  415: 'badMediaType',
  429: 'overLimit',
  501: 'notImplemented',
  503: 'serviceUnavailable',
}

const UNEXPECTED = new HttpError(500, 'The server has either erred or is incapable of performing the requested operation.', {
  expose: true,
})

/**
 * Answers the errors of what it wraps as nova does: `{"itemNotFound": {"code": 404, "message": "…"}}`. An HttpError keeps its status,
 * its headers and, when it may be exposed, its message; anything else is a 500 that tells nothing. What the client is not told is
 * published as `request.failed`. A TransportError is passed on, as there is nobody to answer. Has no options.
 *
 * ```ini
 * [filter:faultwrap]
 * use = egg:millrace#faultwrap
 * ```
 */
export const faultwrap: FilterFactory = (_globalConf, localConf) => {
  readOptions(localConf, {})
  return (next) => (request) => rescue(next, request, answerFault)
}

function answerFault(error: unknown, request: HttpRequest): HttpReply {
  const fault = isFault(error) ? error : UNEXPECTED
  if (fault !== error || !fault.expose) reportFailure(error, fault.status, request)
  return { status: fault.status, headers: { ...fault.headers }, body: { [FAULT_NAMES[fault.status] ?? 'computeFault']: describe(fault) } }
}

function isFault(error: unknown): error is HttpError {
  return error instanceof HttpError && error.status >= 400 && error.status <= 599
}

function describe({ status, message, expose, headers, problem }: HttpError): object {
  const retryAfter = headers['retry-after']
  const own = {
    code: status,
    message: expose ? message : (STATUS_CODES[status] ?? 'Error'),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  }
  return expose ? { ...own, ...problem, ...own } : own
}
