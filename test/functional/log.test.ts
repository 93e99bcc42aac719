import { watch } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import type { CliProcess } from '../support/cli.ts'
import { RawClient } from '../support/raw-client.ts'
import { test } from '../support/site.ts'

const APIS = { compute: 'probe.js' }

/** What a client may put into X-Forwarded-For to look like the end of a quoted field, a colour, or a terminal's control sequence. */
const FORGERY = '10.9.8.7" status: 200\t\\\x9b2J'

/** One process: its log is in order. */
const ONE = ['--workers', '0']

async function stopped(server: CliProcess): Promise<CliProcess> {
  server.signal('SIGTERM')
  expect(await server.exited()).toBe(0)
  await server.allEnded()
  return server
}

/** Sends one request each, in turn, on a connection, and stops the server. */
async function logOf(server: CliProcess, headers: Record<string, string>, ...paths: string[]): Promise<CliProcess> {
  const client = await RawClient.connect(server.port('compute'))
  for (const path of paths) await client.ask('GET', path, { headers })
  client.close()
  return stopped(server)
}

describe.concurrent('the access log', () => {
  test('has a JSON object with every field for each request', async ({ makeSite }) => {
    const server = await makeSite({ apis: APIS }).serve()
    const client = await RawClient.connect(server.port('compute'))
    const { id } = JSON.parse((await client.ask('GET', '/connection?q=1')).body) as { id: string }
    await client.ask('GET', '/nowhere')
    const { localPort } = client
    client.close()
    await stopped(server)
    const common = {
      level: 'info', name: 'compute', event: 'request', api: 'compute', pid: server.workers('compute')[0],
      client_ip: '127.0.0.1', client_port: localPort, time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      body_length: expect.any(Number), wall_seconds: expect.any(Number),
    }
    expect(id).toMatch(/^req-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    expect(server.log('request')).toEqual([
      { ...common, request_id: id, request_line: 'GET /connection?q=1 HTTP/1.1', status_code: 200 },
      { ...common, request_id: expect.not.stringContaining(id), request_line: 'GET /nowhere HTTP/1.1', status_code: 404 },
    ])
  })

  test('counts what was written for a reply, head and all', async ({ makeSite }) => {
    const server = await makeSite({ apis: APIS }).serve()
    const client = await RawClient.connect(server.port('compute'))
    client.send('GET', '/pid', { headers: { connection: 'close' } })
    const { rest } = await client.ended()
    await stopped(server)
    expect(server.log('request')).toMatchObject([{ body_length: rest.length }])
  })

  test('shows X-Forwarded-For before the peer, and nothing in it forges a line or a field', async ({ makeSite }) => {
    const server = await logOf(await makeSite({ apis: APIS }).serve(...ONE), { 'x-forwarded-for': FORGERY }, '/pid')
    expect(server.log('request')).toMatchObject([{ client_ip: `${FORGERY.replaceAll(' ', '')},127.0.0.1`, status_code: 200 }])
    expect(server.output.every((line) => line.startsWith('{') && line.endsWith('}'))).toBe(true)
  })

  test('is eventlet\'s line when log_format is pretty, and shows octets that are no text as such', async ({ makeSite }) => {
    const site = makeSite({ apis: APIS, conf: { DEFAULT: { log_format: 'pretty' } } })
    const server = site.start('serve', ...ONE)
    const [, port] = /compute +http:\/\/127\.0\.0\.1:(\d+)\/ +in this process/.exec(await server.text(/compute +http/))!
    const client = await RawClient.connect(Number(port))
    await client.ask('GET', '/pid', { headers: { 'x-forwarded-for': FORGERY } })
    client.close()
    await stopped(server)
    const line = server.output.find((text) => text.includes('GET /pid'))
    expect(line).toMatch(/INFO: millrace\[\d+\] \S+ "GET \/pid HTTP\/1\.1" status: 200 len: \d+ time: \d+\.\d{7}$/)
    expect(line).toContain(String.raw`] 10.9.8.7\"status:200\x09\\\x9b2J,127.0.0.1 "GET`)
  })

  test('is written by wsgi_log_format, which is checked before anything is served', async ({ makeSite }) => {
    const conf = { DEFAULT: { log_format: 'pretty' }, wsgi: { wsgi_log_format: '%(api)s %(status_code)d %(request_id)s 100%%' } }
    const site = makeSite({ apis: APIS, conf })
    const server = site.start('serve', ...ONE)
    const [, port] = /http:\/\/127\.0\.0\.1:(\d+)/.exec(await server.text(/compute +http/))!
    const client = await RawClient.connect(Number(port))
    await client.ask('GET', '/pid')
    client.close()
    await stopped(server)
    expect(server.output.join('\n')).toMatch(/compute 200 req-[0-9a-f-]{36} 100%$/m)
    const wrong = await site.run('serve', '--set', 'wsgi.wsgi_log_format=%(status)s')
    expect(wrong.code).toBe(2)
    expect(wrong.stderr).toContain('wsgi_log_format: not a log format (got "%(status)s"')
  })

  test('is absent when access_log is off, for that API', async ({ makeSite }) => {
    const site = makeSite({ apis: { compute: 'probe.js', metadata: 'probe.js' }, conf: { 'wsgi:metadata': { access_log: false } } })
    const server = await site.serve(...ONE)
    for (const api of ['metadata', 'compute']) {
      const client = await RawClient.connect(server.port(api))
      await client.ask('GET', '/pid')
      client.close()
    }
    await stopped(server)
    expect(server.log('request').map((line) => line['api'])).toEqual(['compute'])
  })
})

describe.concurrent('the log', () => {
  test('has an app\'s error with its stack, and the id the client was told', async ({ makeSite }) => {
    const paste = '[pipeline:compute]\npipeline = request_id faultwrap probe\n[filter:request_id]\nuse = egg:millrace#request_id\n'
      + '[filter:faultwrap]\nuse = egg:millrace#faultwrap\n[app:probe]\npaste.app_factory = %(apps)s/probe.js:factory\n'
    const site = makeSite({ paste, conf: { DEFAULT: { enabled_apis: 'compute', compute_listen: '127.0.0.1' } } })
    const server = await site.serve(...ONE)
    const client = await RawClient.connect(server.port('compute'))
    const answer = await client.ask('GET', '/failure')
    expect(answer).toMatchObject({ status: 500, headers: { 'x-openstack-request-id': expect.stringMatching(/^req-/) } })
    expect(answer.body).not.toContain('the probe fails')
    client.close()
    await stopped(server)
    expect(server.log('request.failed')).toMatchObject([{
      level: 'error', id: answer.headers['x-openstack-request-id'], target: '/failure', status: 500,
      err: { message: 'the probe fails as it was asked to', stack: expect.stringContaining('probe.js') },
    }])
  })

  test('shows that stack at a terminal too', async ({ makeSite }) => {
    const server = makeSite({ apis: APIS, conf: { DEFAULT: { log_format: 'pretty' } } }).start('serve', ...ONE)
    const [, port] = /http:\/\/127\.0\.0\.1:(\d+)/.exec(await server.text(/compute +http/))!
    const client = await RawClient.connect(Number(port))
    expect((await client.ask('GET', '/failure')).status).toBe(500)
    client.close()
    await stopped(server)
    const shown = /ERROR: .*GET \/failure failed with 500\nError: the probe fails as it was asked to\n +at .*probe\.js/
    expect(server.output.join('\n')).toMatch(shown)
  })

  test.for([
    { level: 'warn', has: [], lacks: ['ready', 'request', 'worker.started'] },
    { level: 'info', has: ['ready', 'request', 'stopping', 'stopped'], lacks: ['worker.started', 'worker.ready'] },
    { level: 'debug', has: ['ready', 'request', 'worker.started', 'worker.ready'], lacks: [] },
  ])('holds what log_level = $level lets through', async ({ level, has, lacks }, { makeSite }) => {
    const site = makeSite({ apis: APIS, conf: { DEFAULT: { log_level: level, compute_listen: 'unix:compute.sock' } } })
    const connecting = socketIn(site.dir, 'compute.sock')
    const server = site.start('serve')
    const client = await connecting
    await client.ask('GET', '/pid')
    client.close()
    await stopped(server)
    const events = new Set(server.log().map((line) => line.event))
    expect([...events]).toEqual(expect.arrayContaining(has))
    for (const event of lacks) expect(events).not.toContain(event)
  })

  test('names every option and its value at level debug when log_options says so', async ({ makeSite }) => {
    const server = await makeSite({ apis: APIS, conf: { DEFAULT: { log_options: true }, wsgi: { backlog: 77 } } }).serve(...ONE)
    const texts = server.log('config').map((line) => line.msg)
    expect(texts).toEqual(expect.arrayContaining(['Full set of CONF:', 'wsgi.backlog = 77', 'DEFAULT.log_options = true']))
  })

  test('tells at which line of which file a name stands that nobody knows', async ({ makeSite }) => {
    const site = makeSite({ apis: APIS, conf: { wsgi: { bakclog: 77 } } })
    const server = await site.serve(...ONE)
    const line = 1 + site.read('millrace.conf').split('\n').indexOf('bakclog = 77')
    const [warning] = server.log('config.warning')
    expect(warning).toMatchObject({ level: 'warn', file: site.path('millrace.conf'), line })
    expect(warning!.msg).toContain('backlog')
  })
})

/** For a server whose log does not tell when it is ready: resolves when its unix socket takes a connection, from before its start on. */
async function socketIn(dir: string, name: string): Promise<RawClient> {
  for await (const _ of watch(dir)) {
    const client = await RawClient.connect({ path: join(dir, name) }).catch(() => null)
    if (client !== null) return client
  }
  throw new Error(`nobody listened on ${name}`)
}
