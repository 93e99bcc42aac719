import type { StuckProcess } from '../service/operations.ts'
import { formatTable } from '../table.ts'
import { formatSeconds } from './units.ts'

/** Work that does not come forward, by process, and the stacks of main loops that do not answer; a line when there is none. */
export function stuckText(found: readonly StuckProcess[]): string {
  const shown = found.filter(({ work, stack }) => work.length > 0 || stack !== undefined)
  return shown.length === 0 ? 'nothing is stuck' : shown.map(processText).join('\n\n')
}

function processText({ service, pid, work, stack }: StuckProcess): string {
  const rows = work.map(({ id, what, seconds, phase, client }) => [formatSeconds(seconds), oneLine(what), phase, client ?? '-', id])
  return [
    `${service} ${pid}`,
    ...(rows.length === 0 ? [] : [indent(formatTable(['age', 'what', 'phase', 'client', 'id'], rows))]),
    ...(stack === undefined ? [] : [indent(`its main loop is blocked:\n${stack}`)]),
  ].join('\n')
}

/** A target is what a client sent. */
function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ')
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '  ')
}
