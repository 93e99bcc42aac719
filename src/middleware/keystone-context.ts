import type { FilterFactory } from '../app.ts'
import { HttpError } from '../errors.ts'
import { readOptions } from './converters.ts'
import { CONTEXT, contextOf } from './request-context.ts'

/**
 * Gathers what `auth_token` has found out into one object, {@link RequestContext}, at `request.environ['nova.context']`, as nova's
 * NovaKeystoneContext does. Answers 401 when there is no user. Has no options, and must come after `auth_token` in the pipeline: by itself it
 * would believe what clients say.
 *
 * ```ini
 * [filter:keystonecontext]
 * paste.filter_factory = nova.api.auth:NovaKeystoneContext.factory
 * ```
 */
export const keystoneContext: FilterFactory = (_globalConf, localConf) => {
  readOptions(localConf, {})
  return (next) => (request) => {
    const context = contextOf(request)
    if (context === null) throw new HttpError(401, 'The request you have made requires authentication.')
    request.environ[CONTEXT] = context
    return next(request)
  }
}
