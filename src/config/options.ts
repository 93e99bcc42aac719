import { API_OPTIONS, DEFAULT_OPTIONS } from './default-options.ts'
import type { OptionLimits, OptionValues } from './option-types.ts'
import { WSGI_OPTIONS } from './wsgi-options.ts'

/** One row of the option table. */
export interface OptionRow extends OptionLimits {
  readonly name: string
  /** As it would stand in a file; null when the option is not set by default. */
  readonly default: string | null
  /** Defaults of particular APIs. */
  readonly defaults?: readonly (readonly [api: string, value: string])[]
  /** The message about a value that is not valid, where another system's text is kept: `%(name)s`, `%(value)s`. */
  readonly complaint?: string
  /** What the text must be besides its type. */
  readonly grammar?: 'log format'
  readonly help: string
  /** True when a running worker can take over another value. */
  readonly mutable: boolean
  /** True when a reload cannot take over another value either: it takes a new start. */
  readonly fixed?: true
}

type ValueOf<R extends OptionRow> = R extends { choices: readonly (infer Choice)[] } ? Choice : OptionValues[R['type']]
type Unset<R extends OptionRow> = R['default'] extends null ? null : never

/** The values of a list of rows, by name; null where an option without a default is not set. */
export type SettingsOf<Rows extends readonly OptionRow[]> = { readonly [R in Rows[number] as R['name']]: ValueOf<R> | Unset<R> }

/** `[DEFAULT]` */
export type DefaultSettings = SettingsOf<typeof DEFAULT_OPTIONS>
/** `[wsgi]` with one API's `[wsgi:<api>]` on top; `api_paste_config` is the file that was found. */
export type WsgiSettings = SettingsOf<typeof WSGI_OPTIONS>

/** What stands where: for each group its rows, and what precedes their names. */
export const OPTION_GROUPS: readonly { readonly group: string; readonly prefix: string; readonly rows: readonly OptionRow[] }[] = [
  { group: 'DEFAULT', prefix: '', rows: DEFAULT_OPTIONS },
  { group: 'DEFAULT', prefix: '<api>_', rows: API_OPTIONS },
  { group: 'wsgi', prefix: '', rows: WSGI_OPTIONS },
]

/** The option table in Markdown, as README has it. */
export function renderOptionTable(): string {
  const rows = OPTION_GROUPS.flatMap(({ group, prefix, rows }) => rows.map((row) => renderRow(`[${group}]`, prefix + row.name, row)))
  return ['| group | option | type | default | mutable | meaning |', '|---|---|---|---|---|---|', ...rows, ''].join('\n')
}

function renderRow(group: string, name: string, row: OptionRow): string {
  const fallback = row.default === null || row.default === '' ? '' : `\`${row.default}\``
  const others = (row.defaults ?? []).map(([api, value]) => `${api}: \`${value}\``)
  const defaults = [fallback, ...others].join(', ')
  const type = row.choices?.join(', ') ?? row.type
  const cells = [`\`${group}\``, `\`${name}\``, type, defaults, row.mutable ? 'yes' : '', row.help]
  return `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`
}
