import type { HttpRequest } from '../app.ts'
import { HttpError } from '../errors.ts'
import { fieldOctets } from './field-octets.ts'

/** Fetch gives these no body (WHATWG Fetch, "Request constructor"), and refuses the others altogether. */
const BODYLESS = ['GET', 'HEAD']
const FORBIDDEN = ['CONNECT', 'TRACE', 'TRACK']

/**
 * The request as a fetch handler takes it, with `url` for path and query. A body is not read before the handler does. The signal is the
 * server's, made when it is first read, since one costs more than all the rest on Node 20; a clone has one of its own, which nobody aborts.
 * Throws HttpError 501 for a method that fetch does not have, 400 for a host that no URL may have.
 */
export function toFetchRequest(request: HttpRequest, url: string): Request {
  const made = makeRequest(`${request.scheme}://${hostOf(request)}${url === '*' ? '/' : url}`, request)
  return Object.defineProperty(made, 'signal', { get: () => request.signal })
}

function makeRequest(url: string, request: HttpRequest): Request {
  try {
    return new Request(url, initOf(request))
  } catch (error) {
    if (FORBIDDEN.includes(request.method.toUpperCase())) throw new HttpError(501, `${request.method} is not served here`, { expose: true })
    if (!URL.canParse(url)) throw new HttpError(400, 'malformed URL', { cause: error })
    throw error
  }
}

function initOf(request: HttpRequest): RequestInit {
  const { method } = request
  const init = { method, headers: fieldOctets(request.headers) }
  if (BODYLESS.includes(method)) return init
  const { body } = request
  return body === null ? init : { ...init, body, duplex: 'half' }
}

/** Of HTTP/1.0 without Host only the URL knows what the client has connected to. */
function hostOf({ host, url }: HttpRequest): string {
  return host === '' ? new URL(url).host : host
}
