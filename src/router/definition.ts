import { nearestName } from '../nearest.ts'
import { versionRange, type VersionRange } from './api-version.ts'
import type { VersionOptions } from './negotiation.ts'
import { readPaths, type PathPattern, type Requirements } from './path-pattern.ts'
import type { AnyHandler, Route, RouteOptions } from './route.ts'

/** A route as it is added. */
export interface NewRoute {
  readonly method: string
  readonly path: string
  readonly options: RouteOptions
  readonly handler: AnyHandler
}

/** What the router's options say of each of its routes. */
export interface RouteDefaults {
  readonly versions?: VersionOptions
  readonly requirements?: Requirements
  readonly optionalPrefix?: string
}

/** A route with what its definition was made into. */
export interface RouteDefinition {
  /** As it was added, and below the optional prefix. */
  readonly routes: readonly [Route, ...Route[]]
  readonly patterns: readonly PathPattern[]
  /** Undefined for a route of every version. */
  readonly range: VersionRange | undefined
  /** Made where the route was added; its stack is not written out before somebody asks. */
  readonly trace: Error
}

const OPTIONS: Readonly<Record<keyof RouteOptions, true>> = {
  name: true,
  requirements: true,
  host: true,
  versions: true,
  body: true,
  query: true,
  params: true,
  reply: true,
}

/** Throws Error saying what is wrong with the route. */
export function defineRoute({ method, path, options, handler }: NewRoute, defaults: RouteDefaults): RouteDefinition {
  if (typeof path !== 'string' || !path.startsWith('/')) throw new Error('a path starts with /.')
  if (typeof handler !== 'function') throw new Error('its handler is not a function.')
  checkNames(options)
  const range = rangeOf(options.versions, defaults.versions)
  const paths = defaults.optionalPrefix === undefined ? [] : [defaults.optionalPrefix + path]
  const route = { method, path, name: options.name ?? handler.name, ...columnsOf(options, range) }
  return {
    routes: [route, ...paths.map((path) => ({ ...route, path }))],
    patterns: readPaths([path, ...paths], options.requirements, defaults.requirements),
    range,
    trace: new Error('added here'),
  }
}

function checkNames(options: RouteOptions): void {
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(OPTIONS, name))
  if (unknown === undefined) return
  const nearest = nearestName(unknown, Object.keys(OPTIONS))
  throw new Error(`there is no option ${unknown}${nearest === undefined ? '' : `; did you mean "${nearest}"?`}`)
}

function rangeOf(versions: RouteOptions['versions'], spoken: VersionOptions | undefined): VersionRange | undefined {
  if (versions === undefined) return undefined
  if (spoken === undefined) throw new Error('it has versions, and the router has not.')
  const [first, last = spoken.max] = versions
  return versionRange(first, last)
}

function columnsOf({ requirements, host }: RouteOptions, range: VersionRange | undefined): Partial<Route> {
  const sources = Object.entries(requirements ?? {}).map(([name, regex]) => [name, typeof regex === 'string' ? regex : regex.source])
  return {
    ...(sources.length === 0 ? {} : { requirements: Object.fromEntries(sources) as Record<string, string> }),
    ...(host === undefined ? {} : { host: String(host) }),
    ...(range === undefined ? {} : { versions: [range.first.text, range.last.text] as const }),
  }
}
