import type { LauncherStatus, ProcessStatus, ServiceStatus } from '../service/operations.ts'
import { formatTable } from '../table.ts'
import { formatOctets, formatSeconds } from './units.ts'

const SERVICE_HEADS = ['api', 'listening', 'state', 'workers', 'waiting', 'accepted', 'lost']
const PROCESS_HEADS = ['api', 'pid', 'state', 'age', 'silent', 'done', 'in flight', 'queued', 'idle', 'request', 'close', 'loop delay', 'memory']
const UNKNOWN = '-'

/** A column that only some have. */
export interface ExtraColumn {
  readonly head: string
  cell(service: ServiceStatus): string
}

/** What `millrace status` prints, and the report begins with: a line for each service, and for each of their processes. */
export function statusText(status: LauncherStatus, extra: readonly ExtraColumn[] = []): string {
  const { pid, state, uptime, services } = status
  const head = `launcher ${pid}: ${state.toLowerCase()}, up for ${formatSeconds(uptime)}`
  const heads = [...SERVICE_HEADS, ...extra.map((column) => column.head)]
  const rows = services.map((service) => [...serviceRow(service), ...extra.map((column) => column.cell(service))])
  const processes = services.flatMap((service) => service.processes.map((one) => processRow(service.name, one)))
  return [head, formatTable(heads, rows), ...(processes.length === 0 ? [] : [formatTable(PROCESS_HEADS, processes)])].join('\n\n')
}

function serviceRow({ name, listening, state, workers, waiting, accepted, lost, processes }: ServiceStatus): string[] {
  const ready = processes.filter((one) => one.state === 'READY').length
  const has = workers === 0 ? 'in launcher' : `${ready}/${workers}`
  return [name, listening === '' ? UNKNOWN : listening, state.toLowerCase(), has, ...[waiting, accepted, lost].map(String)]
}

function processRow(name: string, { pid, state, age, silent, report }: ProcessStatus): string[] {
  const row = [name, String(pid), state.toLowerCase(), formatSeconds(age), silent === null ? UNKNOWN : formatSeconds(silent)]
  if (report === null) return [...row, ...PROCESS_HEADS.slice(row.length).map(() => UNKNOWN)]
  const { done, inFlight, queued, connections: { IDLE, REQUEST, CLOSE }, loopDelay, rss } = report
  return [...row, ...[done, inFlight, queued, IDLE, REQUEST, CLOSE].map(String), `${Math.round(loopDelay)} ms`, formatOctets(rss)]
}
