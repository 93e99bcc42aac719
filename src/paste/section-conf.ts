import { dirname } from 'node:path'
import type { IniFile, IniOption, IniSection } from '../config/ini.ts'
import { interpolate } from '../config/interpolation.ts'
import { nearestName } from '../nearest.ts'
import { ConfigError } from '../errors.ts'
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
}

/** A value and where it stands. */
export interface Setting {
  readonly value: string
  readonly place: Place
}

/** What a section says, apart from what it inherits by `use`. */
export interface SectionConf {
  readonly globalConf: ConfMap
  /** What the section's own `set` options put into `globalConf`. */
  readonly additions: ConfMap
  readonly localConf: ReadonlyMap<string, Setting>
}

const NO_DEFAULTS: IniSection = { name: 'DEFAULT', line: 1, options: new Map() }

type Verb = 'set' | 'get' | 'plain'

/** `set X` and `get L`, with one space; `Set a` is an option like any other. */
const VERB = /^(set|get) (.*)$/s

/** Throws {@link ConfigError} when `[DEFAULT]` cannot be interpolated, whether or not anything uses it. */
export function openScope(ini: IniFile, caller: ConfMap): Scope {
  const section = defaultsOf(ini)
  const directory = dirname(ini.file)
  const given = new Map([...caller, ['here', directory], ['__file__', ini.file]])
  const literals = [...given].map(([key, value]) => [key, value.replaceAll('%', '%%')] as const)
  const rawDefaults = new Map([...literals, ...[...section.options.values()].map(({ key, value }) => [key, value] as const)])
  const written = [...section.options.values()].map((option) => [option.key, interpolate(ini, section, option, rawDefaults)] as const)
  return { ini, directory, rawDefaults, defaults: new Map([...given, ...written]) }
}

/**
 * The two dictionaries of a section. The caller's keys win over the file's defaults, and the section's `set` over both; a plain
 * option that `[DEFAULT]` has too is not read at all, as in PasteDeploy: only `set` overrides a default.
 * Throws {@link ConfigError} for `get` of what no one set.
 */
export function readSection(scope: Scope, section: IniSection, caller: ConfMap): SectionConf {
  const settings = optionsOf(scope, section)
    .map((option) => ({ option, ...splitKey(option.key) }))
    .filter(({ verb, name }) => verb !== 'plain' || !scope.defaults.has(name))
    .map(({ verb, name, option }) => ({ verb, name, setting: readSetting(scope, section, option) }))
  const settingsOf = (verb: Verb): [string, Setting][] => settings.filter((it) => it.verb === verb).map((it) => [it.name, it.setting])
  const additions = new Map(settingsOf('set').map(([name, { value }]) => [name, value]))
  const globalConf = new Map([...scope.defaults, ...caller, ...additions])
  const gotten = settingsOf('get').map(([name, setting]) => [name, getGlobal(globalConf, setting)] as const)
  return { globalConf, additions, localConf: new Map([...settingsOf('plain'), ...gotten]) }
}

/** The names in a value, each with its place. */
export function splitSetting({ value, place }: Setting): Setting[] {
  return value.split(/\s+/).filter(Boolean).map((name) => ({ value: name, place: { ...place, value: name } }))
}

/** `set` and `get` in `[DEFAULT]` hold for every section that does not say otherwise. */
function optionsOf(scope: Scope, section: IniSection): IniOption[] {
  const inherited = [...defaultsOf(scope.ini).options.values()].filter(({ key }) => !section.options.has(key))
  return [...section.options.values(), ...inherited]
}

function splitKey(key: string): { verb: Verb; name: string } {
  const [, verb, name] = VERB.exec(key) ?? []
  return name === undefined ? { verb: 'plain', name: key } : { verb: verb as Verb, name: name.trim() }
}

function readSetting(scope: Scope, section: IniSection, option: IniOption): Setting {
  const value = interpolate(scope.ini, section, option, scope.rawDefaults)
  return { value, place: { file: scope.ini.file, line: option.line, section: section.name, option: option.key, value } }
}

function defaultsOf(ini: IniFile): IniSection {
  return ini.sections.get('DEFAULT') ?? NO_DEFAULTS
}

function getGlobal(globalConf: ConfMap, { value: name, place }: Setting): Setting {
  const value = globalConf.get(name)
  if (value !== undefined) return { value, place }
  const nearest = nearestName(name, globalConf.keys())
  throw new ConfigError({ ...place, message: 'there is no global setting of this name', nearest })
}
