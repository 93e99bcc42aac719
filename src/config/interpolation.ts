import { ConfigError } from '../errors.ts'
import type { IniFile, IniOption, IniSection } from './ini.ts'
import { nearestName } from '../nearest.ts'

/** As deep as Python's configparser goes. */
const MAX_DEPTH = 10
/** `%%`, a reference, or a `%` that is neither. */
const PERCENT = /%(%|\(([^)]+)\)s|)/g

/**
 * The option's value with each `%(name)s` replaced: by the section's own raw value of that name, else by that of `defaults`, itself
 * interpolated, ten levels deep at most. `%%` stands for `%`.
 * Throws {@link ConfigError} for any other `%`, for a name nobody defines, and for references that go too deep (or round in a circle).
 */
export function interpolate(ini: IniFile, section: IniSection, option: IniOption, defaults: ReadonlyMap<string, string>): string {
  const fail = (message: string, nearest?: string): never => {
    const { file } = ini
    const home = section.options.has(option.key) ? section.name : 'DEFAULT'
    throw new ConfigError({ file, line: option.line, section: home, option: option.key, value: option.value, message, nearest })
  }
  const lookup = (name: string): string => section.options.get(name)?.value ?? defaults.get(name) ?? failMissing(name)
  const failMissing = (name: string): never =>
    fail(`%(${name})s is not defined, neither here nor in [DEFAULT]`, nearestName(name, [...section.options.keys(), ...defaults.keys()]))
  const expand = (raw: string, depth: number): string => {
    if (!raw.includes('%')) return raw
    if (depth > MAX_DEPTH) return fail(`references go more than ${MAX_DEPTH} levels deep`)
    return raw.replace(PERCENT, (_, escape: string, name: string | undefined) => {
      if (escape === '%') return '%'
      return name === undefined ? fail('"%" must be followed by "%" or "(name)s"') : expand(lookup(name), depth + 1)
    })
  }
  return expand(option.value, 1)
}
