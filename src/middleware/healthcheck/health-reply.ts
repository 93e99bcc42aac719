import type { HttpReply, HttpRequest } from '../../app.ts'
import { preferredType } from './preferred-type.ts'
import type { Finding } from './health-checks.ts'

type Present = (findings: readonly Finding[], request: HttpRequest) => HttpReply

const TYPES = ['text/plain', 'text/html', 'application/json'] as const
/** Text has no room for details, so a client that did not ask for it gets what has. */
const DETAILED_TYPES = ['application/json', 'text/html', 'text/plain'] as const

const PRESENT: Readonly<Record<(typeof TYPES)[number], { brief: Present; detailed: Present }>> = {
  'text/plain': { brief: presentText, detailed: presentText },
  'text/html': { brief: presentTable, detailed: presentDetailedTable },
  'application/json': { brief: presentReasons, detailed: presentDetails },
}

/** 200 when all is well, else 503, in the form that Accept asks for. */
export function healthReply(findings: readonly Finding[], request: HttpRequest, detailed: boolean): HttpReply {
  const type = preferredType(request.headers.get('accept'), detailed ? DETAILED_TYPES : TYPES)
  const status = findings.every(({ reason }) => reason === 'OK') ? 200 : 503
  return { status, ...PRESENT[type][detailed ? 'detailed' : 'brief'](findings, request) }
}

function presentText(findings: readonly Finding[]): HttpReply {
  const reasons = findings.map(({ reason }) => reason).filter((reason) => reason !== 'OK')
  return { headers: { 'content-type': 'text/plain; charset=UTF-8' }, body: reasons.join('\n') || 'OK' }
}

function presentReasons(findings: readonly Finding[]): HttpReply {
  return { body: { detailed: false, reasons: findings.map(({ reason }) => reason) } }
}

function presentDetails(findings: readonly Finding[], request: HttpRequest): HttpReply {
  return { body: { detailed: true, reasons: findings, ...describeProcess(request) } }
}

function describeProcess({ server }: HttpRequest): object {
  const { pid, platform, version } = process
  return { api: server.name, pid, platform, node_version: version, uptime: process.uptime() }
}

function presentTable(findings: readonly Finding[]): HttpReply {
  return page(table(['Reason'], findings.map(({ reason }) => [reason])))
}

function presentDetailedTable(findings: readonly Finding[], request: HttpRequest): HttpReply {
  const rows = findings.map((finding) => [finding.class, finding.reason, finding.details])
  return page(table(['Kind', 'Reason', 'Details'], rows) + table(['Process', ''], Object.entries(describeProcess(request))))
}

function page(content: string): HttpReply {
  return {
    headers: { 'content-type': 'text/html; charset=UTF-8' },
    body: `<!DOCTYPE html>\n<html lang="en">\n<title>Healthcheck Status</title>\n${content}</html>\n`,
  }
}

function table(heads: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const lines = [heads.map((head) => `<th>${head}</th>`), ...rows.map((row) => row.map((cell) => `<td>${escapeHtml(String(cell))}</td>`))]
  return `<table>\n${lines.map((cells) => `<tr>${cells.join('')}</tr>\n`).join('')}</table>\n`
}

/** Paths of files are the operator's, and may have anything. */
function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
