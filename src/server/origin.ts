import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { Peer, ServerInfo, TlsInfo } from '../app.ts'
import type { RequestOrigin } from '../http/request.ts'

/** What is known of a connection before anything is read. A unix socket's client is called `unix`, as in eventlet's log. */
export function originOf(socket: Socket, server: ServerInfo): RequestOrigin {
  const client: Peer = { address: socket.remoteAddress ?? 'unix', port: socket.remotePort ?? 0 }
  const tls = socket instanceof TLSSocket ? tlsInfo(socket) : null
  return { scheme: tls === null ? 'http' : 'https', client, server, tls }
}

function tlsInfo(socket: TLSSocket): TlsInfo {
  const certificate = socket.getPeerCertificate()
  const subject = socket.authorized ? (certificate.subject as unknown as Record<string, string | string[]>) : null
  return { protocol: socket.getProtocol(), cipher: socket.getCipher().name, authorized: socket.authorized, clientSubject: subject }
}
