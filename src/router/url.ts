import type { HttpRequest } from '../app.ts'
import type { PathPattern } from './path-pattern.ts'
import type { Parameter } from './path-syntax.ts'

/** Values for a path's parameters. */
export type UrlParams = Readonly<Record<string, string | number>>

type QueryValue = string | number | boolean

export interface UrlOptions {
  /** After the `?`. A list makes a parameter of each; undefined makes none. */
  readonly query?: Readonly<Record<string, QueryValue | readonly QueryValue[] | undefined>>
  /** What was mounted before this router when the request came is put in front of the path. */
  readonly request?: HttpRequest
  /** With scheme and host; they are the request's. Default false. */
  readonly absolute?: boolean
}

/** The URL of a route: of its forms, the one that has the parameters given. Throws Error naming what is missing, too much or not allowed. */
export function makeUrl(patterns: readonly PathPattern[], params: UrlParams, { query = {}, request, absolute = false }: UrlOptions): string {
  const path = fillPath(choosePattern(patterns, Object.keys(params).filter((name) => params[name] !== undefined)), params)
  const search = searchOf(query)
  if (!absolute) return (request?.rawScriptName ?? '') + path + search
  if (request === undefined) throw new Error('an absolute URL takes its host from a request, and none is given.')
  return `${request.scheme}://${request.host}${request.rawScriptName}${path}${search}`
}

function choosePattern(patterns: readonly PathPattern[], given: readonly string[]): PathPattern {
  const possible = patterns.filter(({ names }) => names.every((name) => given.includes(name)))
  const [enough] = possible.toSorted((a, b) => b.names.length - a.names.length)
  if (enough === undefined) {
    const missing = [...new Set(patterns.flatMap(({ names }) => names))].filter((name) => !given.includes(name))
    const needed = missing.filter((name) => patterns.every(({ names }) => names.includes(name)))
    throw new Error(`the parameter ${needed.concat(missing)[0]} is missing.`)
  }
  const unknown = given.find((name) => !enough.names.includes(name))
  if (unknown !== undefined) throw new Error(`the path has no parameter ${unknown}.`)
  return enough
}

/** A path with its parameters percent-encoded (RFC 3986 §3.3). */
export function fillPath({ parts }: PathPattern, params: UrlParams): string {
  return parts.map((part) => (part.kind === 'text' ? encodeURI(part.text) : fill(part, String(params[part.name])))).join('')
}

function fill({ kind, name, regex = kind === 'rest' ? '.*' : '.+' }: Parameter, value: string): string {
  if (!new RegExp(`^(?:${regex})$`, 's').test(value)) throw new Error(`the parameter ${name} is "${value}", which does not match ${regex}.`)
  if (value === '.' || value === '..') throw new Error(`the parameter ${name} is "${value}", which clients take out of a path (RFC 3986 §5.2.4).`)
  return kind === 'rest' ? value.split('/').map(encodeURIComponent).join('/') : encodeURIComponent(value)
}

function searchOf(query: NonNullable<UrlOptions['query']>): string {
  const pairs = Object.entries(query).flatMap(([name, value]) => [value ?? []].flat().map((each): [string, string] => [name, String(each)]))
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs).toString()}`
}
