import type { HttpRequest } from '../app.ts'

/** Where filters leave it and apps find it: `request.environ[CONTEXT]`. */
export const CONTEXT = 'nova.context'

/** Who asks, in the terms of nova's RequestContext. What is not known is null. */
export interface RequestContext {
  readonly userId: string
  readonly userName: string | null
  readonly userDomainId: string | null
  readonly projectId: string | null
  readonly projectName: string | null
  readonly projectDomainId: string | null
  readonly domainId: string | null
  /** `all`, for a token of the whole deployment. */
  readonly systemScope: string | null
  readonly roles: readonly string[]
  readonly isAdmin: boolean
  /** For questions to other services in the client's name. */
  readonly authToken: string | null
  readonly serviceUserId: string | null
  readonly serviceRoles: readonly string[]
  /** Keystone's catalog as X-Service-Catalog has it. */
  readonly serviceCatalog: string | null
  readonly remoteAddress: string
  readonly requestId: string
}

/** From the fields that `auth_token` sets; null when they name no user. */
export function contextOf({ headers, client, id }: HttpRequest): RequestContext | null {
  const userId = headers.get('x-user-id') ?? headers.get('x-user')
  if (userId === null) return null
  const roles = rolesIn(headers.get('x-roles'))
  return {
    userId,
    userName: headers.get('x-user-name'),
    userDomainId: headers.get('x-user-domain-id'),
    projectId: headers.get('x-project-id'),
    projectName: headers.get('x-project-name'),
    projectDomainId: headers.get('x-project-domain-id'),
    domainId: headers.get('x-domain-id'),
    systemScope: headers.get('openstack-system-scope'),
    roles,
    isAdmin: roles.some((role) => role.toLowerCase() === 'admin'),
    authToken: headers.get('x-auth-token') ?? headers.get('x-storage-token'),
    serviceUserId: headers.get('x-service-user-id'),
    serviceRoles: rolesIn(headers.get('x-service-roles')),
    serviceCatalog: headers.get('x-service-catalog'),
    remoteAddress: client.address,
    requestId: id,
  }
}

function rolesIn(field: string | null): string[] {
  return (field ?? '').split(',').map((role) => role.trim()).filter(Boolean)
}
