import type { App, FilterFactory, HttpRequest } from '../app.ts'
import { DEFAULT_PORTS } from '../compose/host.ts'
import type { Networks } from '../networks.ts'
import { asBool, asListOf, asNetworks, asOneOf, readOptions } from './converters.ts'
import { isBehindProxy, setClient } from './peer.ts'
import { PROXY_HEADERS, type ProxyHeaders, type Told } from './http-proxy-to-wsgi/proxy-headers.ts'

interface ProxyOptions {
  enable_proxy_headers_parsing: boolean
  trusted_proxies: Networks | null
  proxy_headers: readonly ProxyHeaders[]
}

type Trusts = (address: string) => boolean

const ALL = [...PROXY_HEADERS.values()]

const HOST = /^(?:\[[0-9a-f:.]+\]|[\w.~-]+)(?::\d{1,5})?$/i
/** No empty segments, which would make `//host` of a path, and no dots that climb (RFC 3986 §3.3). */
const PREFIX = /^(?:\/(?!\.{1,2}(?:\/|$))(?:[\w.~!$&'()*+,;=:@-]|%[0-9a-f]{2})+)+$/i
const PORT = /^[1-9]\d{0,4}$/

/**
 * Tells the apps behind it what the client asked, where proxies stand between: `request.client`, `scheme`, `host`, and in front of
 * `scriptName` the prefix that a proxy has taken off. With the option of oslo.middleware's http_proxy_to_wsgi, but only trusted peers are
 * believed, and each entry only as long as the one that made it is trusted: whatever clients send of these fields themselves stands
 * further left, and never wins.
 *
 * - `enable_proxy_headers_parsing`: default false: the filter does nothing.
 * - `trusted_proxies`: addresses, networks, and `unix`; default those of `[wsgi] trusted_proxies`. Of X-Forwarded-For and Forwarded the
 *   first address from the right that is none of these is the client. `unknown`, `_hidden` and what is no address end the search: the
 *   client is then the proxy that said so.
 * - `proxy_headers`: `x-forwarded` (X-Forwarded-For, -Proto, -Host, -Port, -Prefix) and `forwarded` (RFC 7239), default both, of which the
 *   first that is present is read. X-Forwarded comes first, as most proxies append to that and pass on whatever Forwarded a client sent;
 *   name only what yours sets.
 *
 * Of the fields there stays what was believed, and nothing where the peer is not trusted, so that apps may read them as well: the first
 * address of X-Forwarded-For is then the client. In a pipeline this stands before all filters that ask for `request.client`.
 *
 * ```ini
 * [filter:http_proxy_to_wsgi]
 * use = egg:millrace#http_proxy_to_wsgi
 * enable_proxy_headers_parsing = true
 * trusted_proxies = 10.0.0.0/8
 * ```
 */
export const httpProxyToWsgi: FilterFactory = (_globalConf, localConf) => {
  const options = readOptions<ProxyOptions>(localConf, {
    enable_proxy_headers_parsing: [asBool, false],
    trusted_proxies: [asNetworks, null],
    proxy_headers: [asListOf(asProxyHeaders), ALL],
  })
  if (!options.enable_proxy_headers_parsing) return passOn
  const { trusted_proxies: networks, proxy_headers: kinds } = options
  return (next) => (request) => {
    if (!isBehindProxy(request)) {
      readHeaders(request, kinds, networks === null ? (address) => request.server.trusts(address) : (address) => networks.has(address))
    }
    return next(request)
  }
}

function passOn(next: App): App {
  return next
}

function readHeaders(request: HttpRequest, kinds: readonly ProxyHeaders[], trusts: Trusts): void {
  const { headers } = request
  const kind = trusts(request.client.address) ? kinds.find(({ fields }) => fields.some((name) => headers.has(name))) : undefined
  for (const other of ALL) if (other !== kind) for (const name of other.fields) headers.delete(name)
  if (kind !== undefined) believe(request, kind.read(headers, trusts))
}

/** What a proxy says is looked at as what a client does is: where it makes no sense, nothing is changed. */
function believe(request: HttpRequest, { client, scheme, host, port, prefix }: Told): void {
  setClient(request, client ?? request.client)
  const named = scheme?.toLowerCase()
  if (named === 'http' || named === 'https') request.scheme = named
  if (host !== null && HOST.test(host)) request.host = host
  if (port !== null && PORT.test(port)) request.host = withPort(request, port)
  const mounted = prefix?.replace(/\/$/, '') ?? ''
  if (PREFIX.test(mounted)) request.rawScriptName = mounted + request.rawScriptName
}

/** The port, where it is not the scheme's own (RFC 9110 §4.2.3), and the host does not have one already. */
function withPort({ host, scheme }: HttpRequest, port: string): string {
  return host === '' || /:\d+$/.test(host) || DEFAULT_PORTS[scheme] === port ? host : `${host}:${port}`
}

function asProxyHeaders(value: string, option: string): ProxyHeaders {
  const name = asOneOf([...PROXY_HEADERS.keys()])(value.toLowerCase(), option)
  return PROXY_HEADERS.get(name) as ProxyHeaders
}
