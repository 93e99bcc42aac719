import { ConfigError } from '../errors.ts'
import type { Problems } from '../problems.ts'

/** One section header or one option with the lines that continue it, as Python's configparser reads them. */
export type LogicalLine =
  | { readonly kind: 'section'; readonly name: string; readonly line: number }
  | { readonly kind: 'option'; readonly key: string; readonly value: string; readonly line: number; readonly lines: readonly number[] }

/** Greedy: the name ends at the last `]`, and what follows it is ignored. */
const SECTION = /^\[(.+)\]/s
/** The first of the two delimiters ends the key, which has at least one character. */
const OPTION = /^([^=:]+)[=:]([^]*)$/

/** What Python strips: other than JavaScript's `trim` U+001C to U+001F and U+0085, but not U+FEFF. */
const SPACE = String.raw`[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]`
const LEADING = new RegExp(`^${SPACE}+`)
const TRAILING = new RegExp(`${SPACE}+$`)

interface OpenOption {
  /** Empty for a line that could not be read: what continues it goes with it. */
  readonly key: string
  readonly values: string[]
  /** Where each of them stands. */
  readonly lines: [number, ...number[]]
}

/**
 * Folds the physical lines of an INI file. A line indented deeper than its option's line continues it; blank lines inside a value stay,
 * those after it go; comment lines (`#` or `;` first) go everywhere; there are no comments behind a value.
 * A line that is neither header nor option, and the first option before any section, are among the `problems`.
 */
export function foldLines(text: string, file: string, problems: Problems): LogicalLine[] {
  const logical: LogicalLine[] = []
  let option: OpenOption | undefined
  let indent = 0
  let section: string | undefined
  const closeOption = (): void => {
    if (option === undefined) return
    const { key, values, lines } = option
    if (key !== '') logical.push({ kind: 'option', key, value: stripEnd(values.join('\n')), line: lines[0], lines })
    option = undefined
  }
  for (const [index, physical] of text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/).entries()) {
    const started = stripStart(physical)
    const content = stripEnd(started)
    const depth = physical.length - started.length
    if (/^[#;]/.test(content)) continue
    if (content === '' || (option !== undefined && depth > indent)) {
      option?.values.push(content)
      option?.lines.push(index + 1)
      continue
    }
    closeOption()
    indent = depth
    const header = SECTION.exec(content)?.[1]
    if (header === undefined) option = readOption(content, { file, line: index + 1, section }, problems)
    else logical.push({ kind: 'section', name: header, line: index + 1 })
    section = header ?? section
  }
  closeOption()
  return logical
}

interface LinePlace {
  readonly file: string
  readonly line: number
  readonly section: string | undefined
}

function readOption(content: string, place: LinePlace, problems: Problems): OpenOption {
  const [, key = '', value = ''] = OPTION.exec(content) ?? []
  if (key === '') problems.add(new ConfigError({ ...place, message: 'cannot be read', value: content, expected: '[section], key = value or key: value' }))
  return { key: stripEnd(key), values: [stripStart(value)], lines: [place.line] }
}

function stripStart(text: string): string {
  return text.replace(LEADING, '')
}

function stripEnd(text: string): string {
  return text.replace(TRAILING, '')
}
