import type { App, HttpRequest } from '../app.ts'
import { parsePathExpression } from './path-expression.ts'
import { PathTable, type Mount } from './path-table.ts'

const DEFAULT_PORTS: Readonly<Record<string, string>> = { http: '80', https: '443' }

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
    const [name, port] = splitHost(request)
    return this.#hosts.get(`${name}:${port}`)?.find(path) ?? this.#hosts.get(name)?.find(path) ?? this.#anyHost.find(path)
  }

  #tableFor(host: string | null): PathTable {
    if (host === null) return this.#anyHost
    const table = this.#hosts.get(host) ?? new PathTable()
    this.#hosts.set(host, table)
    return table
  }
}

/** The host's name in lower case, and its port or the scheme's own; an IPv6 address keeps its brackets. */
function splitHost(request: HttpRequest): [name: string, port: string | undefined] {
  const host = request.host === '' ? addressOf(request) : request.host
  const end = host.lastIndexOf(':')
  const hasPort = end > host.lastIndexOf(']') && end !== host.length - 1
  return [(hasPort ? host.slice(0, end) : host.replace(/:$/, '')).toLowerCase(), hasPort ? host.slice(end + 1) : DEFAULT_PORTS[request.scheme]]
}

/** Who sends no Host (HTTP/1.0) asks for the address it connected to: WSGI's SERVER_NAME. */
function addressOf({ server: { address } }: HttpRequest): string {
  return address.includes(':') ? `[${address}]` : address
}
