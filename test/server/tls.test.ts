import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Duplex } from 'node:stream'
import type { ConnectionOptions } from 'node:tls'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import type { App } from '../../src/app.ts'
import { systemClock } from '../../src/clock.ts'
import { ConfigError } from '../../src/errors.ts'
import { subscribe } from '../../src/events.ts'
import { createApiServer } from '../../src/server/api-server.ts'
import { createTlsServer, type TlsSettings } from '../../src/server/tls.ts'
import { deferred, get, listen, message, readReplies, SETTINGS } from '../support/server-harness.ts'
import { TestAuthority } from './certificates.ts'
import { readAll, type Served, serveTls } from './serve-tls.ts'

const directory = mkdtempSync(join(tmpdir(), 'millrace-'))
afterAll(() => rmSync(directory, { recursive: true }))

const authority = new TestAuthority(directory)
const server = authority.issue('localhost')
const client = authority.issue('client')

const TLS: TlsSettings = {
  ssl_cert_file: server.certFile,
  ssl_key_file: server.keyFile,
  ssl_ca_file: null,
  ssl_ciphers: null,
  ssl_min_version: 'TLSv1.2',
  ssl_handshake_timeout: 10,
}

const INCOMPLETE = 'When running server in SSL mode, you must specify both a cert_file and key_file option value in your configuration file'
const missing = join(directory, 'missing.pem')
const junk = join(directory, 'junk.pem')
writeFileSync(junk, 'not a certificate')

test.each<[what: string, settings: Partial<TlsSettings>, text: string]>([
  ['no files', { ssl_cert_file: null, ssl_key_file: null }, INCOMPLETE],
  ['no key', { ssl_key_file: null }, INCOMPLETE],
  ['a missing certificate', { ssl_cert_file: missing }, `Unable to find cert_file : ${missing}`],
  ['a missing key', { ssl_key_file: missing }, `Unable to find key_file : ${missing}`],
  ['a missing CA', { ssl_ca_file: missing }, `Unable to find ca_file : ${missing}`],
  ['a certificate that is none', { ssl_cert_file: junk }, 'the TLS options cannot be used: '],
  ['a key of another certificate', { ssl_key_file: client.keyFile }, 'the TLS options cannot be used: '],
  ['ciphers OpenSSL does not know', { ssl_ciphers: 'NONE-SUCH' }, 'the TLS options cannot be used: '],
])('%s is the operator\'s error (oslo\'s texts)', (_what, settings, text) => {
  let failure: unknown
  try {
    createTlsServer({ ...TLS, ...settings })
  } catch (error) {
    failure = error
  }
  expect(failure).toBeInstanceOf(ConfigError)
  expect((failure as Error).message).toContain(text)
})

function serve(app: App, changed: Partial<TlsSettings> = {}): Promise<Served> {
  return serveTls(app, { ...TLS, ...changed }, { ca: authority.ca })
}

/** Types of TLS records (RFC 5246 §6.2.1). */
const ALERT = 21
const APPLICATION_DATA = 23

/** The connection as a stream for a TLS client, and the types of the records the server sent on it. */
function tap(tcp: Socket): { stream: Duplex; records(): number[] } {
  const stream = new Duplex({ read: () => {}, write: (chunk: Buffer, _encoding, done) => void tcp.write(chunk, done) })
  const pieces: Buffer[] = []
  tcp.on('data', (bytes) => {
    pieces.push(bytes)
    stream.push(bytes)
  })
  tcp.on('end', () => {
    stream.push(null)
    tcp.end()
  })
  return { stream, records: () => recordTypes(Buffer.concat(pieces)) }
}

function recordTypes(bytes: Buffer): number[] {
  const types: number[] = []
  for (let at = 0; at < bytes.length; at += 5 + bytes.readUInt16BE(at + 3)) types.push(bytes[at]!)
  return types
}

/** The first event of this name. */
function firstTlsFailure(): Promise<{ api: string; client: string; error: Error }> {
  return new Promise((resolve) => onTestFinished(subscribe('tls.failed', resolve)))
}

test('HTTPS without client certificates', async () => {
  const { connect } = await serve((request) => ({ body: { url: request.url, scheme: request.scheme, tls: request.tls } }))
  const socket = await connect()
  expect(socket.alpnProtocol).toBe(false)
  socket.write(get('/', 'Connection: close'))
  const [reply] = readReplies(await readAll(socket))
  expect(JSON.parse(reply?.body ?? '')).toMatchObject({
    url: 'https://api.example/', scheme: 'https', tls: { protocol: 'TLSv1.3', authorized: false, clientSubject: null },
  })
})

test('HTTP/1.1 is what is agreed on by ALPN (RFC 7301)', async () => {
  const { connect } = await serve(() => ({}))
  expect((await connect({ ALPNProtocols: ['h2', 'http/1.1'] })).alpnProtocol).toBe('http/1.1')
})

test('a client certificate the CA signed is the app\'s to see', async () => {
  const { connect } = await serve((request) => ({ body: request.tls }), { ssl_ca_file: authority.caFile })
  const socket = await connect({ cert: client.cert, key: client.key })
  socket.write(get('/', 'Connection: close'))
  expect(JSON.parse(readReplies(await readAll(socket))[0]?.body ?? '')).toMatchObject({ authorized: true, clientSubject: { CN: 'client' } })
})

test('with a CA, a client without a certificate is refused', async () => {
  const failure = firstTlsFailure()
  const { connect } = await serve(() => ({}), { ssl_ca_file: authority.caFile })
  const socket = await connect({ maxVersion: 'TLSv1.2' }).catch((error: unknown) => error)
  expect(socket).toBeInstanceOf(Error)
  expect(await failure).toMatchObject({ api: 'compute', client: '127.0.0.1' })
})

test('with a CA, a certificate somebody else signed is refused', async () => {
  const failure = firstTlsFailure()
  const stranger = new TestAuthority(mkdtempSync(join(directory, 'other-'))).issue('client')
  const { connect } = await serve(() => ({}), { ssl_ca_file: authority.caFile })
  const refused = await connect({ cert: stranger.cert, key: stranger.key, maxVersion: 'TLSv1.2' }).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(Error)
  expect((await failure).error).toBeInstanceOf(Error)
})

test('ssl_min_version and ssl_ciphers are kept', async () => {
  const { connect } = await serve(() => ({}), { ssl_min_version: 'TLSv1.3', ssl_ciphers: 'TLS_AES_256_GCM_SHA384' })
  expect((await connect()).getCipher().name).toBe('TLS_AES_256_GCM_SHA384')
  await expect(connect({ maxVersion: 'TLSv1.2' })).rejects.toThrow()
})

test('plain HTTP to the TLS port costs that connection and no other', async () => {
  const failure = firstTlsFailure()
  const { connect, connectPlain } = await serve(() => ({ body: 'fine' }))
  const plain = await connectPlain()
  plain.write(get('/'))
  expect((await failure).error.message).toMatch(/http request/)
  expect(await readAll(plain).catch(() => '')).not.toContain('200')
  const socket = await connect()
  socket.write(get('/', 'Connection: close'))
  expect(readReplies(await readAll(socket))).toMatchObject([{ body: 'fine' }])
})

test('a client that half-closes after its request gets its answer (RFC 9112 §9.8)', async () => {
  const answer = deferred<object>()
  const asked = deferred<void>()
  const { connect } = await serve(() => {
    asked.resolve()
    return answer.promise
  })
  const socket = await connect({ allowHalfOpen: true } as ConnectionOptions)
  socket.end(get('/'))
  await asked.promise
  answer.resolve({ body: 'answered' })
  expect(readReplies(await readAll(socket))).toMatchObject([{ body: 'answered' }])
})

async function* failing(): AsyncGenerator<string> {
  yield 'some'
  throw new Error('disk on fire')
}

test.each<[what: string, body: () => AsyncIterable<string> | string, last: number]>([
  ['a whole reply ends with close_notify', () => 'some', ALERT],
  ['a reply cut midway ends without close_notify, by which HTTP/1.0 can tell', failing, APPLICATION_DATA],
])('%s (RFC 9112 §9.8)', async (_what, body, last) => {
  const { connect, connectPlain } = await serve(() => ({ body: body() }))
  const tcp = await connectPlain()
  const { stream, records } = tap(tcp)
  // Before TLS 1.3 a record tells what it is.
  const socket = await connect({ socket: stream, maxVersion: 'TLSv1.2' })
  socket.on('error', () => {})
  socket.write(message('GET', '/', [], '1.0'))
  socket.resume()
  await once(tcp, 'close')
  expect(records().at(-1)).toBe(last)
})

test('load counts a connection from before its handshake, and stop waits for it; abort does not', async () => {
  const { service, connectPlain } = await serve(() => ({}))
  const silent = await connectPlain()
  silent.resume()
  while (service.load().connections === 0) await new Promise((resolve) => setImmediate(resolve))
  service.stop()
  const stopped = service.wait()
  expect(service.abort()).toBe(0)
  await stopped
  expect(service.load().connections).toBe(0)
})

test('ssl_handshake_timeout ends a handshake that does not come about', async () => {
  const failure = firstTlsFailure()
  const { connectPlain } = await serve(() => ({}), { ssl_handshake_timeout: 0.01 })
  const silent = await connectPlain()
  silent.resume()
  expect((await failure).error.message).toMatch(/timeout/)
})

const NOWHERE = { address: '', port: 0 }

test('the app is loaded by the API\'s name; without ssl its TLS files are not asked for', async () => {
  const failed = listen('request.failed')
  const loader = { loadApp: (name: string) => Promise.resolve<App>(() => ({ body: name })) }
  const settings = { ...SETTINGS, ...TLS, ssl_cert_file: null }
  const service = await createApiServer({ name: 'metadata', ssl: false, address: NOWHERE, settings, loader, clock: systemClock })
  expect(service.name).toBe('metadata')
  service.stop()
  await service.wait()
  expect(failed).toEqual([])
})

test('TLS files that cannot be used reject the service before its app is loaded', async () => {
  let loaded = false
  const loader = { loadApp: () => Promise.resolve<App>(() => ((loaded = true), {})) }
  const settings = { ...SETTINGS, ...TLS, ssl_cert_file: missing }
  const making = createApiServer({ name: 'compute', ssl: true, address: NOWHERE, settings, loader, clock: systemClock })
  await expect(making).rejects.toThrow(ConfigError)
  expect(loaded).toBe(false)
})
