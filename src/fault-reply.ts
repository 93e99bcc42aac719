import { STATUS_CODES } from 'node:http'
import type { HttpReply, HttpRequest } from './app.ts'
import { HttpError } from './errors.ts'

/** The one reply an error has, wherever it is answered: problem details (RFC 9457) for who accepts JSON, else plain text. */
export function faultReply(error: unknown, request: HttpRequest | null, debug: boolean): HttpReply {
  const status = statusOf(error)
  const title = STATUS_CODES[status] ?? 'Error'
  const detail = detailOf(error, title, debug)
  const headers = error instanceof HttpError ? { ...error.headers } : {}
  if (request === null || !acceptsJson(request)) return { status, headers, body: `${detail}\n` }
  const own = { type: 'about:blank', title, status, detail, request_id: request.id }
  const more = error instanceof HttpError && error.expose ? error.problem : {}
  return { status, headers: { ...headers, 'content-type': 'application/problem+json' }, body: { ...own, ...more, ...own } }
}

/** What an error is answered with: its own status, or 500 for all that nobody meant. */
export function statusOf(error: unknown): number {
  return error instanceof HttpError && error.status >= 400 && error.status <= 599 ? error.status : 500
}

function detailOf(error: unknown, title: string, debug: boolean): string {
  if (error instanceof HttpError && error.expose) return error.message
  if (!debug) return title
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

function acceptsJson(request: HttpRequest): boolean {
  const accept = request.headers.get('accept')
  return accept !== null && /\bapplication\/(?:problem\+)?json\b/i.test(accept)
}
