import { constants, createHash } from 'node:crypto'
import { createServer, type Server as TlsServer, type TlsOptions } from 'node:tls'
import { tlsOptions } from '../sslutils.ts'

/** The `ssl_*` options, by their own names. Paths to PEM files. */
export interface TlsSettings {
  readonly ssl_cert_file: string | null
  readonly ssl_key_file: string | null
  /** When set, clients must show a certificate it signed. */
  readonly ssl_ca_file: string | null
  /** OpenSSL's cipher list. */
  readonly ssl_ciphers: string | null
  readonly ssl_min_version: string
  /** Seconds for the whole handshake. */
  readonly ssl_handshake_timeout: number
}

/**
 * A TLS server that never listens: it is given connections somebody else accepted. Throws ConfigError with oslo's texts when a file
 * is missing, and when OpenSSL does not like one.
 *
 * @param ticketKeys 48 octets (`tls.Server.getTicketKeys`): servers that have the same resume each other's sessions. Default: random ones.
 */
export function createTlsServer(settings: TlsSettings, ticketKeys?: Buffer): TlsServer {
  const options = tlsOptions(settings)
  return createServer({
    ...options,
    // A handshake costs the server many times what it costs the client. Node would allow three in ten minutes; TLS 1.3 has none.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
    handshakeTimeout: settings.ssl_handshake_timeout * 1000,
    allowHalfOpen: true,
    ALPNProtocols: ['http/1.1'],
    sessionIdContext: sessionContext(options),
    ...(ticketKeys !== undefined && { ticketKeys }),
  })
}

/**
 * A session is resumed without a certificate, a cipher or a version being asked for again: one that began under other rules, or another CA, or none,
 * must not be. (Node's own context is the same for all, and TLS 1.3 resumes then although a certificate is required.)
 */
function sessionContext({ ca, ciphers, minVersion }: TlsOptions): string {
  return createHash('sha256').update(String(ca ?? '')).update(`\n${ciphers ?? ''}\n${minVersion ?? ''}`).digest('hex').slice(0, 32)
}
