import type { App, FilterFactory, HttpReply, HttpRequest } from '../app.ts'
import { isPromise } from '../is-promise.ts'
import { readOptions } from '../middleware/converters.ts'
import { checkReply } from './lint/lint-reply.ts'
import { checkRequest } from './lint/lint-request.ts'

/**
 * Checks both sides of the contract of `app.ts`, as `wsgiref.validate` does for WSGI: what comes from outside is a request, what comes from
 * `app` a reply. Put one outside a filter and one inside to know which of them breaks it. What it throws is a {@link ContractError}.
 */
export function lintApp(app: App): App {
  return (request) => {
    checkRequest(request)
    const answer = app(request)
    return isPromise(answer) ? answer.then((reply) => passReply(reply, request)) : passReply(answer, request)
  }
}

function passReply(reply: HttpReply, request: HttpRequest): HttpReply {
  checkReply(reply, request)
  return reply
}

/**
 * {@link lintApp} as a filter, for a pipeline under development: `pipeline = lint my_filter lint my_app`. Has no options.
 *
 * ```ini
 * [filter:lint]
 * use = egg:millrace#lint
 * ```
 */
export const lint: FilterFactory = (_globalConf, localConf) => {
  readOptions(localConf, {})
  return lintApp
}
