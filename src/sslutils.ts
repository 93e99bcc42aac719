import { existsSync, readFileSync } from 'node:fs'
import type { Server, Socket } from 'node:net'
import { createSecureContext, createServer, type SecureVersion, type Server as TlsServer, type TlsOptions } from 'node:tls'
import { ConfigError } from './errors.ts'

/**
 * What a service needs to speak TLS: oslo.service's `[ssl]` options, or the same with `ssl_` before their names, which win. What is null,
 * empty or not there is not set.
 */
export interface TlsConf {
  /** The certificate chain, a path to a PEM file. */
  readonly cert_file?: string | null
  /** Its private key, a path to a PEM file. */
  readonly key_file?: string | null
  /** The authorities that sign client certificates, a path to a PEM file. Clients must then show one. */
  readonly ca_file?: string | null
  /** The oldest version that is spoken, in any case: `TLSv1_2` (the default, also called `SSLv23`), `TLSv1_3`, or the outdated `TLSv1` and `TLSv1_1`. A dot will do for the underscore. */
  readonly version?: string | null
  /** Another name for it. */
  readonly min_version?: string | null
  /** OpenSSL's cipher list. Node's own when not set. */
  readonly ciphers?: string | null
  readonly ssl_cert_file?: string | null
  readonly ssl_key_file?: string | null
  readonly ssl_ca_file?: string | null
  readonly ssl_version?: string | null
  readonly ssl_min_version?: string | null
  readonly ssl_ciphers?: string | null
}

type OptionName = 'cert_file' | 'key_file' | 'ca_file' | 'version' | 'min_version' | 'ciphers'

/** OpenSSL's old name for whatever both sides speak. */
const DEFAULT_VERSION = 'sslv23'
/** OpenSSL speaks TLS 1.0 and 1.1 only with `@SECLEVEL=0` in the ciphers. SSL 2 and 3 are in no Node. */
const VERSIONS: ReadonlyMap<string, SecureVersion> = new Map([
  [DEFAULT_VERSION, 'TLSv1.2'], ['tlsv1', 'TLSv1'], ['tlsv1_1', 'TLSv1.1'], ['tlsv1_2', 'TLSv1.2'], ['tlsv1_3', 'TLSv1.3'],
])

/**
 * Whether a certificate or a key is set, so that TLS is wanted: oslo.service's `sslutils.is_enabled`. Throws ConfigError with its texts when
 * a file is not there, or there is only one of the two.
 */
export function isTlsEnabled(conf: TlsConf): boolean {
  for (const name of ['cert_file', 'ca_file', 'key_file'] as const) findFile(conf, name)
  if (valueOf(conf, 'cert_file') === null && valueOf(conf, 'key_file') === null) return false
  requirePair(conf)
  return true
}

/**
 * The options for a TLS server of any kind (`tls.createServer`, `https.createServer`, `setSecureContext`). Reads the files, and throws
 * ConfigError when one is missing, a version is none, or OpenSSL does not like something.
 */
export function tlsOptions(conf: TlsConf): TlsOptions {
  const files = { cert: readPem(conf, 'cert_file'), ca: readPem(conf, 'ca_file'), key: readPem(conf, 'key_file') }
  requirePair(conf)
  const { ca, ...pair } = files
  const ciphers = valueOf(conf, 'ciphers')
  const options = {
    ...pair,
    ...(ca !== undefined && { ca, requestCert: true, rejectUnauthorized: true }),
    ...(ciphers !== null && { ciphers }),
    minVersion: oldestVersion(conf),
  }
  checkWithOpenSsl(options)
  return options
}

/**
 * A server whose connections speak TLS: those that `server` accepts, or, without one, those that are given to it with
 * `emit('connection', socket)`, or that it accepts itself once it listens. oslo.service's `sslutils.wrap`. Throws as {@link tlsOptions} does.
 */
export function wrap(conf: TlsConf, server?: Server): TlsServer {
  const wrapped = createServer(tlsOptions(conf))
  server?.on('connection', (socket: Socket) => wrapped.emit('connection', socket))
  return wrapped
}

function valueOf(conf: TlsConf, name: OptionName): string | null {
  return conf[`ssl_${name}`] || conf[name] || null
}

function findFile(conf: TlsConf, name: OptionName): string | null {
  const path = valueOf(conf, name)
  if (path !== null && !existsSync(path)) throw new ConfigError({ message: `Unable to find ${name} : ${path}` })
  return path
}

function readPem(conf: TlsConf, name: OptionName): Buffer | undefined {
  const path = findFile(conf, name)
  try {
    return path === null ? undefined : readFileSync(path)
  } catch (error) {
    throw unusable(error)
  }
}

function requirePair(conf: TlsConf): void {
  if (valueOf(conf, 'cert_file') !== null && valueOf(conf, 'key_file') !== null) return
  throw new ConfigError({ message: 'When running server in SSL mode, you must specify both a cert_file and key_file option value in your configuration file' })
}

function oldestVersion(conf: TlsConf): SecureVersion {
  const name = valueOf(conf, 'version') ?? valueOf(conf, 'min_version') ?? DEFAULT_VERSION
  const version = VERSIONS.get(name.toLowerCase().replace('.', '_'))
  if (version === undefined) throw new ConfigError({ message: `Invalid SSL version : ${name}`, expected: [...VERSIONS.keys()].join(', ') })
  return version
}

function checkWithOpenSsl(options: TlsOptions): void {
  try {
    createSecureContext(options)
  } catch (error) {
    throw unusable(error)
  }
}

function unusable(error: unknown): ConfigError {
  return new ConfigError({ message: `the TLS options cannot be used: ${(error as Error).message}` }, { cause: error })
}
