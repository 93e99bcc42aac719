import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { Peer, ServerInfo, TlsInfo } from '../app.ts'
import type { RequestOrigin } from '../http/request.ts'

/**
 * What is known of a connection before anything is read. A unix socket's client is called `unix`, as in eventlet's log; one that has reset
 * its TCP connection already has no address any more, and must not be taken for that: `unix` may be one of the trusted proxies.
 */
export function originOf(socket: Socket, server: ServerInfo): RequestOrigin {
  const client: Peer = { address: socket.remoteAddress ?? (server.port === 0 ? 'unix' : 'gone'), port: socket.remotePort ?? 0 }
  const tls = socket instanceof TLSSocket ? tlsInfo(socket) : null
  return { scheme: tls === null ? 'http' : 'https', client, server, tls }
}

function tlsInfo(socket: TLSSocket): TlsInfo {
  const certificate = socket.getPeerCertificate()
  const subject = socket.authorized ? (certificate.subject as unknown as Record<string, string | string[]>) : null
  return { protocol: socket.getProtocol(), cipher: socket.getCipher().name, authorized: socket.authorized, clientSubject: subject }
}
