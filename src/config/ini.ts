import { readFileSync } from 'node:fs'
import { parse } from 'ini'
import { ConfigError } from '../errors.ts'
import { Problems } from '../problems.ts'
import { foldLines, type LogicalLine } from './logical-lines.ts'

export interface IniOption {
  readonly key: string
  /** As it stands in the file, before interpolation; continuation lines are joined with `\n`. */
  readonly value: string
  /** Counted from 1. */
  readonly line: number
  /** Of each line of the value. */
  readonly lines: readonly number[]
}

export interface IniSection {
  readonly name: string
  /** Of the header, counted from 1. */
  readonly line: number
  readonly options: ReadonlyMap<string, IniOption>
}

export interface IniFile {
  readonly file: string
  /** In the file's order. `DEFAULT` is one of them when the file has it. */
  readonly sections: ReadonlyMap<string, IniSection>
}

interface OpenSection extends IniSection {
  readonly options: Map<string, IniOption>
}

/**
 * Reads INI text as Python's configparser does (strict, names in the case they are written); only a UTF-8 BOM is forgiven.
 * `file` is for messages. Throws one {@link ConfigError} with everything that is wrong, each with its line: text that is neither header nor
 * option, the first option before any section, each section and option that stands twice; `[DEFAULT]` alone may be continued further down.
 */
export function parseIni(text: string, file: string): IniFile {
  const problems = new Problems()
  const lines = foldLines(text, file, problems)
  const values = readValues(lines)
  const sections = new Map<string, OpenSection>()
  let current: OpenSection | undefined
  for (const line of lines) {
    if (line.kind === 'section') current = openSection(sections, line, { file, problems })
    else {
      current ??= missSection(line, { file, problems })
      addOption(current, { key: line.key, value: values.get(line.line) ?? '', line: line.line, lines: line.lines }, { file, problems })
    }
  }
  problems.throwAny()
  return { file, sections }
}

/** Reads an INI file. Throws {@link ConfigError} as {@link parseIni} does, and when the file cannot be read or is not UTF-8. */
export function readIni(file: string): IniFile {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file))
  } catch (error) {
    throw new ConfigError({ file, message: `cannot be read: ${(error as Error).message}` }, { cause: error })
  }
  return parseIni(text, file)
}

/**
 * The `ini` package acts on much that is plain text here: it nests at dots, drops `__proto__`, makes lists of `name[]`, ends a value at
 * `#` and takes `true` for a boolean. So each option goes to it under its line number, with its value in the package's quotes.
 */
function readValues(lines: readonly LogicalLine[]): Map<number, string> {
  const rewritten = lines.map((line) => (line.kind === 'option' ? `${line.line} = ${quote(line.value)}` : '')).join('\n')
  return new Map(Object.entries(parse(rewritten)).map(([line, value]) => [Number(line), String(value)]))
}

/** JSON leaves U+2028 and U+2029 as they are, and the package's patterns end a line there. */
function quote(value: string): string {
  return JSON.stringify(value).replaceAll('\u2028', String.raw`\u2028`).replaceAll('\u2029', String.raw`\u2029`)
}

/** What is read of, and what is wrong with it. */
interface Reading {
  readonly file: string
  readonly problems: Problems
}

/** A section that stands twice is read by itself, so that only its own options are judged by it. */
function openSection(sections: Map<string, OpenSection>, { name, line }: { name: string; line: number }, { file, problems }: Reading): OpenSection {
  const earlier = sections.get(name)
  if (earlier !== undefined && name === 'DEFAULT') return earlier
  const section = { name, line, options: new Map<string, IniOption>() }
  if (earlier === undefined) sections.set(name, section)
  else problems.add(new ConfigError({ file, line, section: name, message: `this section is already on line ${earlier.line}` }))
  return section
}

/** What stands before the first section is told of once. */
function missSection({ key, line }: { key: string; line: number }, { file, problems }: Reading): OpenSection {
  problems.add(new ConfigError({ file, line, message: 'there is no section yet', value: key, expected: 'a [section] first' }))
  return { name: '', line, options: new Map<string, IniOption>() }
}

function addOption(section: OpenSection, option: IniOption, { file, problems }: Reading): void {
  const { key, line } = option
  const earlier = section.options.get(key)
  if (earlier === undefined) section.options.set(key, option)
  else problems.add(new ConfigError({ file, line, section: section.name, option: key, message: `this option is already on line ${earlier.line}` }))
}
