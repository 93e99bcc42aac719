import type { Pool } from 'undici'
import type { App, AppFactory, Conf } from '../app.ts'
import { ConfigError, HttpError } from '../errors.ts'
import { readPem } from '../middleware/conf-file.ts'
import { asBool, asFieldNames, asIntFrom, asList, asListOf, asOneOf, asSeconds, asText, readOptions } from '../middleware/converters.ts'
import { FORWARDING_KINDS, type ForwardingKind } from './proxy/forwarding.ts'
import { type ExchangeRules, passOn } from './proxy/proxy-exchange.ts'
import { readAddress, targetAt, type Upstream } from './proxy/upstream.ts'

interface ProxyOptions {
  address: Upstream | undefined
  allowed_request_methods: string[]
  suppress_http_headers: string[]
  forwarded: ForwardingKind[]
  preserve_host: boolean
  via: string
  connections: number
  connect_timeout: number
  headers_timeout: number
  body_timeout: number
  verify: boolean
  ca_file: string
}

/**
 * Passes requests on to another server and its answers back: Paste's proxy. Bodies stream in both directions, as fast as the slower side
 * takes them; a client that leaves ends the request to the upstream. Options:
 *
 * - `address`: `http://host:port/path`, `https://…` or `unix:/path/to/socket`. The request's path, without the mount point, goes behind the
 *   address's. Required.
 * - `allowed_request_methods`: others are answered 405. Default: all are allowed.
 * - `suppress_http_headers`: fields the upstream does not get.
 * - `forwarded`: how it is told of the client: `x-forwarded` (X-Forwarded-For, -Host, -Proto and -Prefix, the default), `forwarded` (RFC 7239),
 *   both, or, when empty, not at all. What was said of the client before is passed on from `trusted_proxies` only.
 * - `preserve_host`: the upstream gets the request's Host, not its own. Default false.
 * - `via`: this proxy's name in Via (RFC 9110 §7.6.3), default `millrace`; empty for none.
 * - `connections`: the most connections per worker, default 64; further requests wait.
 * - `connect_timeout`, `headers_timeout`, `body_timeout`: seconds until there is a connection, until the answer begins, and between two pieces of
 *   it; default 10, 60, 60. 504 is answered, but for the last, which cuts the answer.
 * - `verify`, `ca_file`: whether the upstream's certificate must be good, default true, and the PEM file of the authorities it may be from;
 *   relative to the INI file; default those of Node.
 *
 * ```ini
 * [app:images]
 * use = egg:millrace#proxy
 * address = http://127.0.0.1:9292/v2/
 * ```
 *
 * An upstream that cannot be reached, or answers what is not HTTP, is a 502. No request is sent twice. Fields of the connection are passed on
 * in neither direction (RFC 9110 §7.6.1), nor trailers, nor upgrades. A path with `.` or `..` is a 400, as it would leave its place.
 * `OPTIONS *` is answered here. `Location` is passed on as it came.
 *
 * Where it is not Paste's: it reads bodies whole, answers a method that is not allowed with 400, sends each request its own connection,
 * and replaces the last segment of an address that has no `/` at its end.
 */
export const proxyFactory: AppFactory = async (globalConf, localConf) => {
  const options = readOptions<ProxyOptions>(localConf, {
    address: [readAddress, undefined],
    allowed_request_methods: [asList, []],
    suppress_http_headers: [asFieldNames, []],
    forwarded: [asListOf(asOneOf(FORWARDING_KINDS)), ['x-forwarded']],
    preserve_host: [asBool, false],
    via: [asPseudonym, 'millrace'],
    connections: [asIntFrom(1), 64],
    connect_timeout: [asSeconds, 10],
    headers_timeout: [asSeconds, 60],
    body_timeout: [asSeconds, 60],
    verify: [asBool, true],
    ca_file: [asText, ''],
  })
  const upstream = options.address
  if (upstream === undefined) throw new ConfigError({ message: 'is missing', option: 'address', expected: 'for instance http://127.0.0.1:9292/' })
  return makeProxy(upstream, await makePool(upstream, options, globalConf), options)
}

async function makePool({ origin, serverName, socketPath }: Upstream, options: ProxyOptions, globalConf: Conf): Promise<Pool> {
  const ca = readPem('ca_file', options.ca_file, globalConf)
  const { buildConnector, Pool } = await import('undici')
  const connect = buildConnector({
    timeout: options.connect_timeout * 1000,
    rejectUnauthorized: options.verify,
    ...(ca === undefined ? {} : { ca }),
    ...(socketPath === undefined ? {} : { socketPath }),
  })
  return new Pool(origin, {
    connections: options.connections,
    headersTimeout: options.headers_timeout * 1000,
    bodyTimeout: options.body_timeout * 1000,
    // undici would ask TLS for whatever Host a request has.
    connect: (target, done) => connect({ ...target, servername: serverName }, done),
  })
}

function makeProxy(upstream: Upstream, pool: Pool, options: ProxyOptions): App {
  const methods = options.allowed_request_methods.map((method) => method.toUpperCase())
  const rules: ExchangeRules = {
    suppressed: options.suppress_http_headers,
    forwarding: options.forwarded,
    via: options.via,
    host: options.preserve_host ? undefined : upstream.host,
    headersTimeout: options.headers_timeout * 1000,
  }
  return async (request) => {
    const { method } = request
    if (methods.length > 0 && !methods.includes(method)) throw new HttpError(405, 'This method is not passed on.', { headers: { allow: methods.join(', ') } })
    if (request.rawPathInfo === '*') return { status: 204 }
    const path = targetAt(upstream, request.rawPathInfo, request.queryString)
    if (path === undefined) throw new HttpError(400, 'A path with dot segments is not passed on.')
    return passOn(request, pool, path, rules)
  }
}

/** RFC 9110 §7.6.3: a name, or a host and port. */
function asPseudonym(value: string, option: string): string {
  if (/^[\w!#$%&'*+\-.^`|~:]*$/.test(value)) return value
  throw new ConfigError({ message: 'is no name of a proxy', option, value, expected: 'one word' })
}
