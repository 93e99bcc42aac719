import type { HttpRequest, Peer } from '../app.ts'
import type { RequestRecord } from '../events.ts'

/** What is known of a reply when it is over. */
export interface ReplyFacts {
  readonly status: number
  readonly bytes: number
  readonly seconds: number
  readonly complete: boolean
}

/** The access log's view of a request and its reply. Where a filter has found the client behind its proxies, nothing else is said of it. */
export function recordOf(request: HttpRequest, peer: Peer, { status, bytes, seconds, complete }: ReplyFacts): RequestRecord {
  return {
    api: request.server.name,
    id: request.id,
    clientAddress: request.client.address,
    clientPort: request.client.port,
    forwardedFor: request.client === peer ? request.headers.get('x-forwarded-for') : null,
    method: request.method,
    target: request.target,
    httpVersion: request.httpVersion,
    status,
    bytes,
    seconds,
    complete,
  }
}
