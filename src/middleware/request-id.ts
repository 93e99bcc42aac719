import type { FilterFactory, HttpReply, HttpRequest } from '../app.ts'
import { after } from './after.ts'
import { asBool, asFieldNames, readOptions } from './converters.ts'
import { peerOf } from './peer.ts'

const FORMAT = /^req-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** The keys of `environ` that oslo.middleware sets. */
const ID = 'openstack.request_id'
const GLOBAL_ID = 'openstack.global_request_id'

/**
 * Sends the request's id, `req-<uuid>`, with each reply, as oslo.middleware does, and has it in `environ` as `openstack.request_id`. The
 * id that a trusted peer sends is the *global* one, which all requests share that services make of one another: it does not take the
 * place of this request's own, and is in `environ` as `openstack.global_request_id`.
 *
 * - `header`: the fields that carry the id, default `x-openstack-request-id`; the global one is read from the first of them. A field
 *   that the app has sent stays as it is.
 * - `compat_headers`: more fields that carry it, default none; nova's is `x-compute-request-id`.
 * - `trust_inbound`: believe the global id of peers of `[wsgi] trusted_proxies`, default true; nobody else is ever believed, as
 *   strangers could give many requests one id.
 *
 * Errors carry the id only where something inside this filter answers them: put `faultwrap` or `catch_errors` after it in the pipeline.
 *
 * ```ini
 * [filter:request_id]
 * use = egg:millrace#request_id
 * compat_headers = X-Compute-Request-ID
 * ```
 */
export const requestId: FilterFactory = requestIdWith([])

/** The same as nova has it: `compat_headers` is `x-compute-request-id` unless the section says otherwise. */
export const computeRequestId: FilterFactory = requestIdWith(['x-compute-request-id'])

function requestIdWith(compatible: string[]): FilterFactory {
  return (_globalConf, localConf) => {
    const options = readOptions(localConf, {
      header: [asFieldNames, ['x-openstack-request-id']],
      compat_headers: [asFieldNames, compatible],
      trust_inbound: [asBool, true],
    })
    const names = [...options.header, ...options.compat_headers]
    const inbound = options.trust_inbound ? options.header[0] : undefined
    const addId = (reply: HttpReply, request: HttpRequest): HttpReply => {
      const headers = (reply.headers ??= {})
      for (const name of names) headers[name] ??= request.id
      return reply
    }
    return (next) => (request) => {
      request.environ[ID] = request.id
      if (inbound !== undefined) keepGlobalId(request, inbound)
      return after(next(request), addId, request)
    }
  }
}

function keepGlobalId(request: HttpRequest, name: string): void {
  const id = request.headers.get(name)
  if (id !== null && FORMAT.test(id) && request.server.trusts(peerOf(request).address)) request.environ[GLOBAL_ID] = id
}

/** The id that a trusted peer has given to this request and others; null without one, or outside of {@link requestId}. */
export function globalIdOf({ environ }: HttpRequest): string | null {
  return (environ[GLOBAL_ID] as string | undefined) ?? null
}
