import type { App, CompositeFactory, HttpRequest } from '../app.ts'
import { HttpError } from '../errors.ts'
import { parsePathExpression } from './path-expression.ts'
import { collapseSlashes, enterMount, PathTable, type Mount } from './path-table.ts'

const DEFAULT_PORTS: Readonly<Record<string, string>> = { http: '80', https: '443' }

/**
 * Sends each request to the app mounted at the longest matching prefix of its path, as Paste's urlmap does, and moves that prefix
 * from the path info to the script name. Apps mounted for the request's host and port come first, then those for its host, then
 * those for every host.
 */
export class URLMap {
  readonly #anyHost = new PathTable()
  readonly #hosts = new Map<string, PathTable>()
  readonly #notFound: App

  /** `notFound` answers what no mount matches; without one it is a 404, which does not tell what is mounted. */
  constructor(notFound: App = refuse) {
    this.#notFound = notFound
  }

  /**
   * Mounts `app` at a path expression: `/v2`, `/v2/+`, `domain example.org port 8774 /v2`.
   * @throws ConfigError when the expression cannot be read.
   */
  add(expression: string, app: App): void {
    const { host, path } = parsePathExpression(expression)
    this.#tableFor(host).add(path, app)
  }

  readonly app: App = (request) => {
    const path = collapseSlashes(request.rawPathInfo)
    const mount = this.#hosts.size === 0 ? this.#anyHost.find(path) : this.#findByHost(request, path)
    return mount === undefined ? this.#miss(request) : enterMount(request, path, mount)
  }

  #tableFor(host: string | null): PathTable {
    if (host === null) return this.#anyHost
    const table = this.#hosts.get(host) ?? new PathTable()
    this.#hosts.set(host, table)
    return table
  }

  #findByHost(request: HttpRequest, path: string): Mount | undefined {
    const [name, port] = splitHost(request)
    return this.#hosts.get(`${name}:${port}`)?.find(path) ?? this.#hosts.get(name)?.find(path) ?? this.#anyHost.find(path)
  }

  /** `OPTIONS *` asks about the server, not about a resource (RFC 9110 §9.3.7); no mount can answer it. */
  #miss(request: HttpRequest): ReturnType<App> {
    return request.rawPathInfo === '*' ? { status: 204 } : this.#notFound(request)
  }
}

/** The host's name in lower case, and its port or the scheme's own; an IPv6 address keeps its brackets. */
function splitHost({ host, scheme }: HttpRequest): [name: string, port: string | undefined] {
  const end = host.lastIndexOf(':')
  const hasPort = end > host.lastIndexOf(']') && end !== host.length - 1
  return [(hasPort ? host.slice(0, end) : host.replace(/:$/, '')).toLowerCase(), hasPort ? host.slice(end + 1) : DEFAULT_PORTS[scheme]]
}

function refuse(): never {
  throw new HttpError(404, 'The resource could not be found.')
}

/**
 * `egg:Paste#urlmap`. `not_found_app` names the app for everything else, every other key is a path expression with the name of the
 * app mounted there.
 */
export const urlmapFactory: CompositeFactory = async (loader, globalConf, localConf) => {
  const { not_found_app: notFoundApp = globalConf['not_found_app'], ...mounts } = localConf
  const map = new URLMap(notFoundApp === undefined ? undefined : await loader.getApp(notFoundApp, globalConf))
  for (const [expression, name] of Object.entries(mounts)) map.add(expression, await loader.getApp(name, globalConf))
  return map.app
}
