import { STATUS_CODES } from 'node:http'
import type { FilterFactory, HttpReply, HttpRequest } from '../app.ts'
import { HttpError, TransportError } from '../errors.ts'
import { emit } from '../events.ts'
import { isPromise } from '../is-promise.ts'
import { readOptions } from './converters.ts'

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
 */
export const faultwrap: FilterFactory = (_globalConf, localConf) => {
  readOptions(localConf, {})
  return (next) => (request) => {
    try {
      const answer = next(request)
      return isPromise(answer) ? answer.then(undefined, (error: unknown) => answerFault(error, request)) : answer
    } catch (error) {
      return answerFault(error, request)
    }
  }
}

function answerFault(error: unknown, request: HttpRequest): HttpReply {
  if (error instanceof TransportError) throw error
  const fault = isFault(error) ? error : UNEXPECTED
  if (fault !== error || !fault.expose) report(error, fault.status, request)
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

function report(error: unknown, status: number, { server, id, method, target }: HttpRequest): void {
  emit('request.failed', { api: server.name, id, method, target, status, error })
}
