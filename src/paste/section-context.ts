import { nearestName } from '../nearest.ts'
import { ConfigError } from '../errors.ts'
import type { AppContext, ContextOf, FactoryContext, FilterContext, Named, Referrer } from './context.ts'
import type { ExportUse, FactoryReference } from './factories.ts'
import { inheritContext, refusePipelineSettings } from './inheritance.ts'
import { takeNeeded, takeSetting, type OpenSection } from './open-section.ts'
import { givenProtocols, protocolKeys, type LoadableType } from './protocols.ts'
import { splitSetting, type Setting } from './section-conf.ts'
import type { Place } from './uri.ts'

/** Finds out what is meant by what a section refers to. */
export interface References {
  /** A name or a URI. */
  resolve<T extends LoadableType>(type: T, text: string, from: Referrer): ContextOf<T>
  /** The `module:export` of a `paste.…_factory`. */
  moduleFactory<T extends LoadableType>(target: string, as: ExportUse<T>, place: Place): FactoryReference<T>
}

/** What an open section means. Throws {@link ConfigError} for what is wrong with it, or with what it refers to. */
export function readContext<T extends LoadableType>(type: T, open: OpenSection, references: References): ContextOf<T> {
  const wrapper = takeSetting(open, 'filter-with')
  const context = READERS[open.kind.form](type, open, references) as ContextOf<T>
  if (wrapper === undefined) return context
  return FILTER_WITH[type](references.resolve('filter', wrapper.value, refer(open, wrapper)), context, open)
}

type Reader = (type: LoadableType, open: OpenSection, references: References) => AppContext | FilterContext

const READERS: { readonly [F in OpenSection['kind']['form']]: Reader } = {
  factory: readFactory,

  /** The app is looked up before the filters. */
  pipeline(_type, open, references) {
    const setting = takeNeeded(open, 'pipeline')
    refusePipelineSettings(open.localConf)
    const members = splitSetting(setting)
    const last = members.pop()
    if (last === undefined) throw new ConfigError({ ...setting.place, message: `The [${setting.place.section}] pipeline is empty` })
    const app = references.resolve('app', last.value, refer(open, last))
    const filters = members.map((member) => references.resolve('filter', member.value, refer(open, member)))
    return { form: 'pipeline', ...nameOf(open), filters, app, globalConf: open.globalConf }
  },

  'filter-app'(_type, open, references) {
    const next = takeNeeded(open, 'next')
    const app = references.resolve('app', next.value, refer(open, next))
    return { form: 'filter-app', ...nameOf(open), filters: [readFactory('filter', open, references)], app }
  },
}

/** What `filter-with` makes of an app, and of a filter: the filter it names is the outer one. */
const FILTER_WITH: { readonly [T in LoadableType]: (filter: FilterContext, own: ContextOf<T>, open: OpenSection) => ContextOf<T> } = {
  app: (filter, app, open) => ({ form: 'filter-with', ...nameOf(open), filters: [filter], app }),
  filter: (filter, own, open) => ({ form: 'filters', ...nameOf(open), filters: [filter, own] }),
}

/** `use` comes before a factory of the section's own. */
function readFactory<T extends LoadableType>(type: T, open: OpenSection, references: References): ContextOf<T> {
  const use = takeSetting(open, 'use')
  if (use === undefined) return readExplicit(type, open, references) as ContextOf<T>
  return inheritContext(references.resolve(type, use.value, { ...refer(open, use), callKind: open.kind.callKind }), open)
}

function readExplicit<T extends LoadableType>(type: T, open: OpenSection, references: References): FactoryContext<T> {
  const { localConf, globalConf, site } = open
  const [given, ...others] = givenProtocols(type, (key) => localConf.get(key))
  if (given === undefined) throw noFactory(type, open)
  if (others.length > 0) throw manyFactories([given, ...others], site.place)
  localConf.delete(given.key)
  const { value: target, place } = given.value
  const factory = references.moduleFactory(target, { type, kind: given.kind }, place)
  return { form: 'factory', ...nameOf(open), factory, globalConf, localConf, site }
}

function noFactory(type: LoadableType, { site: { place }, localConf }: OpenSection): ConfigError {
  const keys = protocolKeys(type)
  const nearest = [...localConf.keys()].map((key) => nearestName(key, keys)).find((name) => name !== undefined)
  const expected = `use or ${keys.join(' or ')}`
  return new ConfigError({ ...place, message: `No loader given in section '${place.section}'`, expected, nearest })
}

function manyFactories(given: readonly { readonly key: string; readonly value: Setting }[], place: Place): ConfigError {
  const list = given.map(({ key, value }) => `('${key}', '${value.value}')`).join(', ')
  return new ConfigError({ ...place, message: `Multiple protocols given in section '${place.section}': [${list}]` })
}

function refer({ site, globalConf }: OpenSection, { place }: Setting): Referrer {
  return { site: { ...site, place }, caller: globalConf }
}

function nameOf({ name, file, line }: OpenSection): Named {
  return { name, file, line }
}
