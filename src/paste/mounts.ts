import type { AppContext, Context, FactoryContext, FilterContext, Mount, Referrer } from './context.ts'
import { gather } from './gather.ts'
import type { LoadableType } from './protocols.ts'
import type { References } from './section-context.ts'
import { splitSetting, type Setting } from './section-conf.ts'
import { matchSections } from './sections.ts'
import { refuseUrl } from './traps.ts'

type Resolver = Pick<References, 'resolve'>

/**
 * What a built-in composite mounts, looked up ahead: what is wrong with it is told with the rest, and before anything is imported.
 * Throws {@link ConfigError} with everything that is wrong.
 */
export function addMounts<C extends Context>(context: C, resolver: Resolver): C {
  if (context.form === 'filter-with') return { ...context, app: addMounts(context.app, resolver) }
  if (context.form !== 'factory' || context.factory.kind !== 'composite' || !context.factory.builtin) return context
  const settings = [...context.localConf]
  const [mounts] = gather([
    () => gather(settings.filter(namesAnApp).map((entry) => () => readMount(context, entry, resolver))),
    () => gather(settings.map(([key, setting]) => () => refuseUrl(key, setting))),
  ])
  return { ...context, mounts }
}

/**
 * What a composite of the application may mount. Its settings mean what its factory makes of them: that a path names an app is urlmap's
 * rule; that a list of section names whose last is an app is a pipeline, that of composites which choose one of several.
 * Throws {@link ConfigError} for a mount whose app is not there.
 */
export function guessMounts(composite: FactoryContext, resolver: Resolver): Mount[] {
  // Whoever guesses goes on to what is mounted, and need not have it looked up twice.
  const shallow = { ...composite, site: { ...composite.site, mounts: false } }
  return gather([...composite.localConf].map((entry) => () => readMount(shallow, entry, resolver))).filter(({ members }) => members.length > 0)
}

function readMount(composite: FactoryContext, [key, setting]: readonly [string, Setting], resolver: Resolver): Mount {
  const members = namesAnApp([key, setting]) ? [setting] : namedSections(composite, setting)
  const resolveAt = (member: Setting, index: number): AppContext | FilterContext =>
    resolver.resolve(typeAt(index, members), member.value, referTo(composite, member))
  return { key, place: setting.place, members: gather(members.map((member, index) => () => resolveAt(member, index))) }
}

/** `not_found_app` is urlmap's own; empty it is none. */
function namesAnApp([key, { value }]: readonly [string, Setting]): boolean {
  return key === 'not_found_app' ? value !== '' : key.split(/\s+/).some((token) => token.startsWith('/'))
}

/** The members of a pipeline, or none when any of them is not a section. */
function namedSections({ site }: FactoryContext, setting: Setting): Setting[] {
  const names = splitSetting(setting)
  return names.every(({ value }, index) => matchSections(typeAt(index, names), value, site.scope.ini).length > 0) ? names : []
}

function typeAt(index: number, members: readonly unknown[]): Exclude<LoadableType, 'server'> {
  return index === members.length - 1 ? 'app' : 'filter'
}

function referTo({ site, globalConf }: FactoryContext, { place }: Setting): Referrer {
  return { site: { ...site, place }, caller: globalConf }
}
