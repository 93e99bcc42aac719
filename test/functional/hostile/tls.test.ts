import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { RawClient } from '../../support/raw-client.ts'
import type { SitePlan } from '../../support/site.ts'
import { Bystander, type Swarm, test } from '../../support/swarm.ts'
import { type Credentials, TestAuthority } from '../../server/certificates.ts'

const dir = mkdtempSync(join(tmpdir(), 'millrace-tls-'))
const authority = new TestAuthority(dir)
const credentials = authority.issue('localhost')
let hello: Buffer

beforeAll(async () => {
  hello = await clientHello()
})
afterAll(() => rmSync(dir, { recursive: true }))

/** Seconds. 500 handshakes that begin at once must not make a well-behaved one late, on a machine that has other things to do as well. */
const HANDSHAKE = 6

/** `secure` over TLS, `plain` without, in one process. */
function site({ certFile, keyFile }: Credentials): SitePlan {
  const DEFAULT = { enabled_ssl_apis: 'secure' }
  const wsgi = { access_log: false, ssl_handshake_timeout: HANDSHAKE, ssl_cert_file: certFile, ssl_key_file: keyFile }
  return { apis: { secure: 'witness.js', plain: 'witness.js' }, conf: { DEFAULT, wsgi } }
}

/** What a client sends first. */
async function clientHello(): Promise<Buffer> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port })
  client.on('error', () => undefined)
  const [socket] = (await once(server, 'connection')) as [Socket]
  const [bytes] = (await once(socket, 'data')) as [Buffer]
  client.destroy()
  server.close()
  return bytes
}

async function askSecurely(port: number): Promise<number> {
  const client = await RawClient.connectTls({ port, ca: authority.ca, servername: 'localhost' })
  const { status } = await client.ask('GET', '/pid')
  client.close()
  return status
}

/** For a test that waits for the timeout. */
const LONG = { timeout: 60_000 }

interface Stall {
  readonly what: string
  begin(swarm: Swarm): void
}

const STALLS: readonly Stall[] = [
  { what: 'send nothing', begin: () => undefined },
  { what: 'send half a ClientHello', begin: (swarm) => void swarm.send(hello.subarray(0, hello.length / 2)) },
  { what: 'send a ClientHello octet by octet', begin: (swarm) => void swarm.drip(hello.toString('latin1'), 250) },
  { what: 'answer no ServerHello', begin: (swarm) => void swarm.send(hello) },
]

describe.concurrent('the port of an API over TLS', () => {
  test.for(STALLS)('closes 500 clients that $what at ssl_handshake_timeout, and serves others meanwhile', LONG, async ({ begin }, { makeSite, makeSwarm }) => {
    const server = await makeSite(site(credentials)).serve('--workers', '0')
    const port = server.port('secure')
    const bystander = await Bystander.arrive(server.port('plain'))
    const swarm = await makeSwarm(500, port)
    begin(swarm)
    expect(await askSecurely(port)).toBe(200)
    const { closed = 0, reset = 0 } = await swarm.ended()
    expect(closed + reset).toBe(500)
    expect(await server.line('tls.failed')).toMatchObject({ level: 'debug', err: { message: expect.stringContaining('timeout') } })
    expect(await askSecurely(port)).toBe(200)
    expect(Object.keys(await bystander.leave())).toEqual(['200'])
  })

  test('closes 200 clients that speak plain HTTP without an answer, and serves others meanwhile', async ({ makeSite, makeSwarm }) => {
    const server = await makeSite(site(credentials)).serve('--workers', '0')
    const bystander = await Bystander.arrive(server.port('plain'))
    const swarm = await makeSwarm(200, server.port('secure'))
    swarm.send('GET /pid HTTP/1.1\r\nHost: a\r\n\r\n')
    const fates = await swarm.ended()
    expect((fates['closed'] ?? 0) + (fates['reset'] ?? 0)).toBe(200)
    expect((await server.line('tls.failed'))['err']).toMatchObject({ message: expect.stringContaining('http request') })
    expect(await askSecurely(server.port('secure'))).toBe(200)
    expect(Object.keys(await bystander.leave())).toEqual(['200'])
  })
})

test.concurrent('the port of a plain API answers 400 to 200 clients that begin with a TLS hello, at its first octets', async ({ makeSite, makeSwarm }) => {
  const server = await makeSite(site(credentials)).serve('--workers', '0')
  const bystander = await Bystander.arrive(server.port('plain'))
  const swarm = await makeSwarm(200, server.port('plain'))
  swarm.send(hello.subarray(0, 5))
  expect(await swarm.ended()).toEqual({ '400 closed': 200 })
  expect(await askSecurely(server.port('secure'))).toBe(200)
  expect(Object.keys(await bystander.leave())).toEqual(['200'])
})
