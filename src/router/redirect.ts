import type { App } from '../app.ts'
import { readPaths } from './path-pattern.ts'
import { fillPath } from './url.ts'

/**
 * An app that sends the client from `path` to `target`: a path of this router with the route's parameters in it, or one at another server.
 * Throws Error for a target that has parameters of its own.
 */
export function redirectTo(path: string, target: string, status: number): App {
  const [server = ''] = /^https?:\/\/[^/]+/.exec(target) ?? []
  const [pattern] = readPaths([target.slice(server.length) || '/'])
  const forms = readPaths([path])
  const unknown = pattern.names.find((name) => !forms.every(({ names }) => names.includes(name)))
  if (unknown !== undefined) throw new Error(`Cannot redirect ${path} to ${target}: the path has not always a parameter ${unknown}.`)
  return ({ params, queryString, rawScriptName }) => {
    const path = (server === '' ? rawScriptName : server) + fillPath(pattern, params)
    return { status, headers: { location: queryString === '' ? path : `${path}?${queryString}` } }
  }
}
