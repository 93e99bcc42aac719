import type { IniFile, IniSection } from '../config/ini.ts'
import { nearestName } from '../nearest.ts'
import { ConfigError } from '../errors.ts'
import { TYPE_NAMES, type FactoryKind, type LoadableType } from './protocols.ts'
import type { Place } from './uri.ts'

/** What a section's prefix says about it. */
export interface SectionKind<T extends LoadableType = LoadableType> {
  /** Aliases: the first that matches hides the others. */
  readonly prefixes: readonly string[]
  /** How the section is read. */
  readonly form: 'factory' | 'pipeline' | 'filter-app'
  /** What `use = call:…` names in such a section. */
  readonly callKind: FactoryKind
  readonly type: T
}

export interface FoundSection {
  readonly kind: SectionKind
  readonly section: IniSection
  /** The section's name without its prefix. */
  readonly title: string
}

/** Sections with another prefix are parsed and left alone. */
const SECTION_KINDS: { readonly [T in LoadableType]: readonly SectionKind<T>[] } = {
  app: [
    { prefixes: ['app', 'application'], form: 'factory', callKind: 'app', type: 'app' },
    { prefixes: ['composite', 'composit'], form: 'factory', callKind: 'composite', type: 'app' },
    { prefixes: ['pipeline'], form: 'pipeline', callKind: 'app', type: 'app' },
    { prefixes: ['filter-app'], form: 'filter-app', callKind: 'filter_app', type: 'app' },
  ],
  filter: [{ prefixes: ['filter'], form: 'factory', callKind: 'filter', type: 'filter' }],
  server: [{ prefixes: ['server'], form: 'factory', callKind: 'server', type: 'server' }],
}

/** The one section of this type and name. Throws {@link ConfigError} when there is none, or more than one. */
export function findSection(type: LoadableType, name: string, ini: IniFile, place: Place): FoundSection {
  const [found, ...others] = matchSections(type, name, ini)
  const prefixes = SECTION_KINDS[type].flatMap((kind) => kind.prefixes)
  const where = `section '${name}' (prefixed by ${prefixes.map((prefix) => `'${prefix}'`).join(' or ')}) found in config ${ini.file}`
  if (found === undefined) throw new ConfigError({ ...place, message: `No ${where}`, ...adviseOn(type, name, ini) })
  const [second] = others
  if (second !== undefined) {
    const names = [found, ...others].map(({ section }) => `'${section.name}'`).join(', ')
    throw new ConfigError({ ...place, line: place.line ?? second.section.line, message: `Ambiguous section names [${names}] for ${where}` })
  }
  return found
}

/** Every section of this type and name. A bare prefix, `[app]`, counts as `main` where nothing else is. */
export function matchSections(type: LoadableType, name: string, ini: IniFile): FoundSection[] {
  const found = matchAliases(type, (kind, prefix) => titled(kind, prefix, name, ini))
  return found.length > 0 || name !== 'main' ? found : matchAliases(type, (kind, prefix) => bare(kind, prefix, ini))
}

/** Of each kind's aliases the first that matches hides the others. */
function matchAliases(type: LoadableType, match: (kind: SectionKind, prefix: string) => FoundSection[]): FoundSection[] {
  return SECTION_KINDS[type].flatMap((kind) => {
    const matches = kind.prefixes.map((prefix) => match(kind, prefix))
    return matches.find((sections) => sections.length > 0) ?? []
  })
}

function titled(kind: SectionKind, prefix: string, title: string, ini: IniFile): FoundSection[] {
  return (indexOf(ini).get(`${prefix}:${title}`) ?? []).map((section) => ({ kind, section, title }))
}

function bare(kind: SectionKind, prefix: string, ini: IniFile): FoundSection[] {
  const section = ini.sections.get(prefix)
  return section === undefined ? [] : [{ kind, section, title: 'main' }]
}

/** Sections by prefix and title: one file is looked into for each reference in it. */
const indexes = new WeakMap<IniFile, ReadonlyMap<string, readonly IniSection[]>>()

function indexOf(ini: IniFile): ReadonlyMap<string, readonly IniSection[]> {
  const known = indexes.get(ini)
  if (known !== undefined) return known
  const index = new Map<string, IniSection[]>()
  for (const section of ini.sections.values()) {
    const name = normalName(section.name)
    index.set(name, [...(index.get(name) ?? []), section])
  }
  indexes.set(ini, index)
  return index
}

function normalName(name: string): string {
  const { prefix, title } = splitName(name)
  return title === undefined ? prefix : `${prefix}:${title}`
}

/** The first colon ends the prefix; there is no title without one. */
function splitName(name: string): { readonly prefix: string; readonly title: string | undefined } {
  const colon = name.indexOf(':')
  return colon === -1 ? { prefix: name, title: undefined } : { prefix: name.slice(0, colon), title: name.slice(colon + 1).trim() }
}

/** What would be right instead: a name close to this one, or a section of this name that is something else. */
export function adviseOn(type: LoadableType, name: string, ini: IniFile): { nearest?: string | undefined; expected?: string } {
  const prefixes = SECTION_KINDS[type].flatMap((kind) => kind.prefixes)
  const names = [...ini.sections.keys()].map((section) => ({ section, ...splitName(section) }))
  const nearest = nearestName(name, names.filter(({ prefix }) => prefixes.includes(prefix)).map(({ title = 'main' }) => title))
  const namesake = names.find(({ title }) => title === name)?.section
  return namesake === undefined ? { nearest } : { nearest, expected: `${TYPE_NAMES[type]}, which [${namesake}] is not` }
}
