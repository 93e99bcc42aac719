import type { Conf } from '../../app.ts'
import { ConfigError } from '../../errors.ts'
import { Problems } from '../../problems.ts'
import { asBool, asCount, asInt, asList, asOneOf, asSeconds, asText, readOptions, type OptionTable } from '../converters.ts'

/** The options of keystonemiddleware's `auth_token` that mean something here. */
export interface AuthTokenOptions {
  readonly auth_url: string
  readonly identity_uri: string
  readonly www_authenticate_uri: string
  readonly auth_uri: string
  readonly auth_type: string
  readonly username: string
  readonly password: string
  readonly user_domain_id: string
  readonly user_domain_name: string
  readonly project_id: string
  readonly project_name: string
  readonly project_domain_id: string
  readonly project_domain_name: string
  readonly delay_auth_decision: boolean
  readonly include_service_catalog: boolean
  readonly token_cache_time: number
  readonly token_cache_size: number
  readonly service_token_roles: readonly string[]
  readonly service_token_roles_required: boolean
  readonly http_connect_timeout: number
  readonly http_request_max_retries: number
  readonly cafile: string
  readonly certfile: string
  readonly keyfile: string
  readonly insecure: boolean
}

const TABLE: OptionTable<AuthTokenOptions> = {
  auth_url: [asUrl, ''],
  identity_uri: [asUrl, ''],
  www_authenticate_uri: [asUrl, ''],
  auth_uri: [asUrl, ''],
  auth_type: [asOneOf(['password', 'v3password']), 'password'],
  username: [asText, ''],
  password: [asText, ''],
  user_domain_id: [asText, ''],
  user_domain_name: [asText, ''],
  project_id: [asText, ''],
  project_name: [asText, ''],
  project_domain_id: [asText, ''],
  project_domain_name: [asText, ''],
  delay_auth_decision: [asBool, false],
  include_service_catalog: [asBool, true],
  token_cache_time: [asInt, 300],
  token_cache_size: [asCount, 1000],
  service_token_roles: [asList, ['service']],
  service_token_roles_required: [asBool, false],
  http_connect_timeout: [asSeconds, 10],
  http_request_max_retries: [asCount, 3],
  cafile: [asText, ''],
  certfile: [asText, ''],
  keyfile: [asText, ''],
  insecure: [asBool, false],
}

/** What files for keystonemiddleware often have, and what is so here whatever they say. */
const WITHOUT_EFFECT = [
  'auth_section', 'auth_version', 'cache', 'enforce_token_bind', 'interface', 'log_name', 'memcache_pool_conn_get_timeout', 'memcache_pool_dead_retry',
  'memcache_pool_maxsize', 'memcache_pool_socket_timeout', 'memcache_pool_unused_timeout', 'memcache_secret_key', 'memcache_security_strategy',
  'memcache_use_advanced_pool', 'memcached_servers', 'region_name', 'service_type', 'signing_dir',
]
const ALL = { ...TABLE, ...Object.fromEntries(WITHOUT_EFFECT.map((name) => [name, [asText, '']])) }

/** Those of `[DEFAULT]` and, over them, the section's own, as keystonemiddleware takes both. Throws ConfigError. */
export function readAuthTokenOptions(globalConf: Conf, localConf: Conf): AuthTokenOptions {
  const inherited = Object.entries(globalConf).filter(([name]) => Object.hasOwn(ALL, name))
  const options = readOptions<AuthTokenOptions>({ ...Object.fromEntries(inherited), ...localConf }, ALL)
  const problems = new Problems()
  requireText('auth_url', options.auth_url || options.identity_uri, problems)
  requireText('username', options.username, problems)
  requireText('password', options.password, problems)
  problems.throwAny()
  return options
}

function requireText(option: string, value: string, problems: Problems): void {
  if (value === '') problems.add(new ConfigError({ message: 'is missing; what [keystone_authtoken] would say stands in this section', option }))
}

/** Of http or https, as it stands: quotes would end it where it is quoted, and in WWW-Authenticate everybody reads what it has. */
function asUrl(value: string, option: string): string {
  if (/^https?:\/\/[^\s"\\]+$/.test(value) && URL.canParse(value)) {
    const { username, password } = new URL(value)
    if (username === '' && password === '') return value
    throw new ConfigError({ message: 'has a user or a password, which clients would be told', option, value, expected: 'for instance https://identity.example:5000' })
  }
  throw new ConfigError({ message: 'is not a URL', option, value, expected: 'for instance https://identity.example:5000' })
}
