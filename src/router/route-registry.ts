import { fileURLToPath } from 'node:url'
import type { App, HttpRequest } from '../app.ts'
import { HttpError } from '../errors.ts'
import { nearestName } from '../nearest.ts'
import { includes, overlap, versionOf } from './api-version.ts'
import type { RouteDefinition } from './definition.ts'
import type { PathPattern } from './path-pattern.ts'

/** A definition by one of its patterns. */
export interface Variant {
  readonly definition: RouteDefinition
  readonly pattern: PathPattern
  readonly app: App
}

/** This folder, whose functions add routes for others. */
const OURS = fileURLToPath(new URL('.', import.meta.url))

/** Knows every definition, so that no two of them mean the same. */
export class RouteRegistry {
  readonly #variants = new Map<string, Variant[]>()
  readonly #names = new Map<string, RouteDefinition>()

  /**
   * Takes the variant's pattern. `grow` puts what it gets into the route tree; where the route of another version is there already, that
   * one answers for both.
   * @throws Error naming the other definition where they cannot both be, and what `grow` throws.
   */
  claim(variant: Variant, grow: (app: App) => void): void {
    const { definition, pattern, app } = variant
    const { method, host } = definition.routes[0]
    const key = JSON.stringify([method, host, pattern.key])
    const variants = this.#variants.get(key) ?? []
    for (const other of variants) checkConflict(variant, other)
    if (variants.length === 0) grow(definition.range === undefined ? app : chooseByVersion(variants))
    variants.push(variant)
    this.#variants.set(key, variants)
  }

  /** Gives a definition its name. Throws Error when a route of another path has it. */
  name(definition: RouteDefinition, name: string): void {
    const other = this.#names.get(name)
    if (other === undefined) this.#names.set(name, definition)
    else if (other.routes[0].path !== definition.routes[0].path) throw conflict(`there is such a name already: ${name}`, definition, other)
  }

  /** Throws Error naming the nearest name for one that nobody has. */
  named(name: string): RouteDefinition {
    const definition = this.#names.get(name)
    if (definition !== undefined) return definition
    const nearest = nearestName(name, this.#names.keys())
    throw new Error(`there is no route of that name${nearest === undefined ? '' : `; did you mean "${nearest}"?`}`)
  }
}

function checkConflict(added: Variant, other: Variant): void {
  const [a, b] = [added.definition, other.definition]
  if (a.range === undefined || b.range === undefined) {
    if (withoutNames(added.pattern) === withoutNames(other.pattern)) throw conflict('there is such a route already', a, b)
    throw conflict('only its requirements tell it from another, which the route tree cannot', a, b)
  }
  if (added.pattern.treePath !== other.pattern.treePath) throw conflict('its parameters have other names or requirements in another version', a, b)
  if (overlap(a.range, b.range)) throw conflict('another has some of its versions', a, b)
}

function withoutNames({ parts }: PathPattern): string {
  return JSON.stringify(parts.map((part) => (part.kind === 'text' ? part.text : [part.kind, part.kind === 'rest' ? '' : part.regex])))
}

function conflict(reason: string, added: RouteDefinition, other: RouteDefinition): Error {
  return new Error(`${reason}. This is ${describe(added)}; the other is ${describe(other)}.`)
}

function describe({ routes: [{ method, path, name, versions }], trace }: RouteDefinition): string {
  const known = name === '' ? '' : ` "${name}"`
  return `${method} ${path}${known}${versions === undefined ? '' : ` of ${versions.join(' to ')}`}, added at ${placeOf(trace)}`
}

/** `file:line:column` of the first function that is not the router's own. */
function placeOf({ stack = '' }: Error): string {
  const frame = stack.split('\n').find((line) => /^\s*at /.test(line) && !line.includes(OURS))
  return frame?.replace(/^.*\(|^\s*at (?:async )?|\)$/g, '').replace(/^file:\/\//, '') ?? 'an unknown place'
}

/** nova answers 404 for a method that is there in other versions only. */
function chooseByVersion(variants: readonly Variant[]): App {
  return (request: HttpRequest) => {
    const version = versionOf(request)
    const variant = variants.find(({ definition: { range } }) => range !== undefined && includes(range, version))
    if (variant === undefined) throw new HttpError(404, `The resource could not be found in API version ${version.text}.`)
    return variant.app(request)
  }
}
