import type { HttpRequest, Peer } from '../app.ts'

/** Who brought the request, once `request.client` is somebody else. Not in `environ`: that is made when it is first looked into. */
export const PEER: unique symbol = Symbol.for('millrace.peer')

export type Brought = HttpRequest & { [PEER]?: Peer }

/** Says who the client is behind the proxies that brought the request. */
export function setClient(request: Brought, client: Peer): void {
  request[PEER] ??= request.client
  request.client = client
}

/** Who has brought the request: the client itself, or the proxy `http_proxy_to_wsgi` has put its client in the place of. */
export function peerOf(request: Brought): Peer {
  return request[PEER] ?? request.client
}

/** True once {@link setClient} has named another than the peer. */
export function isBehindProxy(request: Brought): boolean {
  return request[PEER] !== undefined
}
