import { nearestName } from '../nearest.ts'
import { ConfigError } from '../errors.ts'
import type { AppContext, Context, ContextOf, Described, FactoryContext, FilterContext, Referrer } from './context.ts'
import type { ExportUse, FactoryReference } from './factories.ts'
import { gather } from './gather.ts'
import { inheritContext, refusePipelineSettings } from './inheritance.ts'
import { takeSetting, type OpenSection } from './open-section.ts'
import { givenProtocols, protocolKeys, type LoadableType } from './protocols.ts'
import { splitSetting, type Setting } from './section-conf.ts'
import type { Place } from './uri.ts'
import type { Warnings } from './warnings.ts'

/** Finds out what is meant by what a section refers to. */
export interface References {
  /** A name or a URI. */
  resolve<T extends LoadableType>(type: T, text: string, from: Referrer): ContextOf<T>
  /** The `module:export` of a `paste.…_factory`. */
  moduleFactory<T extends LoadableType>(target: string, as: ExportUse<T>, place: Place): FactoryReference<T>
  /** Takes what is in vain. */
  readonly warnings: Warnings
}

/** What an open section means. Throws {@link ConfigError} for everything that is wrong with it, and with what it refers to. */
export function readContext<T extends LoadableType>(type: T, open: OpenSection, references: References): ContextOf<T> {
  const filterWith = FILTER_WITH[type]
  const wrapper = filterWith && takeSetting(open, 'filter-with')
  const read = (): ContextOf<T> => READERS[open.kind.form](type, open, references) as ContextOf<T>
  if (wrapper === undefined || filterWith === undefined) return read()
  const [context, filter] = gather([read, () => references.resolve('filter', wrapper.value, refer(open, wrapper))])
  return filterWith(filter, context, open)
}

type Reader = (type: LoadableType, open: OpenSection, references: References) => Context

const READERS: { readonly [F in OpenSection['kind']['form']]: Reader } = {
  factory: readFactory,

  /** The app is looked up before the filters. */
  pipeline(_type, open, references) {
    const [[app, ...filters]] = gather([() => readMembers(open, references), () => refusePipelineSettings(open.localConf)])
    return { form: 'pipeline', ...describe(open), filters, app }
  },

  'filter-app'(_type, open, references) {
    const next = takeSetting(open, 'next')
    const [app, filter] = gather([
      () => (next === undefined ? failMissing(open, 'next') : references.resolve('app', next.value, refer(open, next))),
      () => readFactory('filter', open, references),
    ])
    return { form: 'filter-app', ...describe(open), filters: [filter], app }
  },
}

type FilterWith<T extends LoadableType> = (filter: FilterContext, own: ContextOf<T>, open: OpenSection) => ContextOf<T>

/** What `filter-with` makes of an app, and of a filter: the filter it names is the outer one. To a server it is a setting like others. */
const FILTER_WITH: { readonly [T in LoadableType]: FilterWith<T> | undefined } = {
  app: (filter, app, open) => ({ form: 'filter-with', ...describe(open), filters: [filter], app }),
  filter: (filter, own, open) => ({ form: 'filters', ...describe(open), filters: [filter, own] }),
  server: undefined,
}

function readMembers(open: OpenSection, references: References): [app: AppContext, ...filters: FilterContext[]] {
  const setting = takeSetting(open, 'pipeline') ?? failMissing(open, 'pipeline')
  const members = splitSetting(setting)
  const app = members.pop()
  if (app === undefined) throw new ConfigError({ ...setting.place, message: `The [${setting.place.section}] pipeline is empty` })
  return gather([
    () => references.resolve('app', app.value, refer(open, app)),
    ...members.map((member) => () => references.resolve('filter', member.value, refer(open, member))),
  ])
}

function failMissing({ site: { place }, file }: OpenSection, key: string): never {
  throw new ConfigError({ ...place, message: `The [${place.section}] section in ${file} is missing a '${key}' setting` })
}

/** `use` comes before a factory of the section's own. */
function readFactory<T extends LoadableType>(type: T, open: OpenSection, references: References): ContextOf<T> {
  const use = takeSetting(open, 'use')
  if (use === undefined) return readExplicit(type, open, references) as Context as ContextOf<T>
  return inheritContext(references.resolve(type, use.value, { ...refer(open, use), callKind: open.kind.callKind }), open, references.warnings)
}

function readExplicit<T extends LoadableType>(type: T, open: OpenSection, references: References): FactoryContext<T> {
  const { localConf, site } = open
  const [given, ...others] = givenProtocols(type, (key) => localConf.get(key))
  if (given === undefined) throw noFactory(type, open)
  if (others.length > 0) throw manyFactories([given, ...others], site.place)
  localConf.delete(given.key)
  const { value: target, place } = given.value
  const factory = references.moduleFactory(target, { type, kind: given.kind }, place)
  return { form: 'factory', ...describe(open), factory, site }
}

function noFactory(type: LoadableType, { site: { place }, localConf }: OpenSection): ConfigError {
  const keys = protocolKeys(type)
  const nearest = [...localConf.keys()].map((key) => nearestName(key, ['use', ...keys])).find((name) => name !== undefined)
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

function describe({ name, file, line, globalConf, localConf }: OpenSection): Described {
  return { name, file, line, globalConf, localConf }
}
