import type { App, HttpRequest } from '../app.ts'
import { atPath, belowPattern } from './below.ts'
import { defineRoute, type NewRoute, type RouteDefinition } from './definition.ts'
import { negotiateVersion, type VersionOptions } from './negotiation.ts'
import type { Requirements } from './path-pattern.ts'
import { redirectTo } from './redirect.ts'
import { resourceRoutes, type Controller, type ResourceOptions } from './resource.ts'
import { RouteRegistry } from './route-registry.ts'
import { ANY_METHOD, RouteTree } from './route-tree.ts'
import type { AnyHandler, Route, RouteHandler, RouteOptions } from './route.ts'
import { withSchemas } from './schemas.ts'
import { makeUrl, type UrlOptions, type UrlParams } from './url.ts'

export interface RouterOptions {
  /** The status when only other methods have a route: 405 with `Allow`, or 404 as nova and Routes answer. Default 405. */
  wrongMethod?: 404 | 405
  /** The API versions that are spoken. Without it routes have no `versions`, and requests and replies no version. */
  versions?: VersionOptions
  /** What parameters of these names must match wherever a route does not say, as `{ format: /json|xml/ }` of nova's APIMapper. */
  requirements?: Requirements
  /** Each route is found with this in front as well, as by nova's ProjectMapper: `/:project_id([0-9a-f-]+)`. */
  optionalPrefix?: string
  /** A POST with `?_method=PUT` is routed as a PUT, as in Routes; the handler still sees a POST. Default false: links could delete. */
  methodOverride?: boolean
}

type RouteArguments = [handler: App] | [options: RouteOptions, handler: AnyHandler]

/** On a router's `app`: the router. For every copy of the package, as the app's need not be ours. */
const ROUTER: unique symbol = Symbol.for('millrace.router')

/** What is below a path, without the path itself. */
const BELOW = '/{path_info:.*}'

/** The routes behind an app that is a router's `app`; undefined for any other. */
export function routesOf(app: App & { [ROUTER]?: Router }): readonly Route[] | undefined {
  return app[ROUTER]?.routes
}

/**
 * Finds the handler for a request by its method and what is left of its path. `:name` is one segment and never empty, `:name(regex)`
 * one that matches, `*` at the end the rest; `{name}`, `{name:regex}`, `*name` and `{.format}` of Python's Routes are read as well.
 * Parameters come percent-decoded in `request.params`; an encoded slash does not split a segment. A GET route answers HEAD, and OPTIONS
 * is answered from the table, where they have no route of their own.
 */
export class Router {
  /** Answers by the table. Throws HttpError: 400 for a path that cannot be decoded, 404, 405; with `versions` also 400 and 406. */
  readonly app: App
  readonly #options: RouterOptions
  readonly #tree: RouteTree
  readonly #registry = new RouteRegistry()
  readonly #routes: Route[] = []
  readonly #mounted: { base: string; app: App }[] = []

  /** @throws Error for versions that are none. */
  constructor(options: RouterOptions = {}) {
    const tree = new RouteTree(options.wrongMethod ?? 405)
    const overridden: App = (request) => tree.answer(request, chosenMethod(request))
    const app: App = options.methodOverride === true ? overridden : (request) => tree.answer(request, request.method)
    this.app = options.versions === undefined ? app : negotiateVersion(options.versions, app)
    this.#tree = tree
    this.#options = options
    Object.defineProperty(this.app, ROUTER, { value: this })
  }

  /** Every route, in the order they were added; those of mounted routers last. */
  get routes(): readonly Route[] {
    return [...this.#routes, ...this.#mounted.flatMap(({ base, app }) => routesBelow(base, app))]
  }

  /** As {@link on}, for GET; the others below are for theirs. */
  get(path: string, handler: App): this
  get<const Options extends RouteOptions>(path: string, options: Options, handler: RouteHandler<Options>): this
  get(path: string, ...route: RouteArguments): this {
    return this.#addEach('GET', path, route)
  }

  post(path: string, handler: App): this
  post<const Options extends RouteOptions>(path: string, options: Options, handler: RouteHandler<Options>): this
  post(path: string, ...route: RouteArguments): this {
    return this.#addEach('POST', path, route)
  }

  put(path: string, handler: App): this
  put<const Options extends RouteOptions>(path: string, options: Options, handler: RouteHandler<Options>): this
  put(path: string, ...route: RouteArguments): this {
    return this.#addEach('PUT', path, route)
  }

  patch(path: string, handler: App): this
  patch<const Options extends RouteOptions>(path: string, options: Options, handler: RouteHandler<Options>): this
  patch(path: string, ...route: RouteArguments): this {
    return this.#addEach('PATCH', path, route)
  }

  delete(path: string, handler: App): this
  delete<const Options extends RouteOptions>(path: string, options: Options, handler: RouteHandler<Options>): this
  delete(path: string, ...route: RouteArguments): this {
    return this.#addEach('DELETE', path, route)
  }

  head(path: string, handler: App): this
  head<const Options extends RouteOptions>(path: string, options: Options, handler: RouteHandler<Options>): this
  head(path: string, ...route: RouteArguments): this {
    return this.#addEach('HEAD', path, route)
  }

  options(path: string, handler: App): this
  options<const Options extends RouteOptions>(path: string, options: Options, handler: RouteHandler<Options>): this
  options(path: string, ...route: RouteArguments): this {
    return this.#addEach('OPTIONS', path, route)
  }

  /**
   * Adds a route for a method or several, `*` for all: `on('GET', '/servers/:id', handler)`, or with {@link RouteOptions} before the handler.
   * @throws Error saying which route cannot be added, and why; where another is in its way, which, and where each was added.
   */
  on(method: string | readonly string[], path: string, handler: App): this
  on<const Options extends RouteOptions>(method: string | readonly string[], path: string, options: Options, handler: RouteHandler<Options>): this
  on(method: string | readonly string[], path: string, ...route: RouteArguments): this {
    return this.#addEach(method, path, route)
  }

  /** Adds the routes of a REST resource at `/<collection>`; see {@link Controller} and {@link ResourceOptions}. */
  resource(collection: string, controller: Controller, options?: ResourceOptions): this {
    for (const route of resourceRoutes(collection, controller, options)) this.#add(route)
    return this
  }

  /**
   * Gives `app` every path at or below `prefix` that no route of a method matches, with the prefix moved to the script name. Parameters
   * of the prefix stay in `request.params`, beside those of a router mounted there. `/m/{path_info:.*}` is only what is below `/m/`.
   */
  mount(prefix: string, app: App): this {
    try {
      if (!prefix.startsWith('/')) throw new Error('a path starts with /.')
      const onlyBelow = prefix.endsWith(BELOW)
      const base = decodeURI(onlyBelow ? prefix.slice(0, -BELOW.length) : prefix.replace(/\/$/, ''))
      const place = { method: ANY_METHOD, options: {}, handler: app }
      if (base !== '' && !onlyBelow) this.#enter(defineRoute({ ...place, path: base }, this.#options), atPath(app))
      this.#enter(defineRoute({ ...place, path: base + BELOW }, this.#options), app)
      this.#mounted.push({ base, app })
    } catch (error) {
      throw new Error(`Cannot mount at ${prefix}: ${(error as Error).message}`, { cause: error })
    }
    return this
  }

  /**
   * Sends requests of any method from one path to another, which may have the first one's parameters, or to another server. The query
   * is kept. `status` is 302 unless said otherwise.
   * @throws Error for a target that has parameters of its own, and as {@link on} does.
   */
  redirect(path: string, to: string, status = 302): this {
    return this.on(ANY_METHOD, path, redirectTo(path, to, status))
  }

  /**
   * The URL of the route that was given this name, with `params` in its path; see {@link UrlOptions}.
   * @throws Error naming a parameter that is missing or unknown, or the nearest name there is.
   */
  url(name: string, params: UrlParams = {}, options: UrlOptions = {}): string {
    try {
      return makeUrl(this.#registry.named(name).patterns, params, options)
    } catch (error) {
      throw new Error(`Cannot make a URL of the route ${name}: ${(error as Error).message}`, { cause: error })
    }
  }

  #addEach(methods: string | readonly string[], path: string, route: RouteArguments): this {
    const [options, handler] = route.length === 1 ? ([{}, route[0]] as const) : route
    for (const method of [methods].flat()) this.#add({ method, path, options, handler })
    return this
  }

  #add(route: NewRoute): void {
    const { method, path, options, handler } = route
    try {
      const definition = defineRoute(route, this.#options)
      if (options.name !== undefined) this.#registry.name(definition, options.name)
      this.#enter(definition, withSchemas(`${method} ${path}`, options, handler), options.host)
      this.#routes.push(...definition.routes)
    } catch (error) {
      throw new Error(`Cannot add the route ${method} ${path}: ${(error as Error).message}`, { cause: error })
    }
  }

  #enter(definition: RouteDefinition, app: App, host?: string | RegExp): void {
    const { method } = definition.routes[0]
    for (const pattern of definition.patterns) {
      const grow = (app: App): void => this.#tree.add({ method, path: pattern.treePath, app, host })
      this.#registry.claim({ definition, pattern, app: belowPattern(pattern, app) }, grow)
    }
  }
}

/** The method a POST is to be taken for, as Routes reads it; any other request is what it says. */
function chosenMethod({ method, queryString }: HttpRequest): string {
  if (method !== 'POST' || !queryString.includes('_method=')) return method
  return new URLSearchParams(queryString).get('_method')?.toUpperCase() ?? method
}

function routesBelow(base: string, app: App): Route[] {
  const routes = routesOf(app) ?? [{ method: ANY_METHOD, path: '/*', name: app.name }]
  return routes.map((route) => ({ ...route, path: base + route.path }))
}
