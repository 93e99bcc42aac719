import type { RequestHeaders } from '../app.ts'

/** What is said of the one who asks, and of the service that asks in its name (X-Service-User-Id and so on). */
const OF_EITHER = [
  'domain-id', 'domain-name', 'project-id', 'project-name', 'project-domain-id', 'project-domain-name',
  'user-id', 'user-name', 'user-domain-id', 'user-domain-name', 'roles', 'identity-status', 'system-scope',
]
const OTHERS = [
  'x-is-admin-project', 'x-service-catalog', 'openstack-system-scope', 'openstack-service-system-scope',
  // Older names of some of them, which keystonemiddleware still sets.
  'x-role', 'x-user', 'x-tenant', 'x-tenant-id', 'x-tenant-name',
]

const NAMES: ReadonlySet<string> = new Set([...OF_EITHER.flatMap((name) => [`x-${name}`, `x-service-${name}`]), ...OTHERS])

/** True for a name, in lower case, by which somebody is told who the client is. */
export function isIdentity(name: string): boolean {
  return NAMES.has(name)
}

/**
 * Takes out of a request whatever says who the client is: only a filter that has found it out may say so. WSGI cannot tell `X_User_Id` from
 * `X-User-Id`, and apps are written for both, so both are taken.
 */
export function dropIdentity(headers: RequestHeaders): void {
  // Listed first: an iterator of `Headers` skips the one after a deleted one.
  const claims = [...headers.keys()].filter((name) => NAMES.has(name.includes('_') ? name.replaceAll('_', '-') : name))
  for (const name of claims) headers.delete(name)
}
