import { chosenBy } from '../compose/choice.ts'
import type { ConfigProblem } from '../errors.ts'
import { Problems } from '../problems.ts'
import type { AppContext, Context, FactoryContext, FilterContext, Mount, Referrer } from './context.ts'
import { confOf } from './conf.ts'
import { gather } from './gather.ts'
import type { LoadableType } from './protocols.ts'
import type { References } from './section-context.ts'
import { splitSetting, type Setting } from './section-conf.ts'
import { matchSections } from './sections.ts'
import { refuseUrl } from './traps.ts'

type Resolver = Pick<References, 'resolve'>
type Entry = readonly [string, Setting]

/**
 * What a built-in composite mounts, looked up ahead: what is wrong with it is told with the rest, and before anything is imported.
 * Throws {@link ConfigError} with everything that is wrong.
 */
export function addMounts<C extends Context>(context: C, resolver: Resolver): C {
  if (context.form === 'filter-with') return { ...context, app: addMounts(context.app, resolver) }
  if (context.form !== 'factory' || context.factory.kind !== 'composite' || !context.factory.builtin) return context
  const settings = [...context.localConf]
  const chosen = chosenKey(context)
  const mounted = settings.filter((entry) => namesAnApp(entry) || entry[0] === chosen)
  const [mounts] = gather([
    () => gather(mounted.map((entry) => () => readMount(context, entry, resolver))),
    () => gather(settings.map(([key, setting]) => () => refuseUrl(key, setting))),
  ])
  return { ...context, mounts }
}

function chosenKey(context: FactoryContext): string | undefined {
  const { globalConf, localConf } = confOf(context)
  const { chooses } = context.factory
  return chooses === undefined ? undefined : chosenBy(chooses, globalConf, localConf)
}

/** What one setting of a composite seems to mount. */
export interface GuessedMount extends Mount {
  /** As it is written. */
  readonly value: string
  /** Why it cannot be looked up. */
  readonly problems: readonly ConfigProblem[]
}

/**
 * What a composite may mount. Its settings mean what its factory makes of them: that a path names an app is urlmap's
 * rule; that a list of section names whose last is an app is a pipeline, that of composites which choose one of several.
 */
export function guessMounts(composite: FactoryContext, resolver: Resolver): GuessedMount[] {
  // Whoever guesses goes on to what is mounted, and need not have it looked up twice.
  const shallow = { ...composite, site: { ...composite.site, mounts: false } }
  const mounts = [...composite.localConf].map((entry) => guessMount(shallow, entry, resolver))
  return mounts.filter(({ members, problems }) => members.length + problems.length > 0)
}

function guessMount(composite: FactoryContext, entry: Entry, resolver: Resolver): GuessedMount {
  const [key, { value, place }] = entry
  const problems = new Problems()
  const mount = problems.try(() => readMount(composite, entry, resolver)) ?? { key, place, members: [] }
  return { ...mount, value, problems: problems.list }
}

function readMount(composite: FactoryContext, [key, setting]: Entry, resolver: Resolver): Mount {
  const entry = [key, setting] as const
  if (namesAnApp(entry)) return readMembers(composite, entry, [setting], resolver)
  if (key !== chosenKey(composite)) return readMembers(composite, entry, namedSections(composite, setting), resolver)
  // Pipelines that are chosen are made with the file's global settings, not with what the composite `set`s.
  return readMembers({ ...composite, globalConf: new Map() }, entry, splitSetting(setting), resolver)
}

function readMembers(composite: FactoryContext, [key, setting]: Entry, members: readonly Setting[], resolver: Resolver): Mount {
  const resolveAt = (member: Setting, index: number): AppContext | FilterContext =>
    resolver.resolve(typeAt(index, members), member.value, referTo(composite, member))
  return { key, place: setting.place, members: gather(members.map((member, index) => () => resolveAt(member, index))) }
}

/** `not_found_app` is urlmap's own; empty it is none. */
function namesAnApp([key, { value }]: Entry): boolean {
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
