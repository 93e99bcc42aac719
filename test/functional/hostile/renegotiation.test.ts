import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
import { afterAll, describe, expect } from 'vitest'
import { RawClient } from '../../support/raw-client.ts'
import type { SitePlan } from '../../support/site.ts'
import { Bystander, test } from '../../support/swarm.ts'
import { TestAuthority } from '../../server/certificates.ts'

const HAS_OPENSSL = spawnSync('openssl', ['version']).status === 0

const dir = mkdtempSync(join(tmpdir(), 'millrace-tls-'))
const authority = new TestAuthority(dir)
const { certFile, keyFile } = authority.issue('localhost')
afterAll(() => rmSync(dir, { recursive: true }))

const SITE: SitePlan = {
  apis: { secure: 'witness.js', plain: 'witness.js' },
  conf: { DEFAULT: { enabled_ssl_apis: 'secure' }, wsgi: { ssl_cert_file: certFile, ssl_key_file: keyFile } },
}

/** TLS 1.2 at most: later ones have no renegotiation. */
async function connectTls12(port: number): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port, ca: authority.ca, servername: 'localhost', maxVersion: 'TLSv1.2' })
  socket.on('error', () => undefined)
  await once(socket, 'secureConnect')
  return socket
}

/** Resolves with why not, or null when the server renegotiated. */
function renegotiate(socket: TLSSocket): Promise<Error | null> {
  return new Promise((resolve) => {
    socket.once('close', () => resolve(new Error('closed')))
    socket.renegotiate({ rejectUnauthorized: false }, resolve)
  })
}

describe.concurrent('a TLS 1.2 client that renegotiates', () => {
  test('is refused, each of ten times on ten connections, while others are served', async ({ makeSite }) => {
    const server = await makeSite(SITE).serve('--workers', '0')
    const bystander = await Bystander.arrive(server.port('plain'))
    const outcomes: unknown[] = []
    for (let attempt = 0; attempt < 10; attempt++) {
      const socket = await connectTls12(server.port('secure'))
      outcomes.push(await renegotiate(socket))
      socket.destroy()
    }
    expect(outcomes).toHaveLength(10)
    for (const outcome of outcomes) expect(outcome).toBeInstanceOf(Error)
    const client = await RawClient.connectTls({ port: server.port('secure'), ca: authority.ca, servername: 'localhost' })
    expect((await client.ask('GET', '/pid')).status).toBe(200)
    client.close()
    expect(Object.keys(await bystander.leave())).toEqual(['200'])
  })

  test.skipIf(!HAS_OPENSSL)('is told so: openssl s_client gives up with "no renegotiation" (needs the program openssl)', async ({ makeSite, onTestFinished }) => {
    const server = await makeSite(SITE).serve('--workers', '0')
    const client = spawn('openssl', ['s_client', '-tls1_2', '-connect', `127.0.0.1:${server.port('secure')}`])
    onTestFinished(() => void client.kill())
    let said = ''
    for (const output of [client.stdout, client.stderr]) output.setEncoding('utf8').on('data', (text: string) => (said += text))
    while (!said.includes('Verify return code')) await once(client.stdout, 'data')
    client.stdin.write('R\n')
    await once(client, 'close')
    expect(said).toMatch(/RENEGOTIATING[^]*no renegotiation/)
  })
})
