import findMyWay, { type HTTPMethod, type HTTPVersion, type Instance } from 'find-my-way'
import type { App, HttpReply, HttpRequest } from '../app.ts'
import { hostName } from '../compose/host.ts'
import { HttpError } from '../errors.ts'
import { joinParams } from './below.ts'

/** For routes of every method: they are looked for last. */
export const ANY_METHOD = '*'

type Tree = Instance<HTTPVersion.V1>
interface Leaf {
  readonly method: string
  /** In find-my-way's syntax. */
  readonly path: string
  readonly app: App
  readonly host: string | RegExp | undefined
}

type Found = NonNullable<ReturnType<Tree['find']>>

const SLASH = 0x2f
/** The tree of every method keeps its routes as if they were of this one. */
const KEY = 'GET'

/** Answers requests by method, path and host: what is compared is all here, how a route came about is not. */
export class RouteTree {
  readonly #byMethod = makeTree()
  readonly #anyMethod = makeTree()
  readonly #methods = new Set<string>()
  readonly #wrongMethod: 404 | 405
  /** True when a route is for some hosts only: then each look-up needs the request's. */
  #byHost = false

  /** `wrongMethod` is the status where only other methods have a route. */
  constructor(wrongMethod: 404 | 405) {
    this.#wrongMethod = wrongMethod
  }

  /** Throws Error for what find-my-way refuses. */
  add({ method, path, app, host }: Leaf): void {
    const tree = method === ANY_METHOD ? this.#anyMethod : this.#byMethod
    const key = method === ANY_METHOD ? KEY : method
    tree.on(key as HTTPMethod, path, host === undefined ? {} : { constraints: { host } }, () => {}, app)
    if (method !== ANY_METHOD) this.#methods.add(method)
    this.#byHost ||= host !== undefined
  }

  /** Answers `request` as one of `method`. Throws HttpError: 400 for a path that cannot be decoded, 404, 405. */
  answer(request: HttpRequest, method: string): ReturnType<App> {
    const found = this.#find(this.#byMethod, method, request)
    return found === null ? this.#miss(request, method) : call(request, found)
  }

  /** A mounted app's own address has no path left; it is the app's `/`. What else has no slash is not a path: `*`. */
  #find(tree: Tree, method: string, request: HttpRequest): Found | null {
    const path = request.rawPathInfo === '' ? '/' : request.rawPathInfo
    if (path.charCodeAt(0) !== SLASH) return null
    const found = tree.find(method as HTTPMethod, path, this.#byHost ? { host: hostName(request).toLowerCase() } : undefined)
    return found !== null && hasEmptySegment(path) && hasEmptyParameter(found) ? null : found
  }

  #miss(request: HttpRequest, method: string): ReturnType<App> {
    const get = method === 'HEAD' ? this.#find(this.#byMethod, 'GET', request) : null
    const found = get ?? this.#find(this.#anyMethod, KEY, request)
    return found === null ? this.#refuse(request, method) : call(request, found)
  }

  #refuse(request: HttpRequest, method: string): HttpReply {
    checkEncoding(request.rawPathInfo)
    const allow = this.#allowed(request)
    if (method === 'OPTIONS' && allow !== '') return { status: 204, headers: { allow } }
    if (allow === '' || this.#wrongMethod === 404) throw new HttpError(404, 'The resource could not be found.')
    throw new HttpError(405, `The method ${method} is not allowed for this resource.`, { headers: { allow } })
  }

  /** The methods for `Allow`; `OPTIONS *` asks for all there are (RFC 9110 §9.3.7). */
  #allowed(request: HttpRequest): string {
    const all = request.rawPathInfo === '*'
    const found = [...this.#methods].filter((method) => all || this.#find(this.#byMethod, method, request) !== null)
    if (found.length === 0) return ''
    return [...new Set([...found, ...(found.includes('GET') ? ['HEAD'] : []), 'OPTIONS'])].join(', ')
  }
}

function makeTree(): Tree {
  return findMyWay({
    // find-my-way's own 100 makes a longer parameter a silent 404; the request line's limit bounds it already.
    maxParamLength: Number.MAX_SAFE_INTEGER,
    querystringParser: () => null,
  })
}

function hasEmptySegment(path: string): boolean {
  return path.endsWith('/') || path.includes('//')
}

/** find-my-way takes `/servers/` for `/servers/:id` with an empty id; in Routes a parameter has a character at least. */
function hasEmptyParameter({ params }: Found): boolean {
  return Object.entries(params).some(([name, value]) => value === '' && name !== '*')
}

function call(request: HttpRequest, found: Found): ReturnType<App> {
  request.params = joinParams(request.params, found.params as Record<string, string>)
  return (found.store as App)(request)
}

function checkEncoding(path: string): void {
  try {
    decodeURIComponent(path)
  } catch (cause) {
    throw new HttpError(400, 'The path is not valid percent-encoded UTF-8.', { cause })
  }
}
