import type { App, HttpRequest } from '../../app.ts'
import { hostName, hostPort } from '../host.ts'
import { parsePathExpression } from './path-expression.ts'
import { PathTable, type Mount } from './path-table.ts'

/** The mounts of a URL map: a table of paths for each host and port, for each host, and for every host, looked at in that order. */
export class HostTable {
  readonly #anyHost = new PathTable()
  readonly #hosts = new Map<string, PathTable>()

  /**
   * Mounts `app` at a path expression.
   * @throws ConfigError when the expression cannot be read.
   */
  add(expression: string, app: App): void {
    const { host, path } = parsePathExpression(expression)
    this.#tableFor(host).add(path, app)
  }

  /** The mount for a raw path; one for the request's host, when it has the path, else one for every host. */
  find(request: HttpRequest, path: string): Mount | undefined {
    if (this.#hosts.size === 0) return this.#anyHost.find(path)
    const name = hostName(request).toLowerCase()
    return this.#hosts.get(`${name}:${hostPort(request)}`)?.find(path) ?? this.#hosts.get(name)?.find(path) ?? this.#anyHost.find(path)
  }

  #tableFor(host: string | null): PathTable {
    if (host === null) return this.#anyHost
    const table = this.#hosts.get(host) ?? new PathTable()
    this.#hosts.set(host, table)
    return table
  }
}
