import { once } from 'node:events'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SecureVersion, TLSSocket } from 'node:tls'
import { randomBytes } from 'node:crypto'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import type { App } from '../../src/app.ts'
import { ConfigError } from '../../src/errors.ts'
import { subscribe } from '../../src/events.ts'
import type { TlsSettings } from '../../src/server/tls.ts'
import { get, readReplies, SETTINGS } from '../support/server-harness.ts'
import { type Credentials, TestAuthority } from './certificates.ts'
import { readAll, type Served, serveTls } from './serve-tls.ts'

const directory = mkdtempSync(join(tmpdir(), 'millrace-'))
afterAll(() => rmSync(directory, { recursive: true }))

const authority = new TestAuthority(directory)
const first = moved(authority.issue('localhost'))
const other = authority.issue('localhost')
const second = new TestAuthority(mkdtempSync(join(directory, 'second-')))
const client = authority.issue('client')
const strangers = second.issue('client')

/** The next one of this name will be written over it. */
function moved(credentials: Credentials): Credentials {
  const dir = mkdtempSync(join(directory, 'moved-'))
  const [certFile, keyFile] = [join(dir, 'cert.pem'), join(dir, 'key.pem')]
  copyFileSync(credentials.certFile, certFile)
  copyFileSync(credentials.keyFile, keyFile)
  return { ...credentials, certFile, keyFile }
}

const TLS: TlsSettings = {
  ssl_cert_file: first.certFile,
  ssl_key_file: first.keyFile,
  ssl_ca_file: null,
  ssl_ciphers: null,
  ssl_min_version: 'TLSv1.2',
  ssl_handshake_timeout: 10,
}

const VERSIONS: readonly SecureVersion[] = ['TLSv1.2', 'TLSv1.3']
const fine: App = ({ server, tls }) => ({ body: { address: server.address, ...tls } })

function serve(changed: Partial<TlsSettings> = {}, ticketKeys?: Buffer): Promise<Served> {
  return serveTls(fine, { ...TLS, ...changed }, { ca: authority.ca, ...(ticketKeys && { ticketKeys }) })
}

function mutate({ service }: Served, changed: object): void {
  service.mutate({ ...SETTINGS, ...TLS, ...changed })
}

function withPair({ certFile, keyFile }: Credentials): Partial<TlsSettings> {
  return { ssl_cert_file: certFile, ssl_key_file: keyFile }
}

function fingerprintOf(socket: TLSSocket): string {
  return socket.getPeerX509Certificate()?.fingerprint256 ?? ''
}

/** What the server says to one request on this connection, which then ends. */
async function ask(socket: TLSSocket): Promise<number | undefined> {
  socket.write(get('/', 'Connection: close'))
  return readReplies(await readAll(socket))[0]?.status
}

/** A session of a connection by this version that is over. */
async function sessionOf(served: Served, version: SecureVersion): Promise<Buffer> {
  const socket = await served.connect({ maxVersion: version })
  // By TLS 1.3 it comes behind the handshake (RFC 8446 §4.6.1).
  const session = version === 'TLSv1.3' ? once(socket, 'session').then(([given]: Buffer[]) => given) : socket.getSession()
  await ask(socket)
  return (await session)!
}

test('new handshakes get the new certificate, connections under way stay as they are', async () => {
  const served = await serve()
  const before = await served.connect()
  mutate(served, withPair(other))
  const after = await served.connect()
  expect(fingerprintOf(before)).not.toBe(fingerprintOf(after))
  expect([await ask(before), await ask(after)]).toEqual([200, 200])
})

test('the same paths are read again', async () => {
  const { certFile, keyFile } = moved(first)
  const same = { ssl_cert_file: certFile, ssl_key_file: keyFile }
  const served = await serve(same)
  const before = fingerprintOf(await served.connect())
  copyFileSync(other.certFile, certFile)
  copyFileSync(other.keyFile, keyFile)
  mutate(served, same)
  expect(fingerprintOf(await served.connect())).not.toBe(before)
})

test('a handshake that is under way goes on with what it began with', async () => {
  const served = await serve()
  const tcp = await served.connectPlain()
  while (served.service.load().connections === 0) await new Promise((resolve) => setImmediate(resolve))
  mutate(served, { ssl_min_version: 'TLSv1.3' })
  expect(await ask(await served.connect({ socket: tcp, maxVersion: 'TLSv1.2' }))).toBe(200)
  await expect(served.connect({ maxVersion: 'TLSv1.2' })).rejects.toThrow()
})

test('ssl_ciphers', async () => {
  const served = await serve()
  mutate(served, { ssl_ciphers: 'TLS_CHACHA20_POLY1305_SHA256' })
  expect((await served.connect()).getCipher().name).toBe('TLS_CHACHA20_POLY1305_SHA256')
})

test('ssl_handshake_timeout', async () => {
  const failure = new Promise<{ error: Error }>((resolve) => onTestFinished(subscribe('tls.failed', resolve)))
  const served = await serve()
  mutate(served, { ssl_handshake_timeout: 0.01 })
  const silent = await served.connectPlain()
  silent.resume()
  expect((await failure).error.message).toMatch(/timeout/)
})

test.each<[what: string, changed: Partial<TlsSettings>]>([
  ['a missing certificate', { ssl_cert_file: join(directory, 'missing.pem') }],
  ['a key of another certificate', { ssl_key_file: other.keyFile }],
  ['ciphers OpenSSL does not know', { ssl_ciphers: 'NONE-SUCH' }],
  ['no certificate at all', { ssl_cert_file: null, ssl_key_file: null }],
])('%s changes nothing, of the other settings either', async (_what, changed) => {
  const served = await serve()
  expect(() => mutate(served, { keep_alive: false, trusted_proxies: ['127.0.0.1'], ssl_min_version: 'TLSv1.3', ...changed })).toThrow(ConfigError)
  const socket = await served.connect({ maxVersion: 'TLSv1.2' })
  socket.write(get('/') + get('/', 'Connection: close'))
  expect(readReplies(await readAll(socket))).toMatchObject([{ headers: { connection: 'keep-alive' } }, {}])
})

test('ssl_ca_file: clients must show a certificate from then on, and one of the new CA when it is another', async () => {
  const served = await serve()
  const { cert, key } = client
  mutate(served, { ssl_ca_file: authority.caFile })
  await expect(served.connect({ maxVersion: 'TLSv1.2' })).rejects.toThrow()
  expect(await ask(await served.connect({ cert, key, maxVersion: 'TLSv1.2' }))).toBe(200)
  mutate(served, { ssl_ca_file: second.caFile })
  await expect(served.connect({ cert, key, maxVersion: 'TLSv1.2' })).rejects.toThrow()
  expect(await ask(await served.connect({ cert: strangers.cert, key: strangers.key, maxVersion: 'TLSv1.2' }))).toBe(200)
  mutate(served, {})
  expect(await ask(await served.connect({ maxVersion: 'TLSv1.2' }))).toBe(200)
})

test.each(VERSIONS)('%s: a session from before is no way around a new CA', async (version) => {
  const served = await serve()
  const session = await sessionOf(served, version)
  mutate(served, { ssl_ca_file: authority.caFile })
  const refused = await served.connect({ session, maxVersion: version }).then(ask).catch(() => 'refused')
  expect(refused).not.toBe(200)
})

test.each(VERSIONS)('%s: sessions are resumed across a change', async (version) => {
  const served = await serve()
  const session = await sessionOf(served, version)
  mutate(served, withPair(other))
  const socket = await served.connect({ session, maxVersion: version })
  expect(socket.isSessionReused()).toBe(true)
  expect(await ask(socket)).toBe(200)
})

test.each(VERSIONS)('%s: servers with the same ticket keys resume each other\'s sessions, also after a change', async (version) => {
  const keys = randomBytes(48)
  const [one, another] = [await serve({}, keys), await serve({}, keys)]
  const session = await sessionOf(one, version)
  mutate(another, {})
  const socket = await another.connect({ session, maxVersion: version })
  expect(socket.isSessionReused()).toBe(true)
  expect(await ask(socket)).toBe(200)
})

test.each(VERSIONS)('%s: without they do not', async (version) => {
  const [one, another] = [await serve(), await serve()]
  const socket = await another.connect({ session: await sessionOf(one, version), maxVersion: version })
  expect(socket.isSessionReused()).toBe(false)
  expect(await ask(socket)).toBe(200)
})

test('ticket keys of another length are refused', async () => {
  await expect(serve({}, randomBytes(47))).rejects.toThrow(/48 bytes/)
})
