import type { FilterFactory, HeaderValue, HttpReply, HttpRequest } from '../app.ts'
import { after } from './after.ts'
import { asBool, asCount, asFieldNames, asList, readOptions } from './converters.ts'

interface Policy {
  origins: ReadonlySet<string>
  credentials: boolean
  expose: string
  maxAge: number
  methods: ReadonlySet<string>
  headers: ReadonlySet<string>
}

type Fields = Record<string, HeaderValue>

/** Any page may send these without asking, as oslo.middleware has it; `range` and others must be allowed. */
const SIMPLE_HEADERS = asList('accept accept-language content-type cache-control content-language expires last-modified pragma')
const METHODS = asList('OPTIONS GET HEAD POST PUT DELETE TRACE PATCH')

/**
 * Lets pages of other origins use the API (Fetch, "CORS protocol"), with the options of oslo.middleware's cors. Lists are split at
 * commas or white space.
 *
 * - `allowed_origin`: `https://dashboard.example`, several, or `*`. Default none: the filter changes nothing.
 * - `allow_credentials`: default true; never sent for an origin that only `*` allows, where browsers refuse it.
 * - `expose_headers`: fields a page may read, default none.
 * - `max_age`: seconds a browser may remember a preflight, default 3600.
 * - `allow_methods`, `allow_headers`: what a preflight may ask for.
 *
 * A preflight that may pass is answered here, 204; one that may not goes on to the app, and what comes back says nothing of CORS.
 */
export const cors: FilterFactory = (_globalConf, localConf) => {
  const policy = readPolicy(localConf)
  const grant = (reply: HttpReply, request: HttpRequest): HttpReply => grantReply(reply, request, policy)
  return (next) => (request) => answerPreflight(request, policy) ?? after(next(request), grant, request)
}

function readPolicy(localConf: Readonly<Record<string, string>>): Policy {
  const options = readOptions(localConf, {
    allowed_origin: [asList, []],
    allow_credentials: [asBool, true],
    expose_headers: [asFieldNames, []],
    max_age: [asCount, 3600],
    allow_methods: [asList, METHODS],
    allow_headers: [asFieldNames, []],
  })
  return {
    origins: new Set(options.allowed_origin.map((origin) => origin.toLowerCase().replace(/\/$/, ''))),
    credentials: options.allow_credentials,
    expose: options.expose_headers.join(', '),
    maxAge: options.max_age,
    methods: new Set(options.allow_methods),
    headers: new Set([...SIMPLE_HEADERS, ...options.allow_headers]),
  }
}

function answerPreflight(request: HttpRequest, policy: Policy): HttpReply | null {
  const method = preflightMethod(request)
  if (method === null) return null
  const origin = originFields(request, policy)
  const asked = asList(request.headers.get('access-control-request-headers') ?? '')
  const allowed = policy.methods.has(method) && asked.every((name) => policy.headers.has(name.toLowerCase()))
  if (origin === null || !allowed) return null
  const headers: Fields = { ...origin, 'access-control-max-age': policy.maxAge, 'access-control-allow-methods': method }
  if (asked.length > 0) headers['access-control-allow-headers'] = asked.join(', ')
  addVary(headers, policy)
  return { status: 204, headers }
}

/** The method a preflight asks leave for; null for a request that is none. */
function preflightMethod({ method, headers }: HttpRequest): string | null {
  return method === 'OPTIONS' ? headers.get('access-control-request-method') : null
}

/** What an app has said of CORS itself is left alone. A preflight that comes this far was refused. */
function grantReply(reply: HttpReply, request: HttpRequest, policy: Policy): HttpReply {
  const headers = (reply.headers ??= {})
  if (headers['access-control-allow-origin'] !== undefined) return reply
  addVary(headers, policy)
  const origin = preflightMethod(request) === null ? originFields(request, policy) : null
  if (origin === null) return reply
  Object.assign(headers, origin)
  if (policy.expose !== '') headers['access-control-expose-headers'] = policy.expose
  return reply
}

function originFields(request: HttpRequest, { origins, credentials }: Policy): Fields | null {
  const origin = request.headers.get('origin')
  if (origin === null) return null
  if (!origins.has(origin)) return origins.has('*') ? { 'access-control-allow-origin': '*' } : null
  const fields: Fields = { 'access-control-allow-origin': origin }
  if (credentials) fields['access-control-allow-credentials'] = 'true'
  return fields
}

/** A cache must not give one origin's reply to another, also when this request had none (Fetch, "CORS protocol and HTTP caches"). */
function addVary(headers: Fields, { origins }: Policy): void {
  if (origins.size === 0 || (origins.size === 1 && origins.has('*'))) return
  const vary = asList(String(headers['vary'] ?? ''))
  if (!vary.some((name) => name === '*' || name.toLowerCase() === 'origin')) headers['vary'] = [...vary, 'Origin'].join(', ')
}
