import { AUTHORITY_FORM, HOST } from './authority.ts'
import { ABSOLUTE_FORM, BROKEN_ESCAPE } from './grammar.ts'
import { type ProtocolError, protocolErrors } from './protocol-errors.ts'
import type { RequestHead } from './request-head.ts'

/** Reads the four forms of a request-target (RFC 9112 §3.2) into path, query and host. */
export function applyTarget(head: RequestHead): ProtocolError | null {
  if (head.method === 'CONNECT') return AUTHORITY_FORM.test(head.target) ? protocolErrors.connectRefused : protocolErrors.badTarget
  if (head.target.charCodeAt(0) === 0x2f) return applyPath(head, head.target)
  if (head.target === '*') return head.method === 'OPTIONS' ? null : protocolErrors.badTarget
  return applyAbsoluteForm(head)
}

/** RFC 9112 §3.2.2: a server must take it, and its authority overrides Host. */
function applyAbsoluteForm(head: RequestHead): ProtocolError | null {
  const match = ABSOLUTE_FORM.exec(head.target)
  const [, authority = '', rest = ''] = match ?? []
  if (match === null || !HOST.test(authority)) return protocolErrors.badTarget
  head.host = authority
  if (rest !== '' || head.method !== 'OPTIONS') return applyPath(head, rest.startsWith('/') ? rest : `/${rest}`)
  // RFC 9112 §3.2.4: without path and query it is what a proxy would have made `*` of.
  head.path = '*'
  return null
}

/**
 * A broken escape in the path is refused, since what routes it must decode it, and each does its own (nginx refuses it too). In the query
 * it is the app's business: browsers leave it there.
 */
function applyPath(head: RequestHead, path: string): ProtocolError | null {
  const mark = path.indexOf('?')
  head.path = mark === -1 ? path : path.slice(0, mark)
  if (mark !== -1) head.query = path.slice(mark + 1)
  return head.path.includes('%') && BROKEN_ESCAPE.test(head.path) ? protocolErrors.badTarget : null
}
