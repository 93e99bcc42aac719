import { catalogField } from './service-catalog.ts'

/** What Keystone says of a token, `{"token": {…}}` of its Identity API v3; only what is used here is named. */
export interface TokenInfo {
  readonly token: {
    readonly expires_at: string
    readonly user: Named & Owned
    readonly project?: Named & Owned
    readonly domain?: Named
    readonly system?: { readonly all?: boolean }
    readonly roles?: readonly Named[]
    readonly is_admin_project?: boolean
    readonly catalog?: readonly object[]
    readonly bind?: object
    readonly application_credential?: { readonly access_rules?: unknown }
  }
}

interface Named {
  readonly id: string
  readonly name: string
}

interface Owned {
  readonly domain?: Named
}

type Field = readonly [name: string, value: string]

/** A token that Keystone knows, and all that a request is told because of it. */
export interface Token {
  readonly info: TokenInfo
  /** Milliseconds since 1970. */
  readonly expiresAt: number
  readonly roles: readonly string[]
  /** Who the client is: X-User-Id and so on. */
  readonly userFields: readonly Field[]
  /** The same of the service that asks for the client: X-Service-User-Id and so on. */
  readonly serviceFields: readonly Field[]
}

/** Throws TypeError for what is not what Keystone says of a token. */
export function readToken(info: TokenInfo): Token {
  const expiresAt = Date.parse(info.token.expires_at)
  if (Number.isNaN(expiresAt) || typeof info.token.user.id !== 'string') throw new TypeError('it says no expires_at, or no user')
  // X-Roles is a list with commas: a role's own comma would make two of it.
  const roles = (info.token.roles ?? []).map(({ name }) => name).filter((name) => !name.includes(','))
  const fields = scopeFields(info, roles)
  return { info, expiresAt, roles, userFields: [...prefixed('x-', fields), ...userOnly(info, fields)], serviceFields: prefixed('x-service-', fields) }
}

/** True for a token that is only good for some requests or some connections. Which ones is not known here, so it is good for none. */
export function isRestricted({ info: { token } }: Token): boolean {
  const { bind = {}, application_credential: credential } = token
  return Object.keys(bind).length > 0 || (credential?.access_rules ?? null) !== null
}

function scopeFields({ token: { user, project, domain } }: TokenInfo, roles: readonly string[]): Field[] {
  return [
    ...named('user', user),
    ...named('user-domain', user.domain),
    ...named('project', project),
    ...named('project-domain', project?.domain),
    ...named('domain', domain),
    ['roles', inOneLine(roles.join(','))],
  ]
}

/** With the older names that apps written for keystonemiddleware may still read. */
function userOnly({ token }: TokenInfo, fields: readonly Field[]): Field[] {
  const values = new Map(fields)
  const older: [string, string | undefined][] = [
    ['x-user', values.get('user-name')],
    ['x-role', values.get('roles')],
    ['x-tenant-id', values.get('project-id')],
    ['x-tenant-name', values.get('project-name')],
    ['x-tenant', values.get('project-name')],
    ['x-is-admin-project', token.is_admin_project === false ? 'False' : 'True'],
    ['openstack-system-scope', token.system?.all === true ? 'all' : undefined],
    ['x-service-catalog', token.catalog === undefined ? undefined : catalogField(token.catalog)],
  ]
  return older.filter((field): field is [string, string] => field[1] !== undefined)
}

function named(name: string, thing: Named | undefined): Field[] {
  return thing === undefined ? [] : [[`${name}-id`, inOneLine(thing.id)], [`${name}-name`, inOneLine(thing.name)]]
}

function prefixed(prefix: string, fields: readonly Field[]): Field[] {
  return fields.map(([name, value]) => [prefix + name, value])
}

/** Keystone lets names have line ends; in a field each is a blank (RFC 9110 §5.5). */
function inOneLine(value: string): string {
  return value.replace(/\p{Cc}/gu, ' ')
}
