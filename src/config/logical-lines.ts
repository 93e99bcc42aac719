import { ConfigError } from '../errors.ts'

/** One section header or one option with the lines that continue it, as Python's configparser reads them. */
export type LogicalLine =
  | { readonly kind: 'section'; readonly name: string; readonly line: number }
  | { readonly kind: 'option'; readonly key: string; readonly value: string; readonly line: number }

/** Greedy: the name ends at the last `]`, and what follows it is ignored. */
const SECTION = /^\[(.+)\]/
/** The first of the two delimiters ends the key, which has at least one character. */
const OPTION = /^([^=:]+)[=:]([^]*)$/

interface OpenOption {
  readonly key: string
  readonly line: number
  readonly values: string[]
}

/**
 * Folds the physical lines of an INI file. A line indented deeper than its option's line continues it; blank lines inside a value stay,
 * those after it go; comment lines (`#` or `;` first) go everywhere; there are no comments behind a value.
 * Throws {@link ConfigError} for a line that is neither header nor option, and for an option before the first section.
 */
export function foldLines(text: string, file: string): LogicalLine[] {
  const logical: LogicalLine[] = []
  let option: OpenOption | undefined
  let indent = 0
  let inSection = false
  const closeOption = (): void => {
    if (option === undefined) return
    logical.push({ kind: 'option', key: option.key, value: option.values.join('\n').trimEnd(), line: option.line })
    option = undefined
  }
  for (const [index, physical] of text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/).entries()) {
    const content = physical.trim()
    const depth = physical.length - physical.trimStart().length
    if (/^[#;]/.test(content)) continue
    if (content === '' || (option !== undefined && depth > indent)) {
      option?.values.push(content)
      continue
    }
    closeOption()
    indent = depth
    const header = SECTION.exec(content)?.[1]
    if (header === undefined) option = readOption(content, { file, line: index + 1, inSection })
    else {
      logical.push({ kind: 'section', name: header, line: index + 1 })
      inSection = true
    }
  }
  closeOption()
  return logical
}

function readOption(content: string, place: { file: string; line: number; inSection: boolean }): OpenOption {
  const { file, line, inSection } = place
  if (!inSection) throw new ConfigError({ file, line, message: 'there is no section yet', value: content, expected: 'a [section] first' })
  const [, key, value] = OPTION.exec(content) ?? []
  if (key === undefined || value === undefined) {
    throw new ConfigError({ file, line, message: 'cannot be read', value: content, expected: '[section], key = value or key: value' })
  }
  return { key: key.trimEnd(), line, values: [value.trimStart()] }
}
