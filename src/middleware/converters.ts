import type { Conf } from '../app.ts'
import { ConfigError } from '../errors.ts'
import { isToken } from '../is-token.ts'
import { nearestName } from '../nearest.ts'
import { isNetwork, Networks } from '../networks.ts'
import { Problems } from '../problems.ts'

/** Reads one value of a section. `option` is its key, for the error. Throws ConfigError. */
export type Converter<T> = (value: string, option: string) => T

/** What a filter reads from its section: each key with its converter and the value it has when the section does not name it. */
export type OptionTable<T> = { readonly [K in keyof T]: readonly [convert: Converter<T[K]>, fallback: T[K]] }

const TRUE = ['true', 'yes', 'on', 'y', 't', '1']
const FALSE = ['false', 'no', 'off', 'n', 'f', '0']

/** Where oslo.middleware would look for options that its filters take from elsewhere; here the section says them all. */
const OSLO_CONFIG = ['oslo_config_project', 'oslo_config_program', 'oslo_config_file']

/**
 * Reads a section's own keys by a table.
 * @throws ConfigError for each key the table does not have, and each value its converter refuses.
 */
export function readOptions<T extends object>(localConf: Conf, table: OptionTable<T>): T {
  const names = Object.keys(table)
  const problems = new Problems()
  for (const name of Object.keys(localConf)) {
    if (!names.includes(name) && !OSLO_CONFIG.includes(name)) problems.add(unknownOption(name, names))
  }
  const options = Object.entries<readonly [Converter<unknown>, unknown]>(table).map(([name, [convert, fallback]]) => {
    const value = localConf[name]
    return [name, value === undefined ? fallback : problems.try(() => convert(value, name))]
  })
  problems.throwAny()
  return Object.fromEntries(options) as T
}

function unknownOption(option: string, names: readonly string[]): ConfigError {
  const expected = names.length === 0 ? 'no options' : `one of ${names.join(', ')}`
  return new ConfigError({ message: 'there is no such option', option, expected, nearest: nearestName(option, names) })
}

/** PasteDeploy's `asbool`: true, yes, on, y, t, 1, or false, no, off, n, f, 0, in any case. */
export function asBool(value: string, option: string): boolean {
  const word = value.trim().toLowerCase()
  if (TRUE.includes(word)) return true
  if (FALSE.includes(word)) return false
  throw new ConfigError({ message: 'is not a boolean', option, value, expected: [...TRUE, ...FALSE].join(', ') })
}

/** PasteDeploy's `asint`. */
export function asInt(value: string, option: string): number {
  if (!/^\s*[+-]?\d+\s*$/.test(value)) throw new ConfigError({ message: 'is not an integer', option, value, expected: 'digits' })
  return Number(value)
}

/** An integer from 0 up: sizes, seconds. */
export const asCount: Converter<number> = asIntFrom(0)

/** An integer from `least` up, to `most` if there is one. */
export function asIntFrom(least: number, most: number = Infinity): Converter<number> {
  return (value, option) => {
    const number = asInt(value, option)
    if (number >= least && number <= most) return number
    throw new ConfigError({ message: 'is out of range', option, value, expected: most === Infinity ? `${least} or more` : `${least} to ${most}` })
  }
}

/** A list, split at white space (PasteDeploy's `aslist`) and at commas (oslo.config's lists). */
export function asList(value: string): string[] {
  return value.split(/[\s,]+/).filter(Boolean)
}

/** A list of what `convert` reads. */
export function asListOf<T>(convert: Converter<T>): Converter<T[]> {
  return (value, option) => asList(value).map((item) => convert(item, option))
}

/** A list of addresses and networks, and `unix`. */
export function asNetworks(value: string, option: string): Networks {
  return new Networks(asListOf(asNetwork)(value, option))
}

function asNetwork(value: string, option: string): string {
  if (isNetwork(value)) return value
  throw new ConfigError({ message: 'is no network', option, value, expected: 'addresses, networks as 10.0.0.0/8, or unix' })
}

/** The name of a header field (RFC 9110 §5.1), in lower case. */
function asFieldName(value: string, option: string): string {
  if (isToken(value)) return value.toLowerCase()
  throw new ConfigError({ message: 'is not the name of a header field', option, value })
}

/** A list of names of header fields, in lower case. */
export const asFieldNames: Converter<string[]> = asListOf(asFieldName)

/** The value as it stands. */
export function asText(value: string): string {
  return value
}

/** Node's timers take at most 2^31 - 1 milliseconds and fire at once for more. */
const LONGEST = 2_147_483
const UNITS: Readonly<Record<string, number>> = { '': 1, ms: 1 / 1000, s: 1, m: 60, h: 3600 }

/** A time in seconds, above 0: `30`, `1.5`, or with a unit, `250ms`, `30s`, `5m`, `2h`. */
export function asSeconds(value: string, option: string): number {
  const [, digits = '', unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/.exec(value) ?? []
  const seconds = Number(digits) * (UNITS[unit] ?? 0)
  if (seconds > 0 && seconds <= LONGEST) return seconds
  throw new ConfigError({ message: 'is not a time', option, value, expected: 'seconds above 0, or a time such as 250ms, 30s, 5m or 2h' })
}

/** One of these words. */
export function asOneOf<const T extends string>(words: readonly T[]): Converter<T> {
  return (value, option) => {
    const found = words.find((word) => word === value)
    if (found !== undefined) return found
    throw new ConfigError({ message: 'is not known', option, value, expected: words.join(', '), nearest: nearestName(value, words) })
  }
}
