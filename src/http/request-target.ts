import { ABSOLUTE_FORM, AUTHORITY_FORM, HOST } from './grammar.ts'
import { type ProtocolError, protocolErrors } from './protocol-errors.ts'
import type { RequestHead } from './request-head.ts'

/** Reads the four forms of a request-target (RFC 9112 §3.2) into path, query and host. */
export function applyTarget(head: RequestHead): ProtocolError | null {
  if (head.method === 'CONNECT') return AUTHORITY_FORM.test(head.target) ? protocolErrors.connectRefused : protocolErrors.badTarget
  if (head.target.charCodeAt(0) === 0x2f) {
    splitQuery(head, head.target)
    return null
  }
  if (head.target === '*') return head.method === 'OPTIONS' ? null : protocolErrors.badTarget
  return applyAbsoluteForm(head)
}

/** RFC 9112 §3.2.2: a server must take it, and its authority overrides Host. */
function applyAbsoluteForm(head: RequestHead): ProtocolError | null {
  const match = ABSOLUTE_FORM.exec(head.target)
  const [, authority = '', rest = ''] = match ?? []
  if (match === null || !HOST.test(authority)) return protocolErrors.badTarget
  head.host = authority
  splitQuery(head, rest.startsWith('/') ? rest : `/${rest}`)
  return null
}

function splitQuery(head: RequestHead, path: string): void {
  const mark = path.indexOf('?')
  head.path = mark === -1 ? path : path.slice(0, mark)
  if (mark !== -1) head.query = path.slice(mark + 1)
}
