import type { App, HttpRequest } from '../app.ts'
import { HttpError } from '../errors.ts'
import type { PathPattern } from './path-pattern.ts'

/** Routes' name for a rest of the path that is the path of another app. */
const PATH_INFO = 'path_info'

/** The parameters of a mount's prefix, for the routers below it: known by its class, as every request asks whether there are some. */
class MountParams {
  readonly [name: string]: string

  constructor(params: HttpRequest['params']) {
    Object.assign(this, params)
  }
}

/** A router's parameters with those of the mounts above it, of which a route's own come first. */
export function joinParams(outer: HttpRequest['params'], own: HttpRequest['params']): HttpRequest['params'] {
  return outer instanceof MountParams ? Object.assign({}, outer, own) : own
}

function mountParams(params: HttpRequest['params']): HttpRequest['params'] {
  return Object.keys(params).length === 0 ? params : new MountParams(params)
}

/**
 * Fits `app` to a pattern that ends in a named rest, which find-my-way calls `*`. One called `path_info` becomes the path, and what is
 * before it goes to the script name, as in Routes. For any other pattern it is the app itself.
 */
export function belowPattern(pattern: PathPattern, app: App): App {
  const last = pattern.parts.at(-1)
  if (last?.kind !== 'rest' || last.name === '*') return app
  const segments = countSegments(pattern)
  const isPath = last.name === PATH_INFO
  return (request) => {
    const { '*': rest = '', ...params } = request.params
    if (rest === '' && last.regex === '.+') throw new HttpError(404, 'The resource could not be found.')
    request.params = isPath ? mountParams(params) : { ...params, [last.name]: rest }
    if (isPath) enter(request, endOf(request.rawPathInfo, segments))
    return app(request)
  }
}

/** Gives `app` the root, whatever the path is: all of it goes to the script name. */
export function atPath(app: App): App {
  return (request) => {
    request.params = mountParams(request.params)
    enter(request, request.rawPathInfo.length)
    return app(request)
  }
}

function enter(request: HttpRequest, end: number): void {
  const path = request.rawPathInfo
  request.rawScriptName += path.slice(0, end)
  request.rawPathInfo = path.slice(end)
}

/** The segments before the rest. */
function countSegments({ parts }: PathPattern): number {
  return parts.flatMap((part) => (part.kind === 'text' ? part.text.split('/').slice(1) : [])).length - 1
}

/** Where a path's first segments end. An encoded slash does not end one. */
function endOf(path: string, segments: number): number {
  let end = 0
  for (let passed = 0; passed < segments; passed++) end = path.indexOf('/', end + 1)
  return end
}
