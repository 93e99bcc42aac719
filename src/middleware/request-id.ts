import type { FilterFactory, HttpReply, HttpRequest } from '../app.ts'
import { after } from './after.ts'
import { asFieldNames, asOneOf, readOptions } from './converters.ts'
import { peerOf } from './peer.ts'

const FORMAT = /^req-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** The key of `environ` that oslo.middleware sets. */
const GLOBAL_ID = 'openstack.global_request_id'

/** What becomes of the id that a trusted peer sends. */
const INBOUND = { true: 'own', global: 'global', false: 'ignored' } as const

type Inbound = (typeof INBOUND)[keyof typeof INBOUND]

/**
 * Sends the request's id, `req-<uuid>`, with each reply, as oslo.middleware does. The id that a peer of `[wsgi] trusted_proxies` sends is
 * taken over, so that one id can be followed from service to service; nobody else's ever is, as strangers could give many requests one id.
 *
 * - `header`: the fields that carry the id, default `x-openstack-request-id`; an inbound one is read from the first of them. A field
 *   that the app has sent stays as it is.
 * - `compat_headers`: more fields that carry it, default none; nova's is `x-compute-request-id`.
 * - `trust_inbound`: `true`, the default, takes it for this request's own id; `global` keeps it beside that, in `environ` as
 *   `openstack.global_request_id`, as oslo.middleware does today; `false` takes none.
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

/**
 * The same as nova has it: `compat_headers` is `x-compute-request-id` unless the section says otherwise.
 *
 * ```ini
 * [filter:compute_req_id]
 * paste.filter_factory = nova.api.compute_req_id:ComputeReqIdMiddleware.factory
 * ```
 */
export const computeRequestId: FilterFactory = requestIdWith(['x-compute-request-id'])

function requestIdWith(compatible: string[]): FilterFactory {
  return (_globalConf, localConf) => {
    const options = readOptions(localConf, {
      header: [asFieldNames, ['x-openstack-request-id']],
      compat_headers: [asFieldNames, compatible],
      trust_inbound: [asInbound, INBOUND.true],
    })
    const names = [...options.header, ...options.compat_headers]
    const inbound = options.trust_inbound === 'ignored' ? undefined : options.header[0]
    const take = options.trust_inbound === 'own' ? takeOwnId : takeGlobalId
    const addId = (reply: HttpReply, request: HttpRequest): HttpReply => {
      const headers = (reply.headers ??= {})
      for (const name of names) headers[name] ??= request.id
      return reply
    }
    return (next) => (request) => {
      if (inbound !== undefined) take(request, inboundId(request, inbound))
      return after(next(request), addId, request)
    }
  }
}

/** Null for what nobody trusted has sent, or is no id. Fields are read last: where nobody is trusted they would be for this alone. */
function inboundId(request: HttpRequest, name: string): string | null {
  if (!request.server.trusts(peerOf(request).address)) return null
  const id = request.headers.get(name)
  return id !== null && FORMAT.test(id) ? id : null
}

function takeOwnId(request: HttpRequest, id: string | null): void {
  if (id === null) return
  request.id = id
  takeGlobalId(request, id)
}

function takeGlobalId(request: HttpRequest, id: string | null): void {
  if (id !== null) request.environ[GLOBAL_ID] = id
}

function asInbound(value: string, option: string): Inbound {
  return INBOUND[asOneOf(['true', 'global', 'false'])(value.toLowerCase(), option)]
}

/** The id that a trusted peer has given to this request and others; null without one, or outside of {@link requestId}. */
export function globalIdOf({ environ }: HttpRequest): string | null {
  return (environ[GLOBAL_ID] as string | undefined) ?? null
}
