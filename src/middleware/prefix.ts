import type { FilterFactory, HttpRequest } from '../app.ts'
import { hostName } from '../compose/host.ts'
import { encodePrefix } from '../compose/urlmap/path-table.ts'
import { ConfigError } from '../errors.ts'
import { asBool, asOneOf, readOptions, type Converter } from './converters.ts'
import { peerOf, setClient } from './peer.ts'
import { readBareNode } from './proxy-node.ts'

const SCHEMES = ['http', 'https'] as const
/** What may stand in a Host field: a name or an address, and a port (RFC 3986 §3.2). */
const HOST = /^(?:\[[\da-f:.]+\]|[\w.~%!$&'()*+,;=-]+)(?::\d*)?$/i

/**
 * Names the place a proxy serves the API at, when the proxy does not tell the API: PasteDeploy's PrefixMiddleware.
 *
 * - `prefix`: becomes the script name, and goes from the path if the proxy left it there. Default `/`, none.
 * - `translate_forwarded_server`: takes X-Forwarded-Server, X-Forwarded-Host, X-Forwarded-For, X-Forwarded-Scheme and
 *   X-Forwarded-Proto for the host, the client and the scheme, and removes those fields. Default true.
 * - `force_port`: the port of the host, whatever it was; empty for none, the scheme's own. Default: as it came.
 * - `scheme`: `http` or `https`. Default: as it came.
 *
 * ```ini
 * [filter:proxy-prefix]
 * use = egg:PasteDeploy#prefix
 * prefix = /compute
 * ```
 *
 * Where it is not PasteDeploy's: only `trusted_proxies` are believed, and of each field the entry of the outermost one of them, not the first,
 * which anybody can make up; what is no host, address or scheme is ignored; the prefix ends at a `/`, so that `/computer` keeps its path;
 * the server's own port stays as it is.
 */
export const prefix: FilterFactory = (_globalConf, localConf) => {
  const options = readOptions(localConf, {
    prefix: [asPrefix, ''],
    translate_forwarded_server: [asBool, true],
    force_port: [asForcedPort, undefined],
    scheme: [asOneOf(SCHEMES) as Converter<string | undefined>, undefined],
  })
  return (next) => (request) => {
    enterPrefix(request, options.prefix)
    if (options.translate_forwarded_server && request.server.trusts(peerOf(request).address)) translate(request)
    if (options.force_port !== undefined) request.host = hostName(request) + options.force_port
    if (options.scheme !== undefined) request.scheme = options.scheme
    return next(request)
  }
}

function enterPrefix(request: HttpRequest, prefix: string): void {
  const path = request.rawPathInfo
  request.rawScriptName = prefix
  if (path === prefix || path === '') request.rawPathInfo = '/'
  else if (path.startsWith(`${prefix}/`)) request.rawPathInfo = path.slice(prefix.length)
}

/** Each proxy appends to these fields what it was asked for, and by whom: beyond the last entry of a trusted one anybody may have written them. */
function translate(request: HttpRequest): void {
  const { server } = request
  const chain = take(request, 'x-forwarded-for').map(readBareNode)
  const hops = chain.length - chain.findLastIndex((peer) => peer === null || !server.trusts(peer.address))
  const tell = <T>(entries: readonly T[]): T | undefined => entries.at(-Math.min(Math.max(hops, 1), entries.length))
  setClient(request, tell(chain) ?? request.client)
  const names = [tell(take(request, 'x-forwarded-host')), tell(take(request, 'x-forwarded-server'))]
  request.host = names.find((name) => name !== undefined && HOST.test(name)) ?? request.host
  const schemes = [tell(take(request, 'x-forwarded-scheme')), tell(take(request, 'x-forwarded-proto'))]
  request.scheme = SCHEMES.find((scheme) => scheme === schemes.find((name) => name !== undefined)?.toLowerCase()) ?? request.scheme
}

/** The entries of a field, which is removed. */
function take({ headers }: HttpRequest, name: string): string[] {
  const text = headers.get(name)
  if (text === null) return []
  headers.delete(name)
  return text.split(',').map((entry) => entry.trim())
}

function asPrefix(value: string, option: string): string {
  const path = value.trim().replace(/\/+$/, '')
  if (path !== '' && !path.startsWith('/')) throw new ConfigError({ message: 'is no path', option, value, expected: 'for instance /compute' })
  return encodePrefix(path)
}

/** As it is added to a host's name. */
function asForcedPort(value: string, option: string): string | undefined {
  if (value === '') return ''
  if (/^\d{1,5}$/.test(value) && Number(value) <= 65_535) return `:${Number(value)}`
  throw new ConfigError({ message: 'is not a port', option, value, expected: '0 to 65535, or nothing' })
}
