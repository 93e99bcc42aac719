import { constants, createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type Server as TlsServer, type SecureVersion } from 'node:tls'
import { ConfigError } from '../errors.ts'

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
  const { ssl_cert_file, ssl_key_file, ssl_ca_file, ssl_ciphers, ssl_min_version, ssl_handshake_timeout } = settings
  const cert = readPem('cert_file', ssl_cert_file)
  const ca = readPem('ca_file', ssl_ca_file)
  const key = readPem('key_file', ssl_key_file)
  if (cert === undefined || key === undefined) {
    throw new ConfigError({ message: 'When running server in SSL mode, you must specify both a cert_file and key_file option value in your configuration file' })
  }
  try {
    return createServer({
      cert,
      key,
      ...(ca === undefined ? {} : { ca, requestCert: true, rejectUnauthorized: true }),
      ...(ssl_ciphers !== null && { ciphers: ssl_ciphers }),
      minVersion: ssl_min_version as SecureVersion,
      // A handshake costs the server many times what it costs the client. Node would allow three in ten minutes; TLS 1.3 has none.
      secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
      handshakeTimeout: ssl_handshake_timeout * 1000,
      allowHalfOpen: true,
      ALPNProtocols: ['http/1.1'],
      sessionIdContext: sessionContext(ca),
      ...(ticketKeys !== undefined && { ticketKeys }),
    })
  } catch (error) {
    throw new ConfigError({ message: `the TLS options cannot be used: ${(error as Error).message}` }, { cause: error })
  }
}

/** A session that began under one CA, or under none, must not be resumed under another: no certificate is shown or checked then. */
function sessionContext(ca: Buffer | undefined): string {
  return createHash('sha256').update(ca ?? '').digest('hex').slice(0, 32)
}

function readPem(option: string, path: string | null): Buffer | undefined {
  if (path === null) return undefined
  if (!existsSync(path)) throw new ConfigError({ message: `Unable to find ${option} : ${path}` })
  return readFileSync(path)
}
