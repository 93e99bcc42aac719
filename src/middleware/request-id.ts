import type { FilterFactory, HttpReply, HttpRequest } from '../app.ts'
import { after } from './after.ts'
import { asBool, asFieldNames, readOptions } from './converters.ts'

const FORMAT = /^req-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/**
 * Sends the request's id, `req-<uuid>`, with each reply, as oslo.middleware and nova do.
 *
 * - `header`: the fields that carry it, default `x-openstack-request-id`; nova has `x-openstack-request-id x-compute-request-id`.
 * - `trust_inbound`: keep the id a client sends in the first of them when it has that format. Default false: clients could give many
 *   requests one id.
 *
 * Errors carry the id only where something inside this filter answers them: put `faultwrap` after it in the pipeline.
 */
export const requestId: FilterFactory = (_globalConf, localConf) => {
  const { header, trust_inbound: trustInbound } = readOptions(localConf, {
    header: [asFieldNames, ['x-openstack-request-id']],
    trust_inbound: [asBool, false],
  })
  const addId = (reply: HttpReply, request: HttpRequest): HttpReply => {
    const headers = (reply.headers ??= {})
    for (const name of header) headers[name] = request.id
    return reply
  }
  return (next) => (request) => {
    if (trustInbound) keepInbound(request, header[0])
    return after(next(request), addId, request)
  }
}

function keepInbound(request: HttpRequest, name: string | undefined): void {
  const id = name === undefined ? null : request.headers.get(name)
  if (id !== null && FORMAT.test(id)) request.id = id
}
