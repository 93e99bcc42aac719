import findMyWay, { type HTTPMethod, type HTTPVersion, type Instance } from 'find-my-way'
import type { App, HttpReply, HttpRequest } from '../app.ts'
import { enterMount, PathTable } from '../compose/path-table.ts'
import { HttpError } from '../errors.ts'
import { resourceRoutes, type Controller, type ResourceOptions } from './resource.ts'

/** A line of the route table. */
export interface Route {
  /** `*` for a mounted app whose own routes are not known. */
  readonly method: string
  readonly path: string
  readonly name: string
}

export interface RouterOptions {
  /** The status when only other methods have a route: 405 with `Allow`, or 404 as nova and Routes answer. Default 405. */
  wrongMethod?: 404 | 405
}

type Found = NonNullable<ReturnType<Instance<HTTPVersion.V1>['find']>>

const SLASH = 0x2f

/** On a router's `app`: the router. For every copy of the package, as the app's need not be ours. */
const ROUTER: unique symbol = Symbol.for('millrace.router')

/** The routes behind an app that is a router's `app`; undefined for any other. */
export function routesOf(app: App & { [ROUTER]?: Router }): readonly Route[] | undefined {
  return app[ROUTER]?.routes
}

/**
 * Finds the handler for a request by its method and what is left of its path. `:name` is one segment and never empty, `:name(regex)`
 * one that matches, `*` at the end the rest. Parameters come percent-decoded in `request.params`; an encoded slash does not split a
 * segment. A GET route answers HEAD, and OPTIONS is answered from the table, where they have no route of their own.
 */
export class Router {
  readonly #tree = findMyWay({
    // find-my-way's own 100 makes a longer parameter a silent 404; the request line's limit bounds it already.
    maxParamLength: Number.MAX_SAFE_INTEGER,
    querystringParser: () => null,
  })
  readonly #methods = new Set<string>()
  readonly #routes: Route[] = []
  readonly #mounts = new PathTable()
  readonly #mounted: { base: string; app: App }[] = []
  readonly #wrongMethod: 404 | 405

  constructor(options: RouterOptions = {}) {
    this.#wrongMethod = options.wrongMethod ?? 405
    Object.defineProperty(this.app, ROUTER, { value: this })
  }

  /** Answers by the table. Throws HttpError: 400 for a path that cannot be decoded, 404, 405. */
  readonly app: App = (request) => {
    const found = this.#find(request.method, request.rawPathInfo)
    return found === null ? this.#miss(request) : answer(request, found)
  }

  /** Every route, in the order they were added; those of mounted routers last. */
  get routes(): readonly Route[] {
    return [...this.#routes, ...this.#mounted.flatMap(({ base, app }) => routesBelow(base, app))]
  }

  get(path: string, handler: App): this {
    return this.on('GET', path, handler)
  }

  post(path: string, handler: App): this {
    return this.on('POST', path, handler)
  }

  put(path: string, handler: App): this {
    return this.on('PUT', path, handler)
  }

  patch(path: string, handler: App): this {
    return this.on('PATCH', path, handler)
  }

  delete(path: string, handler: App): this {
    return this.on('DELETE', path, handler)
  }

  head(path: string, handler: App): this {
    return this.on('HEAD', path, handler)
  }

  options(path: string, handler: App): this {
    return this.on('OPTIONS', path, handler)
  }

  /**
   * Adds a route. `name` is what the route table shows; the handler's own name when absent.
   * @throws Error saying which route cannot be added, and why.
   */
  on(method: string, path: string, handler: App, name?: string): this {
    try {
      this.#check(method, path, handler)
      this.#tree.on(method as HTTPMethod, path, () => {}, handler)
    } catch (error) {
      throw new Error(`Cannot add the route ${method} ${path}: ${(error as Error).message}`, { cause: error })
    }
    this.#methods.add(method)
    this.#routes.push({ method, path, name: name ?? handler.name })
    return this
  }

  /** Adds the routes of a REST resource at `/<collection>`; see {@link Controller} and {@link ResourceOptions}. */
  resource(collection: string, controller: Controller, options?: ResourceOptions): this {
    for (const { method, path, handler, name } of resourceRoutes(collection, controller, options)) this.on(method, path, handler, name)
    return this
  }

  /** Gives `app` every path at or below `prefix` that no route matches, with the prefix moved to the script name. */
  mount(prefix: string, app: App): this {
    if (!/^\/[^:*]*$/.test(prefix)) throw new Error(`Cannot mount at ${prefix}: a mount is a fixed path that starts with /.`)
    this.#mounts.add(prefix, app)
    this.#mounted.push({ base: prefix.replace(/\/$/, ''), app })
    return this
  }

  #check(method: string, path: string, handler: App): void {
    if (typeof path !== 'string' || !path.startsWith('/')) throw new Error('a path starts with /.')
    if (/\/\{\w+\}/.test(path)) throw new Error('a parameter is written :name, not {name}.')
    if (typeof handler !== 'function') throw new Error('its handler is not a function.')
    if (this.#tree.findRoute(method as HTTPMethod, path) !== null) throw new Error('there is such a route already.')
  }

  /** A mounted app's own address has no path left; it is the app's `/`. What else has no slash is not a path: `*`. */
  #find(method: string, path: string): Found | null {
    if (path === '') return this.#tree.find(method as HTTPMethod, '/')
    const found = path.charCodeAt(0) === SLASH ? this.#tree.find(method as HTTPMethod, path) : null
    return found !== null && hasEmptySegment(path) && hasEmptyParameter(found) ? null : found
  }

  #miss(request: HttpRequest): ReturnType<App> {
    const { method, rawPathInfo: path } = request
    const get = method === 'HEAD' ? this.#find('GET', path) : null
    if (get !== null) return answer(request, get)
    const mount = this.#mounts.find(path)
    return mount === undefined ? this.#refuse(method, path) : enterMount(request, path, mount)
  }

  #refuse(method: string, path: string): HttpReply {
    checkEncoding(path)
    const allow = this.#allowed(path)
    if (method === 'OPTIONS' && allow !== '') return { status: 204, headers: { allow } }
    if (allow === '' || this.#wrongMethod === 404) throw new HttpError(404, 'The resource could not be found.')
    throw new HttpError(405, `The method ${method} is not allowed for this resource.`, { headers: { allow } })
  }

  /** The methods for `Allow`; `OPTIONS *` asks for all there are (RFC 9110 §9.3.7). */
  #allowed(path: string): string {
    const found = [...this.#methods].filter((method) => path === '*' || this.#find(method, path) !== null)
    if (found.length === 0) return ''
    return [...new Set([...found, ...(found.includes('GET') ? ['HEAD'] : []), 'OPTIONS'])].join(', ')
  }
}

function hasEmptySegment(path: string): boolean {
  return path.endsWith('/') || path.includes('//')
}

/** find-my-way takes `/servers/` for `/servers/:id` with an empty id; in Routes a parameter has a character at least. */
function hasEmptyParameter({ params }: Found): boolean {
  return Object.entries(params).some(([name, value]) => value === '' && name !== '*')
}

function answer(request: HttpRequest, found: Found): ReturnType<App> {
  request.params = found.params as Record<string, string>
  return (found.store as App)(request)
}

function routesBelow(base: string, app: App): Route[] {
  const routes = routesOf(app) ?? [{ method: '*', path: '/*', name: app.name }]
  return routes.map((route) => ({ ...route, path: base + route.path }))
}

function checkEncoding(path: string): void {
  try {
    decodeURIComponent(path)
  } catch (cause) {
    throw new HttpError(400, 'The path is not valid percent-encoded UTF-8.', { cause })
  }
}
