import type { FilterFactory, HeaderValue, HttpReply, HttpRequest } from '../app.ts'
import { after } from './after.ts'
import { asList } from './converters.ts'
import { readPolicy, type CorsPolicy, type Grant } from './cors/cors-policy.ts'
import { addVary } from './vary.ts'

/**
 * Lets pages of other origins use the API (Fetch, "CORS protocol"), with the options of oslo.middleware's cors. Lists are split at
 * commas or white space.
 *
 * - `allowed_origin`: `https://dashboard.example`, several, or `*`. Default none: the filter changes nothing.
 * - `allow_credentials`: default true; never sent for an origin that only `*` allows, where browsers refuse it.
 * - `expose_headers`: fields a page may read, default none.
 * - `max_age`: seconds a browser may remember a preflight, default 3600.
 * - `allow_methods`: what a preflight may ask for, default OPTIONS, GET, HEAD, POST, PUT, DELETE, TRACE and PATCH.
 * - `allow_headers`: the same of fields, default none besides the simple ones, as `content-type`.
 * - `latent_allow_methods`, `latent_allow_headers`, `latent_expose_headers`: what the app needs besides, for all origins; default none.
 * - `cors.<group>.allowed_origin`, `cors.<group>.allow_methods` and so on: the options for other origins, which oslo.config has in
 *   `[cors.<group>]`. What a group does not say is as above.
 *
 * A preflight that may pass is answered here, 204, with fields that were made at start. One that may not goes on, to the next cors
 * filter or the app, and what comes back says nothing of this one. So several may stand in a pipeline, each for its own origins.
 *
 * ```ini
 * [filter:cors]
 * use = egg:millrace#cors
 * allowed_origin = https://dashboard.example
 * allow_headers = X-Auth-Token
 * cors.partner.allowed_origin = https://partner.example
 * cors.partner.allow_methods = GET
 * ```
 */
export const cors: FilterFactory = (_globalConf, localConf) => {
  const policy = readPolicy(localConf)
  const grantReply = makeReplyGrant(policy)
  return (next) => (request) => answerPreflight(request, policy) ?? after(next(request), grantReply, request)
}

function answerPreflight(request: HttpRequest, policy: CorsPolicy): HttpReply | null {
  const method = preflightMethod(request)
  if (method === null) return null
  const origin = request.headers.get('origin')
  const grant = origin === null ? undefined : grantFor(origin, policy)
  const fields = grant?.preflights.get(method)
  const asked = asList(request.headers.get('access-control-request-headers') ?? '')
  if (grant === undefined || fields === undefined || !asked.every((name) => grant.headers.has(name.toLowerCase()))) return null
  const headers: Record<string, HeaderValue> = { ...fields }
  if (asked.length > 0) headers['access-control-allow-headers'] = asked.join(', ')
  if (policy.varies) addVary(headers, 'Origin')
  return { status: 204, headers }
}

/** The method a preflight asks leave for; null for a request that is none. */
function preflightMethod({ method, headers }: HttpRequest): string | null {
  return method === 'OPTIONS' ? headers.get('access-control-request-method') : null
}

/**
 * What an app has said of CORS itself is left alone. A preflight that comes this far was refused. Where all origins are treated alike a
 * request without one is as well: a cache may give its reply to a page (Fetch, "CORS protocol and HTTP caches").
 */
function makeReplyGrant(policy: CorsPolicy): (reply: HttpReply, request: HttpRequest) => HttpReply {
  const anybody = policy.varies ? undefined : policy.grants.get('*')
  return (reply, request) => {
    const headers = (reply.headers ??= {})
    if (headers['access-control-allow-origin'] !== undefined) return reply
    if (policy.varies) addVary(headers, 'Origin')
    if (preflightMethod(request) !== null) return reply
    const origin = request.headers.get('origin')
    Object.assign(headers, (origin === null ? anybody : grantFor(origin, policy))?.reply)
    return reply
  }
}

function grantFor(origin: string, { grants }: CorsPolicy): Grant | undefined {
  return grants.get(origin) ?? grants.get('*')
}
