import type { Conf, HeaderValue } from '../../app.ts'
import { ConfigError } from '../../errors.ts'
import { Problems } from '../../problems.ts'
import { asBool, asCount, asFieldNames, asList, asListOf, readOptions, type OptionTable } from '../converters.ts'

type Fields = Readonly<Record<string, HeaderValue>>

/** What pages of one origin may do, as the fields that tell them so: made once. */
export interface Grant {
  /** For a reply that such a page may read. */
  readonly reply: Fields
  /** For the reply to a preflight, by the method it asks for; none for a method that is not allowed. */
  readonly preflights: ReadonlyMap<string, Fields>
  /** The fields such a page may send, in lower case. */
  readonly headers: ReadonlySet<string>
}

/** Whom a cors filter lets in. */
export interface CorsPolicy {
  /** By origin; `*` stands for all that are not named. */
  readonly grants: ReadonlyMap<string, Grant>
  /** Replies differ with the origin, which caches must know. */
  readonly varies: boolean
}

interface Group {
  allowed_origin: readonly string[]
  allow_credentials: boolean
  expose_headers: readonly string[]
  max_age: number
  allow_methods: readonly string[]
  allow_headers: readonly string[]
}

interface Latent {
  latent_allow_methods: readonly string[]
  latent_allow_headers: readonly string[]
  latent_expose_headers: readonly string[]
}

/** Any page may send these without asking, as oslo.middleware has it; `range` and others must be allowed. */
const SIMPLE_HEADERS = asList('accept accept-language content-type cache-control content-language expires last-modified pragma')
const METHODS = asList('OPTIONS GET HEAD POST PUT DELETE TRACE PATCH')

const GROUP: OptionTable<Group> = {
  allowed_origin: [asListOf(asOrigin), []],
  allow_credentials: [asBool, true],
  expose_headers: [asFieldNames, []],
  max_age: [asCount, 3600],
  allow_methods: [asList, METHODS],
  allow_headers: [asFieldNames, []],
}

const MAIN: OptionTable<Group & Latent> = {
  ...GROUP,
  latent_allow_methods: [asList, []],
  latent_allow_headers: [asFieldNames, []],
  latent_expose_headers: [asFieldNames, []],
}

/** `cors.<group>.`, in front of what oslo.config has in its section `[cors.<group>]`. */
const PREFIX = /^cors\.[^.]+\.(?=[^.]+$)/

/** Reads what a section of cors says. Throws ConfigError for everything that is wrong with it. */
export function readPolicy(localConf: Conf): CorsPolicy {
  const problems = new Problems()
  const confOf = (prefix: string): Conf => Object.fromEntries(Object.entries(localConf).filter(([key]) => prefixOf(key) === prefix))
  const main = problems.try(() => readOptions(confOf(''), MAIN)) ?? readOptions({}, MAIN)
  const prefixes = [...new Set(Object.keys(localConf).map(prefixOf))].filter((prefix) => prefix !== '')
  const groups = prefixes.flatMap((prefix) => problems.try(() => [readGroup(prefix, confOf(prefix), main)]) ?? [])
  problems.try(() => checkDistinct([main, ...groups]))
  problems.throwAny()
  const grants = new Map([main, ...groups].flatMap((group) => group.allowed_origin.map((origin) => [origin, grantOf(origin, group, main)] as const)))
  return { grants, varies: [...grants.keys()].some((origin) => origin !== '*') }
}

function prefixOf(key: string): string {
  return PREFIX.exec(key)?.[0] ?? ''
}

/** What a group does not say is what the main keys say, but for its origins. */
function readGroup(prefix: string, conf: Conf, main: Group): Group {
  const rows = Object.entries(GROUP).map(([key, [convert]]) => [prefix + key, [convert, main[key as keyof Group]]] as const)
  const options = readOptions(conf, Object.fromEntries(rows) as OptionTable<Record<string, unknown>>)
  if (conf[`${prefix}allowed_origin`] === undefined) {
    throw new ConfigError({ message: 'is missing: the group is for no origin', option: `${prefix}allowed_origin` })
  }
  return Object.fromEntries(Object.entries(options).map(([key, value]) => [key.slice(prefix.length), value])) as unknown as Group
}

function checkDistinct(groups: readonly Group[]): void {
  const origins = groups.flatMap((group) => [...new Set(group.allowed_origin)])
  const twice = origins.find((origin, at) => origins.indexOf(origin) < at)
  if (twice !== undefined) throw new ConfigError({ message: 'is in two groups', option: 'allowed_origin', value: twice })
}

function grantOf(origin: string, group: Group, latent: Latent): Grant {
  const allowed = { 'access-control-allow-origin': origin, ...(group.allow_credentials && origin !== '*' && { 'access-control-allow-credentials': 'true' }) }
  const exposed = [...group.expose_headers, ...latent.latent_expose_headers]
  const preflight = (method: string): Fields => ({ ...allowed, 'access-control-max-age': group.max_age, 'access-control-allow-methods': method })
  return {
    reply: { ...allowed, ...(exposed.length > 0 && { 'access-control-expose-headers': exposed.join(', ') }) },
    preflights: new Map([...group.allow_methods, ...latent.latent_allow_methods].map((method) => [method, preflight(method)])),
    headers: new Set([...SIMPLE_HEADERS, ...group.allow_headers, ...latent.latent_allow_headers]),
  }
}

/** As browsers write them (RFC 6454 §6.2): in lower case, without the scheme's own port, and without a path. */
function asOrigin(value: string, option: string): string {
  const origin = value.toLowerCase().replace(/\/$/, '')
  if (origin === '*' || origin === 'null') return origin
  if (!/^[a-z][a-z\d+.-]*:\/\/[^\s/?#@]+$/.test(origin) || !URL.canParse(origin)) {
    throw new ConfigError({ message: 'is no origin', option, value, expected: 'scheme://host or scheme://host:port, or *' })
  }
  const url = new URL(origin)
  return url.origin === 'null' ? origin : url.origin
}
