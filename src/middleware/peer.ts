import type { HttpRequest, Peer } from '../app.ts'

/** Where in `environ` the socket's peer is kept once `request.client` is somebody else. */
const PEER = 'millrace.peer'

/** Says who the client is behind the proxies that brought the request. */
export function setClient(request: HttpRequest, client: Peer): void {
  request.environ[PEER] ??= request.client
  request.client = client
}

/** Who has brought the request: the client itself, or the proxy `http_proxy_to_wsgi` has put its client in the place of. */
export function peerOf(request: HttpRequest): Peer {
  return (request.environ[PEER] as Peer | undefined) ?? request.client
}

/** True once {@link setClient} has named another than the peer. */
export function isBehindProxy(request: HttpRequest): boolean {
  return request.environ[PEER] !== undefined
}
