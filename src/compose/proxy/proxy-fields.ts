import type { HeaderValue, HttpRequest } from '../../app.ts'
import { isIdentity } from '../../middleware/identity-fields.ts'
import { fieldOctets } from '../field-octets.ts'
import { addForwarding, FORWARDING_NAMES, type ForwardingKind } from './forwarding.ts'

/** What a proxy adds to the fields of messages, and leaves out. */
export interface FieldRules {
  /** Names, in lower case, of what the upstream does not get. */
  readonly suppressed: readonly string[]
  readonly forwarding: readonly ForwardingKind[]
  /** This proxy's name in Via; empty for none. */
  readonly via: string
  /** Undefined: the request's own. */
  readonly host: string | undefined
}

/**
 * Fields of a connection, not of a message (RFC 9110 §7.6.1, RFC 2616 §13.5.1). What `expect` asks for the server answers; `trailer` announces
 * what is not passed on.
 */
const HOP_BY_HOP = [
  'connection',
  'expect',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]

/** Whose word counts for these is decided here. WSGI cannot tell `X_Forwarded_For` from `X-Forwarded-For`: in that spelling nobody's does. */
const DECIDED_HERE: ReadonlySet<string> = new Set([...HOP_BY_HOP, ...FORWARDING_NAMES, 'content-length', 'host'])

/**
 * The fields for the upstream. Connection names what the client has sent; who the client is a filter has found out since, and nobody takes
 * that from the upstream by naming it.
 */
export function requestFields(request: HttpRequest, { suppressed, forwarding, via, host }: FieldRules): Map<string, string> {
  const fields = new Map(fieldOctets(request.headers))
  const named = namesIn(request.headers.get('connection')).filter((name) => !isIdentity(name))
  for (const name of [...HOP_BY_HOP, ...named, ...suppressed, 'host']) fields.delete(name)
  for (const name of fields.keys()) if (name.includes('_') && DECIDED_HERE.has(name.replaceAll('_', '-'))) fields.delete(name)
  addForwarding(fields, request, forwarding)
  const ownHost = host ?? request.host
  if (ownHost !== '') fields.set('host', ownHost)
  if (via !== '') fields.set('via', addTo(fields.get('via'), `${request.httpVersion} ${via}`))
  return fields
}

/** The fields for the client; several of one name stay several, and a body without a type gets none here. */
export function replyFields(received: Readonly<Record<string, string | string[] | undefined>>, via: string): Record<string, HeaderValue> {
  const dropped = new Set([...HOP_BY_HOP, ...namesIn(received['connection'])])
  const fields: Record<string, HeaderValue> = { 'content-type': [] }
  for (const [name, value] of Object.entries(received)) {
    if (value !== undefined && !dropped.has(name)) fields[name] = value
  }
  if (via !== '') fields['via'] = addTo(received['via'], `1.1 ${via}`)
  return fields
}

/** The names that Connection says are of this connection only. */
function namesIn(connection: string | string[] | null | undefined): string[] {
  return String(connection ?? '').toLowerCase().split(/[\s,]+/)
}

function addTo(list: string | string[] | undefined, entry: string): string {
  return list === undefined ? entry : `${[list].flat().join(', ')}, ${entry}`
}
