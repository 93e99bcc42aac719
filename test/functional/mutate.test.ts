import { once } from 'node:events'
import { readFileSync, renameSync } from 'node:fs'
import { connect, type TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { Certificates, HAS_OPENSSL } from '../support/certificates.ts'
import type { CliProcess } from '../support/cli.ts'
import { RawClient } from '../support/raw-client.ts'
import { type Site, test } from '../support/site.ts'

const BASE = { restart_method: 'mutate' }
/** Workers take it over a moment after the launcher has said so; a busy machine makes that long. */
const PATIENT = { timeout: 25_000 }

/** Writes another value into millrace.conf. */
function change(site: Site, pattern: RegExp, text: string): void {
  const before = site.read('millrace.conf')
  expect(before).toMatch(pattern)
  site.write('millrace.conf', before.replace(pattern, text))
}

async function mutate(server: CliProcess): Promise<void> {
  const before = server.log('reloaded').length
  server.signal('SIGHUP')
  await server.line('reloaded', () => server.log('reloaded').length > before)
}

async function handshake(port: number, session?: Buffer): Promise<TLSSocket> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...(session !== undefined && { session }) })
  await once(socket, 'secureConnect')
  return socket
}

async function subject(port: number): Promise<string | undefined> {
  const socket = await handshake(port)
  const name = socket.getPeerCertificate().subject.CN
  socket.destroy()
  return name as string
}

describe.concurrent('HUP under restart_method = mutate', () => {
  test('what is mutable changes in place, in the workers that there are, and is told; the rest is told as well, and stays', async ({ makeSite }) => {
    const site = makeSite({ apis: { compute: 'probe.js' }, conf: { DEFAULT: BASE, wsgi: { max_url_len: 8192, backlog: 100 } } })
    const server = await site.serve()
    const pid = server.workers('compute')[0]
    const client = await RawClient.connect(server.port('compute'))
    expect((await client.ask('GET', `/${'x'.repeat(300)}`)).status).not.toBe(414)
    change(site, /max_url_len = 8192/, 'max_url_len = 200')
    change(site, /backlog = 100/, 'backlog = 50')
    await mutate(server)
    const told = [...server.log('option.changed'), ...server.log('option.ignored')].map(({ msg, level }) => `${level} ${msg}`)
    expect(told).toEqual([
      'info Option wsgi.max_url_len changed from [8192] to [200]',
      'warn Ignoring change to immutable option wsgi.backlog from [100] to [50]: it takes a new start',
    ])
    const later = await RawClient.connect(server.port('compute'))
    const { body } = await later.ask('GET', '/pid')
    expect(Number(body)).toBe(pid)
    expect((await (await RawClient.connect(server.port('compute'))).ask('GET', `/${'x'.repeat(300)}`)).status).toBe(414)
  })

  test('the log: its level and its format, in the launcher and in the workers', async ({ makeSite }) => {
    const site = makeSite({ apis: { compute: 'probe.js' }, conf: { DEFAULT: { ...BASE, log_format: 'json' } } })
    const server = await site.serve()
    change(site, /log_level = debug/, 'log_level = warn')
    server.signal('SIGHUP')
    await server.line('reloading')
    const client = await RawClient.connect(server.port('compute'))
    await expect.poll(async () => {
      const before = server.log('request').length
      await client.ask('GET', '/pid')
      return server.log('request').length - before
    }, PATIENT).toBe(0)
  })

  test('the number of workers', async ({ makeSite }) => {
    const site = makeSite({ apis: { compute: 'probe.js' }, conf: { DEFAULT: BASE } })
    const server = await site.serve()
    const [first] = server.workers('compute')
    change(site, /compute_workers = 1/, 'compute_workers = 2')
    await mutate(server)
    await server.line('worker.ready', () => server.log('worker.ready').length === 2)
    expect(server.log('api.scaled')).toMatchObject([{ api: 'compute', from: 1, to: 2 }])
    change(site, /compute_workers = 2/, 'compute_workers = 1')
    await mutate(server)
    await server.line('worker.exited')
    expect(server.log('worker.exited')).not.toMatchObject([{ child: first }])
  })

  test('a worker that is forked later has what was taken over', async ({ makeSite }) => {
    const site = makeSite({ apis: { compute: 'probe.js' }, conf: { DEFAULT: BASE, wsgi: { max_url_len: 8192 } } })
    const server = await site.serve()
    change(site, /max_url_len = 8192/, 'max_url_len = 200')
    await mutate(server)
    site.write('millrace.conf', 'nonsense')
    process.kill(server.workers('compute')[0]!, 'SIGKILL')
    await server.line('worker.ready', () => server.log('worker.ready').length === 2)
    const client = await RawClient.connect(server.port('compute'))
    expect((await client.ask('GET', `/${'x'.repeat(300)}`)).status).toBe(414)
  })

  test('a file that is wrong changes nothing, and is told', async ({ makeSite }) => {
    const site = makeSite({ apis: { compute: 'probe.js' }, conf: { DEFAULT: BASE, wsgi: { max_url_len: 8192 } } })
    const server = await site.serve()
    change(site, /max_url_len = 8192/, 'max_url_len = many')
    server.signal('SIGHUP')
    expect((await server.line('reload.failed')).msg).toMatch(/everything stays as it was: .*millrace\.conf:\d+: \[wsgi\] max_url_len: is not valid/)
    const client = await RawClient.connect(server.port('compute'))
    expect((await client.ask('GET', '/pid')).status).toBe(200)
  })

  test('with --workers 0 it is what HUP does, whatever restart_method says', async ({ makeSite }) => {
    const site = makeSite({ apis: { compute: 'probe.js' }, conf: { wsgi: { max_url_len: 8192 } } })
    const server = await site.serve('--workers', '0')
    change(site, /max_url_len = 8192/, 'max_url_len = 200')
    await mutate(server)
    const client = await RawClient.connect(server.port('compute'))
    expect((await client.ask('GET', `/${'x'.repeat(300)}`)).status).toBe(414)
  })
})

test('HUP to one worker has it take over what is mutable, and it alone, as the same process', async ({ makeSite }) => {
  const site = makeSite({ apis: { compute: 'probe.js', metadata: 'probe.js' }, conf: { wsgi: { max_url_len: 8192 } } })
  const server = await site.serve()
  change(site, /max_url_len = 8192/, 'max_url_len = 200')
  const [pid] = server.workers('compute')
  process.kill(pid!, 'SIGHUP')
  const long = async (api: string): Promise<number> => {
    const client = await RawClient.connect(server.port(api))
    const { status } = await client.ask('GET', `/${'x'.repeat(300)}`)
    client.close()
    return status
  }
  await expect.poll(() => long('compute'), PATIENT).toBe(414)
  expect(await long('metadata')).not.toBe(414)
  expect(server.log('worker.exited')).toEqual([])
})

describe.skipIf(!HAS_OPENSSL)('TLS (needs the program openssl)', { concurrent: true }, () => {
  let certificates: Certificates
  beforeAll(() => void (certificates = new Certificates('first', 'second', 'third')))
  afterAll(() => certificates.dispose())


  test('certificates are read again, under the same name or another one; connections that there are stay', async ({ makeSite }) => {
    const files = { 'cert.pem': readFileSync(certificates.path('first.pem'), 'utf8'), 'cert.key': readFileSync(certificates.path('first.key'), 'utf8') }
    const wsgi = { ssl_cert_file: 'cert.pem', ssl_key_file: 'cert.key' }
    const site = makeSite({ apis: { compute: 'probe.js' }, conf: { DEFAULT: { ...BASE, enabled_ssl_apis: 'compute' }, wsgi }, files })
    const server = await site.serve()
    const port = server.port('compute')
    const before = await handshake(port)
    for (const kind of ['pem', 'key']) site.write(`new.${kind}`, readFileSync(certificates.path(`second.${kind}`), 'utf8'))
    for (const kind of ['pem', 'key']) renameSync(site.path(`new.${kind}`), site.path(`cert.${kind}`))
    await mutate(server)
    await expect.poll(() => subject(port), PATIENT).toBe('second')
    before.write('GET /pid HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    expect(String(await once(before, 'data'))).toMatch(/^HTTP\/1.1 200/)
    change(site, /cert\.pem/, certificates.path('third.pem'))
    change(site, /cert\.key/, certificates.path('third.key'))
    await mutate(server)
    await expect.poll(() => subject(port), PATIENT).toBe('third')
  })

  test('a session that began in one worker is resumed in another', async ({ makeSite }) => {
    const wsgi = { ssl_cert_file: certificates.path('first.pem'), ssl_key_file: certificates.path('first.key'), ssl_min_version: 'TLSv1.3' }
    const site = makeSite({ apis: { compute: 'probe.js' }, conf: { DEFAULT: { ...BASE, enabled_ssl_apis: 'compute', compute_workers: 2 }, wsgi } })
    const server = await site.serve()
    const first = await handshake(server.port('compute'))
    const [session] = (await once(first, 'session')) as [Buffer]
    // The first connection is still there, so the second goes to the other worker.
    const second = await handshake(server.port('compute'), session)
    expect(second.isSessionReused()).toBe(true)
    const pids = await Promise.all([first, second].map(async (socket) => {
      socket.write('GET /pid HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
      return /\d+$/.exec(String(await once(socket, 'data')))?.[0]
    }))
    expect(new Set(pids).size).toBe(2)
  })
})
