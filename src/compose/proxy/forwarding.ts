import type { HttpRequest } from '../../app.ts'
import { isBehindProxy, peerOf } from '../../middleware/peer.ts'

/** How an upstream is told of the client: X-Forwarded-For, -Host, -Proto and -Prefix, or Forwarded (RFC 7239). */
export const FORWARDING_KINDS = ['x-forwarded', 'forwarded'] as const
export type ForwardingKind = (typeof FORWARDING_KINDS)[number]

type Fields = Map<string, string>

/** By each of these somebody tells a server who its client is, or what it asked for. */
export const FORWARDING_NAMES: readonly string[] = [
  'forwarded',
  'x-client-ip',
  'x-forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-prefix',
  'x-forwarded-proto',
  'x-forwarded-scheme',
  'x-forwarded-server',
  'x-forwarded-ssl',
  'x-real-ip',
]

const ADD: { readonly [K in ForwardingKind]: (fields: Fields, request: HttpRequest) => void } = {
  'x-forwarded': addXForwarded,
  forwarded: addForwarded,
}

/**
 * Adds to a request's fields what the upstream is told of the client. What `trusted_proxies` said of it stays, and is added to; what anybody
 * else said goes, also when nothing is added: the upstream would take it for this proxy's word.
 */
export function addForwarding(fields: Fields, request: HttpRequest, kinds: readonly ForwardingKind[]): void {
  if (!request.server.trusts(peerOf(request).address)) for (const name of FORWARDING_NAMES) fields.delete(name)
  for (const kind of kinds) ADD[kind](fields, request)
}

/** A filter that has read what proxies said (`http_proxy_to_wsgi`, `prefix`) has put it into the request. */
function addXForwarded(fields: Fields, request: HttpRequest): void {
  const isRead = isBehindProxy(request)
  const set = (name: string, own: string): void => {
    const value = isRead ? own : (fields.get(name) ?? own)
    if (value !== '') fields.set(name, value)
  }
  const before = fields.get('x-forwarded-for') ?? (isRead ? request.client.address : undefined)
  const chain = [before, peerOf(request).address].filter((address) => address !== undefined && address !== 'unix')
  if (chain.length > 0) fields.set('x-forwarded-for', chain.join(', '))
  set('x-forwarded-host', request.host)
  set('x-forwarded-proto', request.scheme)
  const prefix = (isRead ? '' : (fields.get('x-forwarded-prefix') ?? '')) + request.rawScriptName
  if (prefix !== '') fields.set('x-forwarded-prefix', prefix)
}

function addForwarded(fields: Fields, request: HttpRequest): void {
  const before = fields.get('forwarded') ?? (isBehindProxy(request) ? `for=${nodeOf(request.client.address)}` : undefined)
  const host = request.host === '' ? '' : `;host="${request.host}"`
  const own = `for=${nodeOf(peerOf(request).address)}${host};proto=${request.scheme}`
  fields.set('forwarded', before === undefined ? own : `${before}, ${own}`)
}

/** RFC 7239 §6: an IPv6 address has brackets, which only a quoted string may have. */
function nodeOf(address: string): string {
  if (address === 'unix') return 'unknown'
  return address.includes(':') ? `"[${address}]"` : address
}
