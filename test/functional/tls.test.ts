import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { RawClient } from '../support/raw-client.ts'
import { test, type SitePlan } from '../support/site.ts'

const HAS_OPENSSL = spawnSync('openssl', ['version']).status === 0
const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

let dir: string

function file(name: string): string {
  return join(dir, name)
}

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { cwd: dir, stdio: 'ignore' })
}

/** A server's certificate that signs itself, an authority, and a client's certificate of that authority. */
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'millrace-tls-'))
  if (!HAS_OPENSSL) return
  const server = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', 'server.key', '-out', 'server.pem']
  openssl('req', '-x509', ...EC, '-days', '2', ...server)
  openssl('req', '-x509', ...EC, '-days', '2', '-subj', '/CN=Test authority', '-keyout', 'ca.key', '-out', 'ca.pem')
  openssl('req', ...EC, '-subj', '/O=Tenants/CN=alice', '-keyout', 'client.key', '-out', 'client.csr')
  openssl('x509', '-req', '-in', 'client.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-set_serial', '7', '-days', '2', '-out', 'client.pem')
})

afterAll(() => rmSync(dir, { recursive: true, force: true }))

function tlsSite(wsgi: Readonly<Record<string, string>> = {}): SitePlan {
  const options = { ssl_cert_file: file('server.pem'), ssl_key_file: file('server.key'), ...wsgi }
  const conf = { DEFAULT: { enabled_ssl_apis: 'compute' }, 'wsgi:compute': options }
  return { apis: { compute: 'probe.js', metadata: 'probe.js' }, conf }
}

/** `as` is whose certificate the client shows. */
function connectTls(port: number, as?: 'client' | 'server'): Promise<RawClient> {
  const own = as === undefined ? {} : { cert: readFileSync(file(`${as}.pem`)), key: readFileSync(file(`${as}.key`)) }
  return RawClient.connectTls({ port, ca: readFileSync(file('server.pem')), ...own })
}

describe.skipIf(!HAS_OPENSSL)('an API in enabled_ssl_apis (needs the program openssl)', { concurrent: true }, () => {
  test('is served over TLS, its neighbour over plain TCP', async ({ makeSite }) => {
    const server = await makeSite(tlsSite()).serve()
    expect(server.address('compute').url).toMatch(/^https:/)
    const client = await connectTls(server.port('compute'))
    const tls = { protocol: 'TLSv1.3', authorized: false, clientSubject: null }
    expect(JSON.parse((await client.ask('GET', '/connection')).body)).toMatchObject({ scheme: 'https', tls })
    expect((await client.ask('POST', '/echo', { body: 'x'.repeat(100_000) })).body).toHaveLength(100_000)
    const plain = await RawClient.connect(server.port('metadata'))
    expect(JSON.parse((await plain.ask('GET', '/connection')).body)).toMatchObject({ scheme: 'http', tls: null })
    client.close()
    plain.close()
    server.signal('SIGTERM')
    expect(await server.exited()).toBe(0)
  })

  test('with ssl_ca_file serves clients that show a certificate of it, and refuses others', async ({ makeSite }) => {
    const server = await makeSite(tlsSite({ ssl_ca_file: file('ca.pem') })).serve()
    const nobody = await connectTls(server.port('compute'))
    nobody.send('GET', '/connection')
    expect((await nobody.ended()).rest).toBe('')
    const stranger = await connectTls(server.port('compute'), 'server')
    stranger.send('GET', '/connection')
    expect((await stranger.ended()).rest).toBe('')
    const alice = await connectTls(server.port('compute'), 'client')
    const { tls } = JSON.parse((await alice.ask('GET', '/connection')).body) as { tls: unknown }
    expect(tls).toMatchObject({ authorized: true, clientSubject: { O: 'Tenants', CN: 'alice' } })
    expect(await server.line('tls.failed')).toMatchObject({ level: 'debug', api: 'compute', client: '127.0.0.1' })
  })

  test('is not hurt by plain HTTP, nor a plain API by a TLS hello', async ({ makeSite }) => {
    const server = await makeSite(tlsSite()).serve()
    const before = await connectTls(server.port('compute'))
    const plain = await RawClient.connect(server.port('compute'))
    plain.send('GET', '/pid')
    expect((await plain.ended()).rest).not.toContain('200 OK')
    await expect(connectTls(server.port('metadata'))).rejects.toThrow(/wrong version|packet length|SSL|ECONNRESET/)
    const hello = await RawClient.connect(server.port('metadata'))
    hello.write(Uint8Array.of(0x16, 0x03, 0x01, 0x00, 0x05, 0x01, 0x00, 0x00, 0x01, 0x00, 0x0d, 0x0a, 0x0d, 0x0a))
    expect((await hello.response()).status).toBe(400)
    expect((await before.ask('GET', '/pid')).body).toBe(String(server.workers('compute')[0]))
    const neighbour = await RawClient.connect(server.port('metadata'))
    expect((await neighbour.ask('GET', '/pid')).body).toBe(String(server.workers('metadata')[0]))
    expect(server.log('worker.exited')).toEqual([])
  })

  test.for([
    { missing: 'ssl_cert_file', message: 'Unable to find cert_file : ' },
    { missing: 'ssl_ca_file', message: 'Unable to find ca_file : ' },
    { missing: 'ssl_key_file', message: 'Unable to find key_file : ' },
  ])('whose $missing is not there cannot start', async ({ missing, message }, { makeSite }) => {
    const site = makeSite(tlsSite({ [missing]: 'nowhere.pem' }))
    const { code, stdout, stderr } = await site.run('serve')
    expect(code).toBe(2)
    expect(stderr).toContain(`${message}${site.path('nowhere.pem')}`)
    expect(stderr).toMatch(/millrace\.conf:\d+: \[wsgi:compute\]/)
    expect(stdout).not.toContain('worker.started')
  })
})

test.concurrent('an API in enabled_ssl_apis without certificate and key cannot start', async ({ makeSite }) => {
  const site = makeSite({ apis: { compute: 'probe.js' }, conf: { DEFAULT: { enabled_ssl_apis: 'compute' } } })
  const { code, stderr } = await site.run('serve')
  expect(code).toBe(2)
  expect(stderr).toContain('When running server in SSL mode, you must specify both a cert_file and key_file option value')
})

test.concurrent('an API in enabled_ssl_apis with the key of another certificate is refused before anything is bound or forked', async ({ makeSite, skip }) => {
  skip(!HAS_OPENSSL, 'the program openssl is not installed')
  const site = makeSite(tlsSite({ ssl_key_file: file('client.key') }))
  const { code, stdout, stderr } = await site.run('serve')
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(/millrace\.conf:\d+: \[wsgi:compute\] ssl_key_file: the TLS options cannot be used: the key is not that of the certificate/)
  expect(await site.run('check')).toMatchObject({ code: 2, stderr: expect.stringContaining('the key is not that of the certificate') })
})
