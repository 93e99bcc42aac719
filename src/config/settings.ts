import { ConfigError, type ConfigProblem } from '../errors.ts'
import { parseLogFormat } from '../log-format.ts'
import { nearestName } from '../nearest.ts'
import type { Problems } from '../problems.ts'
import { maskSecret } from '../secrets.ts'
import { describeSource, type Assignment, type Source } from './assignment.ts'
import { describeExpected, formatValue, readValue, validWords, type OptionValues } from './option-types.ts'
import type { OptionRow, SettingsOf } from './options.ts'

type Value = OptionValues[keyof OptionValues] | null

/** An option's value, and where it is from. */
export interface Setting<V = Value> {
  readonly row: OptionRow
  readonly group: string
  /** The row's name, with the API's before it where it has one. */
  readonly option: string
  readonly value: V
  /** As it is written; empty when the option is not set. */
  readonly text: string
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
  /** As an operator would write it; empty when the option is not set. What is secret is masked. */
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

/** The value of each row; of several assignments in one group the last wins. A value that is none is a problem, and the default stands for it. */
export function settle<const Rows extends readonly OptionRow[]>(
  rows: Rows, scope: Scope, assignments: readonly Assignment[], problems: Problems,
): Settled<SettingsOf<Rows>> {
  return Object.fromEntries(rows.map((row) => {
    const option = (scope.prefix ?? '') + row.name
    const found = scope.groups
      .map((group) => assignments.findLast((assignment) => assignment.group === group && assignment.name === option))
      .find((assignment) => assignment !== undefined)
    const assigned = found === undefined ? undefined : problems.try(() => settleAssigned(row, found))
    return [row.name, assigned ?? settleDefault(row, option, scope)]
  })) as Settled<SettingsOf<Rows>>
}

/** Throws {@link ConfigError} for a value that is none. */
function settleAssigned(row: OptionRow, assignment: Assignment): Setting {
  const { group, name: option, text, source } = assignment
  const value = text === '' && row.default === null ? null : readValue(row, text, source.base)
  if (value === undefined) throw new ConfigError(describeBadValue(row, assignment))
  if (row.grammar !== undefined) checkGrammar(row.grammar, assignment)
  return { row, group, option, value, text, source, assigned: true }
}

function settleDefault(row: OptionRow, option: string, { groups: [first, ...others], api, base }: Scope): Setting {
  const text = row.defaults?.find(([name]) => name === api)?.[1] ?? row.default
  const value = text === null ? null : (readValue(row, text, base) ?? null)
  return { row, group: others.at(-1) ?? first, option, value, text: text ?? '', source: { file: 'default', base }, assigned: false }
}

function describeBadValue(row: OptionRow, assignment: Assignment): ConfigProblem {
  const { name, text } = assignment
  const message = row.complaint?.replace('%(name)s', () => name).replace('%(value)s', () => text) ?? 'is not valid'
  return { ...placeOfAssignment(assignment), message, value: text, expected: describeExpected(row), nearest: nearestName(text, validWords(row)) }
}

const GRAMMARS: { readonly [G in NonNullable<OptionRow['grammar']>]: (text: string) => unknown } = { 'log format': parseLogFormat }

/** Throws {@link ConfigError}: what the grammar says, and where. */
function checkGrammar(grammar: keyof typeof GRAMMARS, assignment: Assignment): void {
  try {
    GRAMMARS[grammar](assignment.text)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    throw new ConfigError({ ...error.problem, ...placeOfAssignment(assignment) }, { cause: error })
  }
}

function placeOfAssignment({ group, name, source, alias }: Assignment): Omit<ConfigProblem, 'message'> {
  return { file: source.file, line: source.line, section: alias?.group ?? group, option: alias?.name ?? name }
}

/** The values alone. */
export function readSettings<Values>(settled: Settled<Values>): Values {
  return valuesOf(listSettings(settled as Readonly<Record<string, Setting>>)) as Values
}

/** By the rows' names. */
export function valuesOf(settings: readonly Setting[]): Readonly<Record<string, Value>> {
  return Object.fromEntries(settings.map(({ row, value }) => [row.name, value]))
}

/** Throws TypeError when there is no such option. */
export function findSetting(settings: readonly Setting[], group: string, option: string): Setting {
  const found = settings.find((setting) => setting.group === group && setting.option === option)
  if (found === undefined) throw new TypeError(`there is no option [${group}] ${option}`)
  return found
}

/** In the table's order. */
export function listSettings(settled: Readonly<Record<string, Setting>>): Setting[] {
  return Object.values(settled)
}

export function describeSetting({ row, group, option, value, source }: Setting): EffectiveOption {
  return { group, option, value: maskSecret(row.name, formatValue(row.type, value)), source: describeSource(source), help: row.help }
}

/** Where a message about this setting belongs, and what it is. */
export function placeOf({ source, group, option, text, assigned }: Setting): Omit<ConfigProblem, 'message'> {
  return { file: assigned ? source.file : undefined, line: source.line, section: group, option, value: text }
}
