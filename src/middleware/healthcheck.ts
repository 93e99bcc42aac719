import type { AppFactory, FilterFactory, HttpReply, HttpRequest } from '../app.ts'
import { HttpError } from '../errors.ts'
import type { Networks } from '../networks.ts'
import { asBool, asNetworks, asText, readOptions, type OptionTable } from './converters.ts'
import { CHECK_OPTIONS, makeChecks, type CheckOptions } from './healthcheck/health-checks.ts'
import { healthReply } from './healthcheck/health-reply.ts'
import { isBehindProxy } from './peer.ts'

interface HealthOptions extends CheckOptions {
  path: string
  detailed: boolean
  allowed_source_ranges: Networks | null
  ignore_proxied_requests: boolean
}

const OPTIONS: OptionTable<HealthOptions> = {
  path: [asText, '/healthcheck'],
  detailed: [asBool, false],
  allowed_source_ranges: [asNetworks, null],
  ignore_proxied_requests: [asBool, false],
  ...CHECK_OPTIONS,
}

/** A proxy that leaves no trace of itself cannot be told from a client. */
const PROXY_FIELDS = ['forwarded', 'x-forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-prefix']

/**
 * Answers a load balancer at one path, GET and HEAD: 200 `OK`, or 503 with the reason from the moment the server stops, or while a
 * backend says so, with the options of oslo.middleware's healthcheck. As Accept has it the answer is text, HTML or JSON.
 *
 * - `path`: default `/healthcheck`, below the place the filter is mounted at.
 * - `backends`: of `disable_by_file`, `disable_by_files_ports` and `enable_by_files`, those that are asked; default those whose files are named.
 *   The first and the last exclude one another.
 * - `disable_by_file_path`: while this file exists the answer is 503 `DISABLED BY FILE`. Default none.
 * - `disable_by_file_paths`: the same by port or by the API's name: `8774:/run/compute.off, metadata:/run/metadata.off`. Default none.
 * - `enable_by_file_paths`: while one of these is missing the answer is 503 `FILE PATH MISSING`. Default none.
 * - `detailed`: name every check, the process and its versions, in JSON or HTML. Default false.
 * - `allowed_source_ranges`: addresses and networks; a request of a client in none of them goes on to the app. Default all.
 * - `ignore_proxied_requests`: a request that shows the fields of a proxy goes on to the app. Default false. As `http_proxy_to_wsgi` takes
 *   such fields off, this one then stands before it.
 *
 * Each backend looks for its files at each request, and waits for nothing else.
 *
 * ```ini
 * [filter:healthcheck]
 * use = egg:millrace#healthcheck
 * backends = disable_by_file
 * disable_by_file_path = /etc/nova/healthcheck_disable
 * ```
 */
export const healthcheck: FilterFactory = (_globalConf, localConf) => {
  const options = readOptions(localConf, OPTIONS)
  const { path } = options
  const health = makeHealth(options)
  return (next) => (request) => (request.rawPathInfo === path ? health(request) : null) ?? next(request)
}

/**
 * The same as an app, to be mounted at a path of its own. Its options are the filter's; `path` changes nothing, but oslo.middleware's
 * examples have it. What the filter passes on is a 404.
 *
 * ```ini
 * [app:healthcheck]
 * use = egg:millrace#healthcheck
 * ```
 */
export const healthcheckApp: AppFactory = (_globalConf, localConf) => {
  const health = makeHealth(readOptions(localConf, OPTIONS))
  return (request) => {
    const reply = health(request)
    if (reply === null) throw new HttpError(404, 'There is nothing here.')
    return reply
  }
}

/** Null for a request that is none of its business. */
function makeHealth(options: HealthOptions): (request: HttpRequest) => HttpReply | null {
  const { allowed_source_ranges: ranges, ignore_proxied_requests: direct, detailed } = options
  const checks = makeChecks(options)
  return (request) => {
    if (ranges !== null && !ranges.has(request.client.address)) return null
    if (direct && isProxied(request)) return null
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      throw new HttpError(405, 'A health check is a GET or a HEAD.', { headers: { allow: 'GET, HEAD' } })
    }
    return healthReply(checks.map((check) => check(request)), request, detailed)
  }
}

function isProxied(request: HttpRequest): boolean {
  return isBehindProxy(request) || PROXY_FIELDS.some((name) => request.headers.has(name))
}
