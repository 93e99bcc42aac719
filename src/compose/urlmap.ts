import type { App, CompositeFactory } from '../app.ts'
import { HostTable } from './urlmap/host-table.ts'
import { mountingFactory } from './urlmap/mounting-factory.ts'
import { missMount } from './urlmap/not-found.ts'
import { collapseSlashes, enterMount } from './urlmap/path-table.ts'

/**
 * Sends each request to the app mounted at the longest matching prefix of its path, as Paste's urlmap does, and moves that prefix
 * from the path info to the script name. Apps mounted for the request's host and port come first, then those for its host, then
 * those for every host; a host whose mounts do not have the path hides nothing.
 */
export class URLMap {
  readonly #mounts = new HostTable()
  readonly #notFound: App

  /** `notFound` answers what no mount matches; without one it is a 404, which does not tell what is mounted. */
  constructor(notFound?: App) {
    this.#notFound = missMount(notFound)
  }

  /**
   * Mounts `app` at a path expression: `/v2`, `/v2/+`, `domain example.org port 8774 /v2`.
   * @throws ConfigError when the expression cannot be read.
   */
  add(expression: string, app: App): void {
    this.#mounts.add(expression, app)
  }

  readonly app: App = (request) => {
    const path = collapseSlashes(request.rawPathInfo)
    const mount = this.#mounts.find(request, path)
    return mount === undefined ? this.#notFound(request) : enterMount(request, path, mount)
  }
}

/**
 * Paste's urlmap. Every key but `not_found_app` is a path expression; its value names the app that is mounted there: a path, and before or
 * after it `domain NAME` and `port NUMBER`. `/v2` and `/v2/` are one place, the later app replaces the earlier. Options:
 *
 * - `not_found_app`: the app for everything else; default that of `[DEFAULT]`, else a 404.
 *
 * ```ini
 * [composite:compute]
 * use = egg:Paste#urlmap
 * / = versions
 * /v2.1 = compute_v21
 * domain admin.example.org port 8774 / = admin
 * ```
 *
 * Where it is not Paste's: domains match in any case, one with a port comes before the same without, an IPv6 address may be one, `%2F` in a
 * request is no `/`, a 404 names no mount, `OPTIONS *` is answered 204, and `/v2/+` is nova's.
 */
export const urlmapFactory: CompositeFactory = mountingFactory(URLMap)
