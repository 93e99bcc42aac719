import { dirname } from 'node:path'
import { ConfigError } from '../errors.ts'
import type { IniFile } from './ini.ts'
import { OPTION_ALIASES } from './option-aliases.ts'

/** Where a value was written. */
export interface Source {
  /** A file, or what stands for it in messages: `default`, `--set`, `--workers`. */
  readonly file: string
  readonly line?: number | undefined
  /** The directory that relative paths are taken from. */
  readonly base: string
}

/** Somebody gave an option a value. */
export interface Assignment {
  readonly group: string
  readonly name: string
  readonly text: string
  readonly source: Source
  /** The names it was written by, where those are nova's. */
  readonly alias?: { readonly group: string; readonly name: string }
}

/** What a section of a file assigns, or one `--set`. */
export interface AssignmentGroup {
  readonly group: string
  readonly source: Source
  readonly assignments: readonly Assignment[]
}

/** `file:line`, or what stands for it. */
export function describeSource({ file, line }: Source): string {
  return line === undefined ? file : `${file}:${line}`
}

/** What a file assigns, as it is written there. */
export function readAssignments(ini: IniFile): AssignmentGroup[] {
  const source = (line: number): Source => ({ file: ini.file, line, base: dirname(ini.file) })
  return [...ini.sections.values()].map(({ name: group, line, options }) => ({
    group,
    source: source(line),
    assignments: [...options.values()].map((option) => ({ group, name: option.key, text: option.value, source: source(option.line) })),
  }))
}

/** `group.option=value`: the last dot before the first `=` ends the group; without a dot it is DEFAULT. Throws {@link ConfigError}. */
export function parseSet(text: string, base: string): AssignmentGroup {
  const [, group = 'DEFAULT', name, value] = /^(?:([^=]+)\.)?([^=.]+)=([^]*)$/.exec(text) ?? []
  if (name === undefined || value === undefined) {
    throw new ConfigError({ file: '--set', message: 'cannot be read', value: text, expected: 'group.option=value' })
  }
  const source = { file: '--set', base }
  const assignment = { group: group.trim(), name: name.trim(), text: value.trim(), source }
  return { group: assignment.group, source, assignments: [assignment] }
}

/**
 * The assignments of one file, nova's names replaced by those of the option table. These come first: where a file has both, the option's
 * own name wins, as in oslo.config.
 */
export function resolveAliases(groups: readonly AssignmentGroup[]): Assignment[] {
  const resolved = groups.flatMap((group) => group.assignments).map(resolveAlias)
  return resolved.toSorted((left, right) => Number(right.alias !== undefined) - Number(left.alias !== undefined))
}

function resolveAlias(assignment: Assignment): Assignment {
  const { group, name, text } = assignment
  const found = OPTION_ALIASES.find((alias) => alias.group === group && alias.name === name)
  if (found === undefined) return assignment
  return { ...assignment, group: 'wsgi', name: found.option, text: found.values?.get(text.toLowerCase()) ?? text, alias: { group, name } }
}
