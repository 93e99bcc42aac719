import type { HttpRequest } from '../../app.ts'
import { HttpError } from '../../errors.ts'
import { REQUEST_SLOTS } from './fetch-slots.ts'
import { fieldOctets } from '../field-octets.ts'
import { BODYLESS, type FieldsOfRequest, LightRequest } from './light-request.ts'

/** Methods that fetch takes as they are (WHATWG Fetch, "normalize a method"), and those it refuses. */
const PLAIN_METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
const FORBIDDEN = ['CONNECT', 'TRACE', 'TRACK']

/** Path and query that are serialized as they are: nothing to encode, no dot segments (WHATWG URL, "path state" and "query state"). */
const PLAIN_URL = /^(?:\/(?!\.|%2e)[\w\-~.!$&()*+,;=:@%?[\]]*)+$/i

/**
 * Makes the requests of one fetch handler. A body is not read before the handler does. The signal is the server's, made when it is first
 * read, since one costs as much as all the rest on Node 20; a clone has one of its own, which nobody aborts.
 */
export class FetchRequests {
  /** What begins the URLs of nearly all requests, and whether it is serialized as it is. */
  #origin = ''
  #plainOrigin = false

  /**
   * The request as a fetch handler takes it, with `path` for path and query.
   * @throws HttpError 501 for a method that fetch does not have, 400 for a host that no URL may have.
   */
  of(request: HttpRequest, path: string): Request {
    const origin = `${request.scheme}://${hostOf(request)}`
    const url = `${origin}${path === '*' ? '/' : path}`
    if (REQUEST_SLOTS.length > 0 && PLAIN_METHODS.has(request.method) && this.#isPlain(origin) && PLAIN_URL.test(path)) {
      return new LightRequest(request, url, makeRequest) as unknown as Request
    }
    return Object.defineProperty(makeRequest(request, url, fieldOctets(request.headers)), 'signal', { get: () => request.signal })
  }

  #isPlain(origin: string): boolean {
    if (origin !== this.#origin) {
      this.#origin = origin
      this.#plainOrigin = URL.canParse(origin) && new URL(origin).href === `${origin}/`
    }
    return this.#plainOrigin
  }
}

function makeRequest(request: HttpRequest, url: string, headers: FieldsOfRequest): Request {
  try {
    return new Request(url, initOf(request, headers))
  } catch (error) {
    if (FORBIDDEN.includes(request.method.toUpperCase())) throw new HttpError(501, `${request.method} is not served here`, { expose: true })
    if (!URL.canParse(url)) throw new HttpError(400, 'malformed URL', { cause: error })
    throw error
  }
}

function initOf(request: HttpRequest, headers: FieldsOfRequest): RequestInit {
  const { method } = request
  const init = { method, headers }
  if (BODYLESS.includes(method)) return init
  const { body } = request
  return body === null ? init : { ...init, body, duplex: 'half' }
}

/** Of HTTP/1.0 without Host only the URL knows what the client has connected to. */
function hostOf({ host, url }: HttpRequest): string {
  return host === '' ? new URL(url).host : host
}
