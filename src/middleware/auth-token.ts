import type { App, Conf, Filter, FilterFactory, HttpRequest } from '../app.ts'
import { systemClock, type Clock } from '../clock.ts'
import { HttpError } from '../errors.ts'
import { readAuthTokenOptions, type AuthTokenOptions } from './auth-token/auth-token-options.ts'
import { IdentityClient } from './auth-token/identity-client.ts'
import { dropIdentity } from './identity-fields.ts'
import { OwnToken } from './auth-token/own-token.ts'
import { TokenCache } from './auth-token/token-cache.ts'
import type { Token } from './auth-token/token.ts'
import { withChallenge } from './auth-token/with-challenge.ts'

/** A token that is sent: null when it is not good, undefined when there is none. */
type Sent = Token | null | undefined

/** Whose request it is, and which service makes it for them. */
interface Identity {
  readonly user: Sent
  readonly service: Sent
}

interface Guard {
  readonly options: AuthTokenOptions
  readonly tokens: TokenCache
  readonly challenge: Record<string, string>
}

/**
 * Lets in who has a token of Keystone's (OpenStack Identity API v3), as keystonemiddleware's `auth_token` does and with its options. The app
 * finds who it is in X-User-Id, X-User-Name, X-User-Domain-Id, X-Project-Id, X-Roles and so on, and all of it in
 * `request.environ['keystone.token_info']`; X-Identity-Status is `Confirmed`. What the client itself says in such fields is taken out first.
 * Without a good X-Auth-Token the answer is 401; while Keystone cannot be asked it is 503, and nobody is let in.
 *
 * - `auth_url`: where Keystone is, with or without `/v3`; required. `identity_uri` is an older name.
 * - `username`, `password`: this service's own, required; `user_domain_id` or `user_domain_name` of it (default the domain `default`).
 * - `project_id`, or `project_name` with `project_domain_id` or `project_domain_name`: what it is authorized for.
 * - `auth_type`: `password` or `v3password`, which are the same; default `password`.
 * - `www_authenticate_uri`: where clients get tokens, for WWW-Authenticate; default `auth_url`. `auth_uri` is an older name.
 * - `delay_auth_decision`: default false. When true who has no good token, or whose token nobody can check, goes on to the app, with
 *   X-Identity-Status `Invalid`.
 * - `token_cache_time`: seconds a token is believed without asking again, but never past its end; default 300, and 0 or -1 asks each time.
 *   A revoked token is good for as long. Refused ones are remembered for 10 s. `token_cache_size`: how many, default 1000, per worker.
 * - `service_token_roles`: default `service`; with one of these roles X-Service-Token lets a user's token count that has expired.
 *   `service_token_roles_required`: without one of them a service token is not good. Default false, as in keystonemiddleware; use true.
 * - `http_connect_timeout`: seconds for each question to Keystone with all its retries, default 10. `http_request_max_retries`: how often it
 *   is asked again when the connection is lost, default 3.
 * - `include_service_catalog`: sends X-Service-Catalog to the app; default true.
 * - `cafile`, `certfile`, `keyfile`: PEM, relative to the INI file: who signs Keystone's certificate, and this service's own. `insecure`:
 *   does not check Keystone's certificate; default false.
 *
 * All may stand in `[DEFAULT]` as well. Without effect, as files have them: `memcached_servers` and other options of memcached,
 * `region_name`, `interface`, `auth_version`, `auth_section`, `service_type`, `enforce_token_bind`, `signing_dir`, `cache`, `log_name`. Tokens
 * that are bound, or restricted by access rules, are refused.
 *
 * ```ini
 * [filter:authtoken]
 * paste.filter_factory = keystonemiddleware.auth_token:filter_factory
 * auth_url = https://identity.example:5000
 * username = nova
 * password = secret
 * project_name = service
 * ```
 */
export const authToken: FilterFactory = (globalConf, localConf) => makeAuthToken(globalConf, localConf, systemClock)

/** {@link authToken} by another clock. */
export async function makeAuthToken(globalConf: Conf, localConf: Conf, clock: Clock): Promise<Filter> {
  const options = readAuthTokenOptions(globalConf, localConf)
  const client = await IdentityClient.make(options, globalConf, clock)
  const tokens = await TokenCache.make(options, clock, { client, own: new OwnToken(client, options, clock) })
  const uri = options.www_authenticate_uri || options.auth_uri || options.auth_url || options.identity_uri
  const guard: Guard = { options, tokens, challenge: { 'www-authenticate': `Keystone uri="${uri}"` } }
  return (next) => {
    const app = withChallenge(next, guard.challenge)
    return (request) => {
      dropIdentity(request.headers)
      return whenKnown(identify(request, guard), (identity) => enter(app, request, identity, guard))
    }
  }
}

/** At once when both tokens are known. */
function identify({ headers }: HttpRequest, guard: Guard): Identity | Promise<Identity> {
  const { service_token_roles: roles, service_token_roles_required: required } = guard.options
  return whenKnown(find(headers.get('x-service-token'), false, guard), (service) => {
    const trusted = service?.roles.some((role) => roles.includes(role)) ?? false
    const counts = trusted || !required || service === undefined
    const user = find(headers.get('x-auth-token') ?? headers.get('x-storage-token'), trusted, guard)
    return whenKnown(user, (user) => ({ user, service: counts ? service : null }))
  })
}

function find(text: string | null, allowExpired: boolean, { tokens, options }: Guard): Sent | Promise<Sent> {
  if (text === null) return undefined
  const found = tokens.find(text, allowExpired)
  if (!(found instanceof Promise)) return found.token
  const token = found.then((verdict) => verdict.token)
  // Where the app decides, nobody's word for a token is as bad as a word against it.
  return options.delay_auth_decision ? token.catch(() => null) : token
}

function enter(app: App, request: HttpRequest, { user, service }: Identity, { options, challenge }: Guard): ReturnType<App> {
  const { headers, environ } = request
  if ((!user || service === null) && !options.delay_auth_decision) {
    throw new HttpError(401, 'The request you have made requires authentication.', { headers: challenge })
  }
  headers.set('x-identity-status', user ? 'Confirmed' : 'Invalid')
  for (const [name, value] of user?.userFields ?? []) headers.set(name, value)
  if (user) environ['keystone.token_info'] = user.info
  if (service !== undefined) headers.set('x-service-identity-status', service ? 'Confirmed' : 'Invalid')
  for (const [name, value] of service?.serviceFields ?? []) headers.set(name, value)
  return app(request)
}

function whenKnown<A, B>(value: A | Promise<A>, use: (value: A) => B | Promise<B>): B | Promise<B> {
  return value instanceof Promise ? value.then(use) : use(value)
}
