import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { ConfigError } from '../src/errors.ts'
import { isTlsEnabled, type TlsConf, tlsOptions, wrap } from '../src/sslutils.ts'
import { TestAuthority } from './server/certificates.ts'

const directory = mkdtempSync(join(tmpdir(), 'millrace-'))
afterAll(() => rmSync(directory, { recursive: true }))

const authority = new TestAuthority(directory)
const server = authority.issue('localhost')
const client = authority.issue('client')
const PAIR = { cert_file: server.certFile, key_file: server.keyFile }

const INCOMPLETE = 'When running server in SSL mode, you must specify both a cert_file and key_file option value in your configuration file'
const missing = join(directory, 'missing.pem')
const junk = join(directory, 'junk.pem')
writeFileSync(junk, 'not a certificate')

function failure(work: () => unknown): ConfigError {
  try {
    work()
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return error as ConfigError
  }
  throw new Error('it did not fail')
}

test.each<[what: string, conf: TlsConf, enabled: boolean]>([
  ['nothing', {}, false],
  ['empty names', { cert_file: '', key_file: null }, false],
  ['authorities only', { ca_file: authority.caFile }, false],
  ['both files', PAIR, true],
  ['both, by their names with ssl_', { ssl_cert_file: server.certFile, ssl_key_file: server.keyFile }, true],
])('TLS with %s: %s', (_what, conf, enabled) => {
  expect(isTlsEnabled(conf)).toBe(enabled)
})

test.each<[what: string, conf: TlsConf, text: string]>([
  ['a certificate alone', { cert_file: server.certFile }, INCOMPLETE],
  ['a key alone', { key_file: server.keyFile }, INCOMPLETE],
  ['a missing certificate', { cert_file: missing, ca_file: missing, key_file: missing }, `Unable to find cert_file : ${missing}`],
  ['missing authorities', { ...PAIR, ca_file: missing, key_file: missing }, `Unable to find ca_file : ${missing}`],
  ['missing authorities, without TLS', { ca_file: missing }, `Unable to find ca_file : ${missing}`],
  ['a missing key', { ...PAIR, key_file: missing }, `Unable to find key_file : ${missing}`],
])('%s is the operator\'s error when TLS is asked after (oslo\'s texts)', (_what, conf, text) => {
  expect(failure(() => isTlsEnabled(conf)).problem.message).toBe(text)
})

test.each<[what: string, conf: TlsConf, text: string]>([
  ['no files', { cert_file: null, key_file: null }, INCOMPLETE],
  ['a key alone', { cert_file: null }, INCOMPLETE],
  ['a missing certificate', { cert_file: missing }, `Unable to find cert_file : ${missing}`],
  ['a missing key', { ssl_key_file: missing }, `Unable to find key_file : ${missing}`],
  ['missing authorities', { ca_file: missing }, `Unable to find ca_file : ${missing}`],
  ['a directory', { cert_file: directory }, 'the TLS options cannot be used: EISDIR'],
  ['a certificate that is none', { cert_file: junk }, 'the TLS options cannot be used: '],
  ['the key of another certificate', { key_file: client.keyFile }, 'the TLS options cannot be used: '],
  ['ciphers OpenSSL does not know', { ciphers: 'NONE-SUCH' }, 'the TLS options cannot be used: '],
  ['a version that is none', { version: 'TLSv9' }, 'Invalid SSL version : TLSv9'],
  ['a version nobody speaks any more', { version: 'SSLv3' }, 'Invalid SSL version : SSLv3'],
])('%s is the operator\'s error when a server is made', (_what, conf, text) => {
  expect(failure(() => tlsOptions({ ...PAIR, ...conf })).problem.message).toContain(text)
})

test.each<[conf: TlsConf, version: string]>([
  [{}, 'TLSv1.2'],
  [{ version: 'SSLv23' }, 'TLSv1.2'],
  [{ version: 'tlsv1' }, 'TLSv1'],
  [{ version: 'TLSV1_1' }, 'TLSv1.1'],
  [{ version: 'TLSv1_2' }, 'TLSv1.2'],
  [{ ssl_version: 'TLSv1.3', version: 'tlsv1' }, 'TLSv1.3'],
  [{ ssl_min_version: 'TLSv1.3' }, 'TLSv1.3'],
])('%j: %s is the oldest', (conf, version) => {
  expect(tlsOptions({ ...PAIR, ...conf }).minVersion).toBe(version)
})

test('a client certificate is asked for when there are authorities, and only then', () => {
  expect(tlsOptions(PAIR).requestCert).toBe(undefined)
  expect(tlsOptions({ ...PAIR, ca_file: authority.caFile })).toMatchObject({ requestCert: true, rejectUnauthorized: true })
})

/** A TCP server, and a service that says hello by TLS on its connections. */
async function serve(conf: TlsConf): Promise<(options?: ConnectionOptions) => TLSSocket> {
  const tcp = createServer()
  const wrapped = wrap({ ...PAIR, ...conf }, tcp).on('secureConnection', (socket) => void socket.on('error', () => {}).end('hello'))
  const port = await listen(tcp)
  onTestFinished(() => void wrapped.close())
  return (options) => connect({ port, host: '127.0.0.1', servername: 'localhost', ca: authority.ca, ...options })
}

async function listen(tcp: Server): Promise<number> {
  tcp.listen(0, '127.0.0.1')
  await once(tcp, 'listening')
  onTestFinished(() => void tcp.close())
  return (tcp.address() as AddressInfo).port
}

async function read(socket: TLSSocket): Promise<string> {
  onTestFinished(() => void socket.destroy())
  let text = ''
  for await (const chunk of socket) text += String(chunk)
  return text
}

test('a wrapped server speaks TLS on the connections that the other accepts', async () => {
  const dial = await serve({})
  expect(await read(dial())).toBe('hello')
})

test('without a client certificate of one of the authorities nobody comes in', async () => {
  const dial = await serve({ ca_file: authority.caFile })
  await expect(read(dial())).rejects.toThrow(/certificate required/)
  expect(await read(dial({ cert: client.cert, key: client.key }))).toBe('hello')
})

test('an older version than the oldest is refused', async () => {
  const dial = await serve({ version: 'TLSv1_3' })
  await expect(read(dial({ maxVersion: 'TLSv1.2' }))).rejects.toThrow(/protocol version/)
})

test('a wrapped server may listen by itself', async () => {
  const wrapped = wrap(PAIR).on('secureConnection', (socket) => void socket.on('error', () => {}).end('alone'))
  const port = await listen(wrapped)
  expect(await read(connect({ port, host: '127.0.0.1', servername: 'localhost', ca: authority.ca }))).toBe('alone')
})
