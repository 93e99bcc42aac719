import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext, type SecureVersion } from 'node:tls'
import { ConfigError } from '../errors.ts'
import type { Problems } from '../problems.ts'
import type { DefaultSettings, WsgiSettings } from './options.ts'
import { placeOf, type Setting, type Settled } from './settings.ts'

/** What stands between a certificate's armour lines is read by X509Certificate, one certificate at a time. */
const CERTIFICATE = /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^]*?(?:-----END (?:TRUSTED |X509 )?CERTIFICATE-----|$)/g

/** The files of an API that speaks TLS, as far as they could be read. */
interface TlsFiles {
  readonly cert: X509Certificate | undefined
  readonly key: KeyObject | undefined
}

/**
 * Everything that would keep an API from speaking TLS: files that are not there (the texts are oslo's) or not what they should be, a key of
 * another certificate, ciphers that OpenSSL does not know. `enabled` is the option that asks for TLS.
 */
export function checkTls(api: string, wsgi: Settled<WsgiSettings>, enabled: Settled<DefaultSettings>, problems: Problems): void {
  const { ssl_cert_file, ssl_ca_file, ssl_key_file, ssl_ciphers } = wsgi
  const cert = problems.try(() => readPem('cert_file', ssl_cert_file, readCertificates))?.[0]
  problems.try(() => readPem('ca_file', ssl_ca_file, readCertificates))
  const key = problems.try(() => readPem('key_file', ssl_key_file, (pem) => createPrivateKey(pem)))
  problems.try(() => requireBoth(api, wsgi, enabled))
  problems.try(() => checkCiphers(ssl_ciphers))
  problems.try(() => checkPair({ cert, key }, wsgi))
}

/** Undefined when the option is not set. Throws {@link ConfigError} when the file cannot be read, or OpenSSL finds nothing in it. */
function readPem<T>(name: string, setting: Setting<string | null>, read: (pem: string) => T): T | undefined {
  const { value } = setting
  if (value === null) return undefined
  try {
    return read(readFileSync(value, 'utf8'))
  } catch (error) {
    throw new ConfigError({ ...placeOf(setting), ...describeFailure(name, value, error as NodeJS.ErrnoException) }, { cause: error })
  }
}

function describeFailure(name: string, path: string, { code, message }: NodeJS.ErrnoException): { message: string; expected: string } {
  const expected = name === 'key_file' ? 'a file with a private key without passphrase, PEM' : 'a file with certificates, PEM'
  return { message: code === 'ENOENT' ? `Unable to find ${name} : ${path}` : `the TLS options cannot be used: ${path}: ${message}`, expected }
}

function readCertificates(pem: string): X509Certificate[] {
  const found = pem.match(CERTIFICATE)
  if (found === null) throw new Error('there is no certificate in it')
  return found.map((one) => new X509Certificate(one))
}

/** Throws {@link ConfigError}. The text is oslo's; where TLS is asked for is where an option is missing. */
function requireBoth(api: string, { ssl_cert_file, ssl_key_file }: Settled<WsgiSettings>, { enabled_ssl_apis }: Settled<DefaultSettings>): void {
  const missing = [ssl_cert_file, ssl_key_file].filter(({ value }) => value === null).map(({ option }) => option)
  if (missing.length === 0) return
  throw new ConfigError({
    ...placeOf(enabled_ssl_apis),
    message: 'When running server in SSL mode, you must specify both a cert_file and key_file option value in your configuration file',
    value: api,
    expected: `${missing.join(' and ')} in [wsgi:${api}] or [wsgi]`,
  })
}

/** Throws {@link ConfigError}. */
function checkCiphers(setting: Setting<string | null>): void {
  if (setting.value === null) return
  try {
    createSecureContext({ ciphers: setting.value })
  } catch (error) {
    const message = `the TLS options cannot be used: ${(error as Error).message}`
    throw new ConfigError({ ...placeOf(setting), message, expected: 'an OpenSSL cipher list, such as HIGH:!aNULL' }, { cause: error })
  }
}

/** Throws {@link ConfigError} when the two do not belong together, or OpenSSL will not use them, weak as they are for instance. */
function checkPair({ cert, key }: TlsFiles, { ssl_cert_file, ssl_key_file, ssl_min_version }: Settled<WsgiSettings>): void {
  if (cert === undefined || key === undefined) return
  if (!cert.checkPrivateKey(key)) {
    const message = 'the TLS options cannot be used: the key is not that of the certificate'
    throw new ConfigError({ ...placeOf(ssl_key_file), message, expected: `the private key of ${ssl_cert_file.value}` })
  }
  try {
    createSecureContext({
      cert: cert.toString(),
      key: key.export({ type: 'pkcs8', format: 'pem' }),
      minVersion: ssl_min_version.value as SecureVersion,
    })
  } catch (error) {
    throw new ConfigError({ ...placeOf(ssl_cert_file), message: `the TLS options cannot be used: ${(error as Error).message}` }, { cause: error })
  }
}
