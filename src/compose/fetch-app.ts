import type { App, CompositeFactory, Conf, HttpRequest } from '../app.ts'
import { isPromise } from '../is-promise.ts'
import { importHandler, refuseHandler, urlBelowMount, wholeUrl } from './mounted-handler.ts'

/** What the handler gets beside the request. */
export interface FetchEnv {
  /** The request as Millrace has it: `client`, `tls`, `scriptName`, `environ`, `id`. */
  readonly request: HttpRequest
}

type FetchHandler = (request: Request, env: FetchEnv) => Response | Promise<Response>

/**
 * An app that is a WHATWG fetch handler, `(request, env) => Response`, as those of Hono and itty-router are, or an object that has one as `fetch`.
 *
 * `handler` (needed): `module:export` that names it, relative to the file. `strip_mount` (`true`): `request.url` begins below the mount point,
 * so that the app need not know where it is mounted; `false`: it is the whole URL.
 *
 * ```ini
 * [app:hono]
 * use = egg:millrace#fetch
 * handler = ./hono.js:app.fetch
 * ```
 */
export const fetchFactory: CompositeFactory = async (loader, _globalConf, localConf) => {
  const { exported, stripsMount } = await importHandler(loader, localConf)
  const handler = handlerOf(exported, localConf)
  const urlOf = stripsMount ? urlBelowMount : wholeUrl
  // Node loads fetch when it is first touched, which nobody should wait for who mounts none.
  const { FetchRequests } = await import('./fetch-app/fetch-request.ts')
  const { fromFetchResponse } = await import('./fetch-app/fetch-reply.ts')
  const requests = new FetchRequests()
  const app: App = (request) => {
    const response = handler(requests.of(request, urlOf(request)), { request })
    return isPromise(response) ? response.then(fromFetchResponse) : fromFetchResponse(response)
  }
  return app
}

function handlerOf(exported: unknown, localConf: Conf): FetchHandler {
  if (typeof exported === 'function') return exported as FetchHandler
  const { fetch } = Object(exported) as { fetch?: unknown }
  if (typeof fetch === 'function') return (fetch as FetchHandler).bind(exported)
  return refuseHandler(localConf, exported, 'a function from a Request to a Response, or an object that has one as fetch')
}
