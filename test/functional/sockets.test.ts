import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import { once } from 'node:events'
import { describe, expect } from 'vitest'
import { RawClient } from '../support/raw-client.ts'
import { test } from '../support/site.ts'

const HAS_IPV6 = Object.values(networkInterfaces()).flat().some((address) => address?.address === '::1')
const HAS_SS = spawnSync('ss', ['-V']).status === 0

describe.concurrent('a port in use', () => {
  test('is one clear error that names host and port, before any worker is forked', async ({ makeSite, onTestFinished }) => {
    const squatter = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void squatter.close())
    await once(squatter, 'listening')
    const { port } = squatter.address() as AddressInfo
    const conf = { DEFAULT: { metadata_listen_port: port, compute_workers: 2 } }
    const server = makeSite({ apis: { compute: 'probe.js', metadata: 'probe.js' }, conf }).start('serve')
    expect(await server.exited()).toBe(1)
    await server.allEnded()
    expect(server.stderr).toMatch(new RegExp(`^millrace: Could not bind to 127\\.0\\.0\\.1:${port}: .*EADDRINUSE`))
    expect(server.log('worker.started')).toEqual([])
  })

  test('is not shared with a second server of the same user', async ({ makeSite }) => {
    const first = await makeSite({ apis: { compute: 'probe.js' } }).serve()
    const conf = { DEFAULT: { compute_listen_port: first.port('compute') } }
    const { code, stderr } = await makeSite({ apis: { compute: 'probe.js' }, conf }).run('serve')
    expect(code).toBe(1)
    expect(stderr).toContain(`Could not bind to 127.0.0.1:${first.port('compute')}`)
  })
})

describe.concurrent('IPv6', () => {
  test('is listened on and told in brackets', async ({ makeSite, skip }) => {
    skip(!HAS_IPV6, 'this machine has no ::1')
    const server = await makeSite({ apis: { compute: 'probe.js' }, conf: { DEFAULT: { compute_listen: '[::1]' } } }).serve()
    const { port, url } = server.address('compute')
    expect(url).toBe(`http://[::1]:${port}/`)
    const client = await RawClient.connect({ host: '::1', port })
    expect(JSON.parse((await client.ask('GET', '/connection')).body)).toMatchObject({ client: { address: '::1', port: client.localPort } })
  })

  test('an address of that kind is an error that names it in brackets when it cannot be had', async ({ makeSite }) => {
    const site = makeSite({ apis: { compute: 'probe.js' }, conf: { DEFAULT: { compute_listen: '[2001:db8::1]' } } })
    const { code, stderr } = await site.run('serve')
    expect(code).toBe(1)
    expect(stderr).toContain('Could not bind to [2001:db8::1]:0')
  })
})

describe.concurrent('a unix socket', () => {
  test('has the mode it was given and serves requests', async ({ makeSite }) => {
    const listen = { compute_listen: 'unix:compute.sock', metadata_listen: 'unix:metadata.sock' }
    const conf = { DEFAULT: listen, 'wsgi:metadata': { socket_mode: '0600' } }
    const site = makeSite({ apis: { compute: 'probe.js', metadata: 'probe.js' }, conf })
    const server = await site.serve()
    expect(statSync(site.path('compute.sock')).mode & 0o777).toBe(0o660)
    expect(statSync(site.path('metadata.sock')).mode & 0o777).toBe(0o600)
    expect(server.address('compute')).toMatchObject({ port: 0, host: expect.stringMatching(/^unix:.*compute\.sock$/) })
    const client = await RawClient.connect({ path: site.path('compute.sock') })
    expect(JSON.parse((await client.ask('GET', '/connection')).body)).toMatchObject({ scheme: 'http', client: { port: 0 } })
    expect(await server.line('request')).toMatchObject({ request_line: 'GET /connection HTTP/1.1', status_code: 200 })
  })

  test('that is there already is an error: somebody may listen on it', async ({ makeSite }) => {
    const site = makeSite({ apis: { compute: 'probe.js' }, conf: { DEFAULT: { compute_listen: 'unix:compute.sock' } } })
    const server = await site.serve()
    const second = site.start('serve')
    expect(await second.exited()).toBe(1)
    expect(second.stderr).toMatch(/Could not bind to unix:.*compute\.sock: .*EADDRINUSE/)
    const client = await RawClient.connect({ path: site.path('compute.sock') })
    expect((await client.ask('GET', '/pid')).body).toBe(String(server.workers('compute')[0]))
  })

  test('that a killed server left behind is replaced', async ({ makeSite }) => {
    const site = makeSite({ apis: { compute: 'probe.js' }, conf: { DEFAULT: { compute_listen: 'unix:compute.sock' } } })
    const first = await site.serve('--workers', '0')
    await first.kill()
    expect(existsSync(site.path('compute.sock'))).toBe(true)
    const second = await site.serve('--workers', '0')
    const client = await RawClient.connect({ path: site.path('compute.sock') })
    expect((await client.ask('GET', '/pid')).body).toBe(String(second.pid))
  })

  test('is gone when the server has stopped, so that the next one can start', async ({ makeSite }) => {
    const site = makeSite({ apis: { compute: 'probe.js' }, conf: { DEFAULT: { compute_listen: 'unix:compute.sock' } } })
    const first = await site.serve()
    first.signal('SIGTERM')
    expect(await first.exited()).toBe(0)
    await site.serve()
  })
})

describe.concurrent('SO_KEEPALIVE', () => {
  test.for([
    { name: 'in workers', args: [] },
    { name: 'in one process', args: ['--workers', '0'] },
  ])('is on for accepted connections $name, and probes after tcp_keepidle', async ({ args }, { makeSite, skip }) => {
    skip(!HAS_SS, 'the program ss is not installed')
    const server = await makeSite({ apis: { compute: 'probe.js' }, conf: { wsgi: { tcp_keepidle: 500 } } }).serve(...args)
    const client = await RawClient.connect(server.port('compute'))
    await client.ask('GET', '/pid')
    const serversEnd = `( sport = :${server.port('compute')} and dport = :${client.localPort} )`
    const shown = execFileSync('ss', ['-Htno', 'state', 'established', serversEnd], { encoding: 'utf8' })
    // Eight minutes and some seconds are left of the five hundred.
    expect(shown).toMatch(/timer:\(keepalive,8min/)
  })
})
