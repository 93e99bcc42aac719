import type { App } from '../app.ts'
import { readPaths } from './path-pattern.ts'
import { fillPath } from './url.ts'

/** An app that sends the client to `target`: a path of this router with the route's parameters in it, or one at another server. */
export function redirectTo(target: string, status: number): App {
  const [server = ''] = /^https?:\/\/[^/]+/.exec(target) ?? []
  const [pattern] = readPaths([target.slice(server.length) || '/'])
  return ({ params, queryString, rawScriptName }) => {
    const path = (server === '' ? rawScriptName : server) + fillPath(pattern, params)
    return { status, headers: { location: queryString === '' ? path : `${path}?${queryString}` } }
  }
}
