import { nearestName } from '../nearest.ts'
import { ConfigError } from '../errors.ts'
import { FACTORY_TYPES, protocolKeys, TYPE_NAMES, type Builtin, type FactoryOf, type LoadableType } from './protocols.ts'
import type { Place } from './uri.ts'

/** What `egg:` finds without any package: `Paste#urlmap`, `millrace#request_id` and so on, each with its factory. */
export type BuiltinRegistry = ReadonlyMap<string, Builtin>

/** `egg:distribution#entry` */
export interface Egg {
  readonly distribution: string
  readonly entry: string
}

/**
 * The built-in factory of this type that an egg names; undefined when nothing of its distribution is built in.
 * Throws {@link ConfigError} when the distribution is, but has no such entry, or one of another type.
 */
export function findBuiltin<T extends LoadableType>(registry: BuiltinRegistry, egg: Egg, type: T, place: Place): FactoryOf<T> | undefined {
  const siblings = [...registry].map(([name, builtin]) => ({ ...readName(name), builtin })).filter((it) => isSame(it, egg))
  if (siblings.length === 0) return undefined
  const { builtin } = siblings.find(({ entry }) => entry === egg.entry) ?? {}
  if (builtin !== undefined && FACTORY_TYPES[builtin.kind] === type) return builtin as FactoryOf<T>
  const advice = builtin === undefined ? { nearest: nearestEgg(registry, egg) } : { expected: `${TYPE_NAMES[type]}, which this is not` }
  throw new ConfigError({ ...place, message: noEntryPoint(egg, type), ...advice })
}

/** The built-in name closest to this egg's, as it would be written. */
export function nearestEgg(registry: BuiltinRegistry, { distribution, entry }: Egg): string | undefined {
  return nearestName(`egg:${distribution}#${entry}`, [...registry.keys()].map((name) => `egg:${name}`))
}

export function noEntryPoint({ distribution, entry }: Egg, type: LoadableType): string {
  return `Entry point '${entry}' not found in egg '${distribution}' (protocols: ${protocolKeys(type).join(', ')})`
}

function readName(name: string): Egg {
  const hash = name.indexOf('#')
  return { distribution: name.slice(0, hash), entry: name.slice(hash + 1) }
}

/** Distribution names match as Python's do (PEP 503): in any case, and `-`, `_` and `.` alike. Entry names match exactly. */
function isSame(one: Egg, other: Egg): boolean {
  const [normal, otherNormal] = [one, other].map(({ distribution }) => distribution.toLowerCase().replaceAll(/[-_.]+/g, '-'))
  return normal === otherNormal
}
