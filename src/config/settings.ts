import { ConfigError, type ConfigProblem } from '../errors.ts'
import { describeSource, type Assignment, type Source } from './assignment.ts'
import { describeExpected, formatValue, readValue, type OptionValues } from './option-types.ts'
import type { OptionRow, SettingsOf } from './options.ts'

type Value = OptionValues[keyof OptionValues] | null

/** An option's value, and where it is from. */
export interface Setting<V = Value> {
  readonly row: OptionRow
  readonly group: string
  /** The row's name, with the API's before it where it has one. */
  readonly option: string
  readonly value: V
  readonly source: Source
  /** False when the value is the default. */
  readonly assigned: boolean
}

/** By the row's name. */
export type Settled<Values> = { readonly [Name in keyof Values]: Setting<Values[Name]> }

/** One line of `millrace show config`. */
export interface EffectiveOption {
  readonly group: string
  readonly option: string
  /** As an operator would write it; empty when the option is not set. */
  readonly value: string
  /** `default`, `file:line`, `--set` or `--workers`. */
  readonly source: string
  readonly help: string
}

/** Whose options are asked for. */
export interface Scope {
  /** The first group that assigns an option wins; the last one is where its default belongs. */
  readonly groups: readonly [string, ...string[]]
  /** Stands before the rows' names. */
  readonly prefix?: string
  /** An API that rows may have their own defaults for. */
  readonly api?: string
  /** The directory that relative defaults are taken from. */
  readonly base: string
}

/** The value of each row; of several assignments in one group the last wins. Throws {@link ConfigError} for a value that is none. */
export function settle<const Rows extends readonly OptionRow[]>(
  rows: Rows, scope: Scope, assignments: readonly Assignment[],
): Settled<SettingsOf<Rows>> {
  return Object.fromEntries(rows.map((row) => {
    const option = (scope.prefix ?? '') + row.name
    const found = scope.groups
      .map((group) => assignments.findLast((assignment) => assignment.group === group && assignment.name === option))
      .find((assignment) => assignment !== undefined)
    return [row.name, found === undefined ? settleDefault(row, option, scope) : settleAssigned(row, found)]
  })) as Settled<SettingsOf<Rows>>
}

function settleAssigned(row: OptionRow, assignment: Assignment): Setting {
  const { group, name: option, text, source } = assignment
  const value = text === '' && row.default === null ? null : readValue(row, text, source.base)
  if (value === undefined) throw new ConfigError(describeBadValue(row, assignment))
  return { row, group, option, value, source, assigned: true }
}

function settleDefault(row: OptionRow, option: string, { groups: [first, ...others], api, base }: Scope): Setting {
  const text = row.defaults?.find(([name]) => name === api)?.[1] ?? row.default
  const value = text === null ? null : (readValue(row, text, base) ?? null)
  return { row, group: others.at(-1) ?? first, option, value, source: { file: 'default', base }, assigned: false }
}

function describeBadValue(row: OptionRow, { group, name, text, source, alias }: Assignment): ConfigProblem {
  const place = { file: source.file, line: source.line, section: alias?.group ?? group, option: alias?.name ?? name }
  if (row.complaint === undefined) return { ...place, message: 'is not valid', value: text, expected: describeExpected(row) }
  return { ...place, message: row.complaint.replace('%(name)s', () => name).replace('%(value)s', () => text) }
}

/** The values alone. */
export function readSettings<Values>(settled: Settled<Values>): Values {
  const settings = listSettings(settled as Readonly<Record<string, Setting>>)
  return Object.fromEntries(settings.map(({ row, value }) => [row.name, value])) as Values
}

/** In the table's order. */
export function listSettings(settled: Readonly<Record<string, Setting>>): Setting[] {
  return Object.values(settled)
}

export function describeSetting({ row, group, option, value, source }: Setting): EffectiveOption {
  return { group, option, value: formatValue(row.type, value), source: describeSource(source), help: row.help }
}

/** Where a message about this setting belongs. */
export function placeOf({ source, group, option, assigned }: Setting): Omit<ConfigProblem, 'message'> {
  return { file: assigned ? source.file : undefined, line: source.line, section: group, option }
}
