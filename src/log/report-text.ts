import type { LauncherStatus, StuckProcess } from '../service/operations.ts'
import { formatTable } from '../table.ts'
import { statusText } from './status-text.ts'
import { stuckText } from './stuck-text.ts'

/** What the `report` event tells. */
export interface Report {
  readonly status: LauncherStatus
  readonly stuck: readonly StuckProcess[]
  /** What the program around the launcher says; `millrace serve` gives a list of {@link ReportedOption}. */
  readonly options: unknown
}

interface ReportedOption {
  readonly group: string
  readonly option: string
  readonly value: string
  /** `default` for one that nobody has set. */
  readonly source: string
}

/** The answer to USR2 for people: the status, what is stuck, and which options are not as they come. */
export function reportText({ status, stuck, options }: Report): string {
  return [`Report\n${statusText(status)}`, stuckText(stuck), optionsText(options)].join('\n\n')
}

function optionsText(options: unknown): string {
  if (!isOptionList(options)) return `options: ${JSON.stringify(options, null, 2)}`
  const rows = options.filter(({ source }) => source !== 'default').map(({ group, option, value, source }) => [`[${group}]`, option, value, source])
  return rows.length === 0 ? 'no option is set' : formatTable(['group', 'option', 'value', 'from'], rows)
}

function isOptionList(options: unknown): options is readonly ReportedOption[] {
  return Array.isArray(options) && options.every((one: unknown) => typeof one === 'object' && one !== null && 'source' in one && 'group' in one)
}
