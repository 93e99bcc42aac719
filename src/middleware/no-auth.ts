import type { FilterFactory, HttpReply, HttpRequest } from '../app.ts'
import { readOptions } from './converters.ts'
import { dropIdentity } from './identity-fields.ts'
import { CONTEXT, contextOf } from './request-context.ts'

/**
 * Believes whoever comes, as nova's noauth2 does: **for development and tests only**. Who has no X-Auth-Token is given one, 204, made of the
 * X-Auth-User and X-Auth-Project-Id it sends (each `admin` if not), with the URL to go on at. A token is `user:project`; the user `admin` is
 * one. The app finds {@link RequestContext} at `request.environ['nova.context']`. Has no options.
 *
 * ```ini
 * [filter:noauth2]
 * paste.filter_factory = nova.api.openstack.auth:NoAuthMiddleware.factory
 * ```
 */
export const noAuth: FilterFactory = (_globalConf, localConf) => makeNoAuth(localConf, (url, project) => `${url}/${project}`)

/**
 * {@link noAuth} for an API whose URLs have no project in them, as nova's from microversion 2.18 on.
 *
 * ```ini
 * [filter:noauth2]
 * paste.filter_factory = nova.api.openstack.auth:NoAuthMiddlewareV2_18.factory
 * ```
 */
export const noAuthWithoutProject: FilterFactory = (_globalConf, localConf) => makeNoAuth(localConf, (url) => url)

function makeNoAuth(localConf: Readonly<Record<string, string>>, urlFor: (url: string, project: string) => string): ReturnType<FilterFactory> {
  readOptions(localConf, {})
  return (next) => (request) => {
    const token = request.headers.get('x-auth-token')
    if (token === null) return giveToken(request, urlFor)
    believe(request, token)
    return next(request)
  }
}

function giveToken({ headers, scheme, host, rawScriptName, rawPathInfo }: HttpRequest, urlFor: (url: string, project: string) => string): HttpReply {
  const user = headers.get('x-auth-user') ?? 'admin'
  const project = headers.get('x-auth-project-id') ?? 'admin'
  const url = `${scheme}://${host}${rawScriptName}${rawPathInfo}`.replace(/\/+$/, '')
  return { status: 204, headers: { 'x-auth-token': `${user}:${project}`, 'x-server-management-url': urlFor(url, project) } }
}

function believe(request: HttpRequest, token: string): void {
  const [user = '', project = ''] = token.split(/:(.*)/s)
  dropIdentity(request.headers)
  request.headers.set('x-user-id', user)
  request.headers.set('x-project-id', project || user)
  if (user === 'admin') request.headers.set('x-roles', 'admin')
  request.environ[CONTEXT] = contextOf(request)
}
