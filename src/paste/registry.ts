import { nearestName } from '../nearest.ts'
import type { Choice } from '../compose/choice.ts'
import { ConfigError } from '../errors.ts'
import { FACTORY_TYPES, protocolKeys, TYPE_NAMES, type Builtin, type KindOf, type LoadableType } from './protocols.ts'
import type { Place } from './uri.ts'

/** A factory and what INI files call it. */
export type BuiltinRow = Builtin & {
  /** Entry points of distributions, `millrace#cors`, and functions of Python modules, `oslo_middleware:CORS.factory`. */
  readonly names: readonly string[]
  /** How a composite chooses the one of its settings that is the pipeline it makes. */
  readonly chooses?: Choice
}

/** Those of one type. */
export type RowOf<T extends LoadableType> = BuiltinRow & { readonly kind: KindOf<T> }

/** What files find without any package. One name may stand for factories of different types. */
export type BuiltinRegistry = readonly BuiltinRow[]

/** `egg:distribution#entry` */
export interface Egg {
  readonly distribution: string
  readonly entry: string
}

/**
 * The built-in factory of this type that an egg names; undefined when nothing of its distribution is built in.
 * Throws {@link ConfigError} when the distribution is, but has no such entry, or one of another type.
 */
export function findBuiltin<T extends LoadableType>(registry: BuiltinRegistry, egg: Egg, type: T, place: Place): RowOf<T> | undefined {
  const siblings = registry.flatMap((builtin) => builtin.names.map((name) => ({ ...readName(name), builtin }))).filter((it) => isSame(it, egg))
  if (siblings.length === 0) return undefined
  const namesakes = siblings.filter(({ entry }) => entry === egg.entry).map(({ builtin }) => builtin)
  const found = namesakes.find(({ kind }) => FACTORY_TYPES[kind] === type)
  if (found !== undefined) return found
  const nearest = nearestName(egg.entry, siblings.map(({ entry }) => entry))
  const near = nearest === undefined ? undefined : `egg:${egg.distribution}#${nearest}`
  const advice = namesakes.length === 0 ? { nearest: near } : { expected: `${TYPE_NAMES[type]}, which this is not` }
  throw new ConfigError({ ...place, message: noEntryPoint(egg, type), ...advice })
}

/** The built-in factory of this type that stands for a function of a Python module. */
export function findPythonName<T extends LoadableType>(registry: BuiltinRegistry, target: string, type: T): RowOf<T> | undefined {
  const name = target.replace(/\s*:\s*/, ':')
  const found = registry.find(({ names, kind }) => FACTORY_TYPES[kind] === type && names.includes(name))
  return found
}

/** The name closest to this egg's of what is built in and of this type, in a distribution that may be meant; as it would be written. */
export function nearestEgg(registry: BuiltinRegistry, { distribution, entry }: Egg, type: LoadableType): string | undefined {
  const isNear = (name: string): boolean => nearestName(distribution, [readName(name).distribution]) !== undefined
  const eggs = namesOf(registry, type).filter((name) => name.includes('#') && isNear(name))
  return nearestName(`egg:${distribution}#${entry}`, eggs.map((name) => `egg:${name}`))
}

/** The function of a Python module closest to this one, of those that something built in of this type stands for. */
export function nearestPythonName(registry: BuiltinRegistry, target: string, type: LoadableType): string | undefined {
  return nearestName(target, namesOf(registry, type).filter((name) => !name.includes('#')))
}

export function noEntryPoint({ distribution, entry }: Egg, type: LoadableType): string {
  return `Entry point '${entry}' not found in egg '${distribution}' (protocols: ${protocolKeys(type).join(', ')})`
}

function namesOf(registry: BuiltinRegistry, type: LoadableType): string[] {
  return registry.filter(({ kind }) => FACTORY_TYPES[kind] === type).flatMap(({ names }) => names)
}

function readName(name: string): Egg {
  const [distribution = '', entry = ''] = name.split('#')
  return { distribution, entry }
}

/** Distribution names match as Python's do (PEP 503): in any case, and `-`, `_` and `.` alike. Entry names match exactly. */
function isSame(one: Egg, other: Egg): boolean {
  const [normal, otherNormal] = [one, other].map(({ distribution }) => distribution.toLowerCase().replaceAll(/[-_.]+/g, '-'))
  return normal === otherNormal
}
