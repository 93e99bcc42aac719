import { dirname } from 'node:path'
import type { IniFile, IniOption, IniSection } from '../config/ini.ts'
import { interpolate } from '../config/interpolation.ts'
import { nearestName } from '../nearest.ts'
import { ConfigError } from '../errors.ts'
import { Problems } from '../problems.ts'
import type { Place } from './uri.ts'

export type ConfMap = ReadonlyMap<string, string>

/** One INI file, loaded for one caller. */
export interface Scope {
  readonly ini: IniFile
  /** What relative paths in the file are relative to. */
  readonly directory: string
  /** `[DEFAULT]` after interpolation, `here`, `__file__`, and what the caller gives that the file does not define. */
  readonly defaults: ConfMap
  /** The same before interpolation. */
  readonly rawDefaults: ConfMap
  /** What is wrong with `[DEFAULT]`, whether or not anything uses it. */
  readonly problems: Problems
}

/** A value and where it stands. */
export interface Setting {
  readonly value: string
  readonly place: Place
  /** The line that each line of the value stands on. */
  readonly lines?: readonly number[]
}

/** What a section says, apart from what it inherits by `use`. */
export interface SectionConf {
  readonly globalConf: ConfMap
  /** What the section's own `set` options put into `globalConf`. */
  readonly additions: ConfMap
  readonly localConf: ReadonlyMap<string, Setting>
  /** Plain options that are not read, as they are global with another value. */
  readonly dropped: readonly Dropped[]
  /** What is wrong with settings that say nothing about what else the section refers to. */
  readonly problems: Problems
}

/** A setting that has no effect, and the global one that has. */
export interface Dropped extends Setting {
  readonly name: string
  readonly global: string
}

const NO_DEFAULTS: IniSection = { name: 'DEFAULT', line: 1, options: new Map() }

type Verb = 'set' | 'get' | 'plain'

/** An option, and what it is about. */
interface Entry {
  readonly verb: Verb
  readonly name: string
  readonly option: IniOption
}

/** `set X` and `get L`, with one space; `Set a` is an option like any other. */
const VERB = /^(set|get) (.*)$/s

/** Options that refer to something: when one cannot be read, nothing can be said of the section. */
const REFERENCE = /^(use|pipeline|next|filter-with|require|paste\..+)$/

/** What cannot be interpolated is among the scope's problems. */
export function openScope(ini: IniFile, caller: ConfMap): Scope {
  const section = defaultsOf(ini)
  const directory = dirname(ini.file)
  const given = new Map([...caller, ['here', directory], ['__file__', ini.file]])
  const literals = [...given].map(([key, value]) => [key, value.replaceAll('%', '%%')] as const)
  const rawDefaults = new Map([...literals, ...[...section.options.values()].map(({ key, value }) => [key, value] as const)])
  const problems = new Problems()
  const read = (option: IniOption): string => problems.try(() => interpolate(ini, section, option, rawDefaults)) ?? option.value
  const written = [...section.options.values()].map((option) => [option.key, read(option)] as const)
  return { ini, directory, rawDefaults, defaults: new Map([...given, ...written]), problems }
}

/**
 * The two dictionaries of a section. The caller's keys win over the file's defaults, and the section's `set` over both; a plain
 * option that `[DEFAULT]` has too is not read at all, as in PasteDeploy: only `set` overrides a default.
 * What cannot be interpolated, and `get` of what no one set, is among the section's problems; it is thrown as {@link ConfigError} when
 * the setting is one that refers to something.
 */
export function readSection(scope: Scope, section: IniSection, caller: ConfMap): SectionConf {
  const problems = new Problems()
  const entries = optionsOf(scope, section).map((option): Entry => ({ option, ...splitKey(option.key) }))
  const isDropped = ({ verb, name }: Entry): boolean => verb === 'plain' && scope.defaults.has(name)
  const settings = entries.filter((entry) => !isDropped(entry)).flatMap((entry) => readSetting(scope, section, entry, problems))
  const settingsOf = (verb: Verb): [string, Setting][] => settings.filter((it) => it.verb === verb).map((it) => [it.name, it.setting])
  const additions = new Map(settingsOf('set').map(([name, { value }]) => [name, value]))
  const globalConf = new Map([...scope.defaults, ...caller, ...additions])
  const gotten = settingsOf('get').map(([name, setting]) => [name, getGlobal(globalConf, name, setting, problems)] as const)
  const dropped = entries.filter(isDropped).flatMap(({ name, option }) => findDropped(scope, section, option, String(globalConf.get(name))))
  return { globalConf, additions, localConf: new Map([...settingsOf('plain'), ...gotten]), dropped, problems }
}

/** The names in a value, each with its place. */
export function splitSetting({ value, place, lines = [] }: Setting): Setting[] {
  return value.split('\n').flatMap((text, index) => {
    const line = lines[index] ?? place.line
    return text.split(/\s+/).filter(Boolean).map((name) => ({ value: name, place: { ...place, line, value: name } }))
  })
}

/** `set` and `get` in `[DEFAULT]` hold for every section that does not say otherwise, and for those of other files that are used from there. */
function optionsOf({ ini, rawDefaults }: Scope, section: IniSection): IniOption[] {
  const inherited = [...rawDefaults].filter(([key]) => VERB.test(key) && !section.options.has(key))
  const written = defaultsOf(ini).options
  return [...section.options.values(), ...inherited.map(([key, value]) => written.get(key) ?? { key, value, line: section.line, lines: [] })]
}

function splitKey(key: string): { verb: Verb; name: string } {
  const [, verb, name] = VERB.exec(key) ?? []
  return name === undefined ? { verb: 'plain', name: key } : { verb: verb as Verb, name: name.trim() }
}

/** One that cannot be read counts as it is written, so that it is there; but for `get`, which would be wrong twice. */
function readSetting(scope: Scope, section: IniSection, entry: Entry, problems: Problems): (Entry & { setting: Setting })[] {
  const { verb, name, option } = entry
  const value = problems.try(() => interpolate(scope.ini, section, option, scope.rawDefaults))
  if (value !== undefined) return [{ ...entry, setting: placed(scope, section, option, value) }]
  if (verb !== 'set' && REFERENCE.test(name)) problems.throwAny()
  return verb === 'get' ? [] : [{ ...entry, setting: placed(scope, section, option, option.value) }]
}

function placed({ ini }: Scope, section: IniSection, option: IniOption, value: string): Setting {
  const place = { file: ini.file, line: option.line, section: section.name, option: option.key, value }
  // What is interpolated may bring lines of its own.
  const isAsWritten = value.split('\n').length === option.value.split('\n').length
  return isAsWritten ? { value, place, lines: option.lines } : { value, place }
}

/** PasteDeploy does not even interpolate such an option, so what is wrong with it is no error. */
function findDropped(scope: Scope, section: IniSection, option: IniOption, global: string): Dropped[] {
  if (option.value === scope.rawDefaults.get(option.key) || option.value === global) return []
  return [{ name: option.key, global, ...placed(scope, section, option, option.value) }]
}

function defaultsOf(ini: IniFile): IniSection {
  return ini.sections.get('DEFAULT') ?? NO_DEFAULTS
}

function getGlobal(globalConf: ConfMap, name: string, { value: wanted, place }: Setting, problems: Problems): Setting {
  const value = globalConf.get(wanted)
  if (value !== undefined) return { value, place }
  const nearest = nearestName(wanted, globalConf.keys())
  problems.add(new ConfigError({ ...place, message: 'there is no global setting of this name', nearest }))
  if (REFERENCE.test(name)) problems.throwAny()
  return { value: wanted, place }
}
