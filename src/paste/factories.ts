import type { Choice } from '../compose/choice.ts'
import { ConfigError } from '../errors.ts'
import { getFunction, getMember, importFunction, importModule, type Callable } from './module-export.ts'
import { givenProtocols, type FactoryOf, type KindOf, type LoadableType } from './protocols.ts'
import { findBuiltin, findPythonName, nearestEgg, nearestPythonName, noEntryPoint, type BuiltinRegistry, type Egg, type RowOf } from './registry.ts'
import type { Place } from './uri.ts'

/** A factory that is known by name; nothing is imported until it is loaded. */
export interface FactoryReference<T extends LoadableType = LoadableType> {
  /** As it is written: `egg:Paste#urlmap`, `./app.js:factory`. */
  readonly text: string
  /** How it will be called, as far as that is known before it is loaded. */
  readonly kind: KindOf<T>
  readonly place: Place
  /** True when it comes with Millrace, so that what it does with its settings is known. */
  readonly builtin: boolean
  /** Which setting of a built-in composite is the pipeline that it will make. */
  readonly chooses?: Choice | undefined
  /** Throws {@link ConfigError} when it cannot be imported or is not a factory of this type. */
  readonly load: () => Promise<FactoryOf<T>>
}

/** `module:export`: what stands for a Python function of that name, else the export of a module, called as `as` says. */
export function moduleFactory<T extends LoadableType>(
  registry: BuiltinRegistry,
  target: string,
  as: ExportUse<T>,
  place: Place,
): FactoryReference<T> {
  const builtin = findPythonName(registry, target, as.type)
  if (builtin !== undefined) return builtinFactory(target, builtin, place)
  const load = async (): Promise<FactoryOf<T>> => {
    // A path is near to the name of no Python module.
    const nearest = target.includes('/') ? undefined : nearestPythonName(registry, target, as.type)
    return asFactory<T>(as.kind, await importFunction(target, { ...place, nearest }))
  }
  return { text: target, kind: as.kind, place, builtin: false, load }
}

/**
 * `egg:distribution#entry`: one of the built-in ones, else an export of the npm package of that name (`default` for `main`), either a
 * function that is called as `kind` says, or an object of factories by protocol, `{ 'paste.app_factory': … }`.
 */
export function eggFactory<T extends LoadableType>(
  registry: BuiltinRegistry,
  egg: Egg,
  as: ExportUse<T>,
  place: Place,
): FactoryReference<T> {
  const text = `egg:${egg.distribution}#${egg.entry}`
  const builtin = findBuiltin(registry, egg, as.type, place)
  if (builtin !== undefined) return builtinFactory(text, builtin, place)
  const nearest = nearestEgg(registry, egg, as.type)
  return { text, kind: as.kind, place, builtin: false, load: () => importEntryPoint(egg, as, { ...place, nearest }) }
}

function builtinFactory<T extends LoadableType>(text: string, row: RowOf<T>, place: Place): FactoryReference<T> {
  return { text, kind: row.kind, place, builtin: true, chooses: row.chooses, load: () => Promise.resolve(row as unknown as FactoryOf<T>) }
}

/** What an export is taken for. */
export interface ExportUse<T extends LoadableType> {
  readonly type: T
  readonly kind: KindOf<T>
}

async function importEntryPoint<T extends LoadableType>(egg: Egg, as: ExportUse<T>, place: Place): Promise<FactoryOf<T>> {
  const module = await importModule(egg.distribution, place)
  const name = egg.entry === 'main' ? 'default' : egg.entry
  const entry: unknown = (module as Record<string, unknown>)[name]
  if (typeof entry !== 'object' || entry === null) return asFactory<T>(as.kind, getFunction(module, name, place))
  const [protocol, ...others] = givenProtocols(as.type, (key) => (entry as Record<string, unknown>)[key])
  if (protocol === undefined) throw new ConfigError({ ...place, message: noEntryPoint(egg, as.type) })
  if (others.length > 0) {
    throw new ConfigError({ ...place, message: `Ambiguous entry points for '${egg.entry}' in egg '${egg.distribution}'` })
  }
  return asFactory<T>(protocol.kind, getMember(entry, protocol.key, place))
}

/** That a function takes what its protocol gives cannot be seen from outside. */
function asFactory<T extends LoadableType>(kind: KindOf<T>, factory: Callable): FactoryOf<T> {
  return { kind, factory } as unknown as FactoryOf<T>
}
