import { describe, expect } from 'vitest'
import type { CliProcess } from '../support/cli.ts'
import { RawClient, type RawResponse } from '../support/raw-client.ts'
import { test, type SitePlan } from '../support/site.ts'

const WITH_HEALTH = `
[composite:compute]
use = egg:Paste#urlmap
/: gate
/healthcheck: health

[app:gate]
paste.app_factory = %(apps)s/gate.js:factory

[app:health]
use = egg:millrace#healthcheck_app
`

const ONE_API = { enabled_apis: 'compute', compute_listen: '127.0.0.1', compute_workers: 1 }

/** One API, whose app a test writes itself. */
const OWN_APP: SitePlan = {
  conf: { DEFAULT: ONE_API },
  paste: '[app:compute]\npaste.app_factory = ./app.mjs:factory\n',
}
const NEVER_READY = 'export const factory = () => new Promise(() => {})'

function connect(server: CliProcess, count: number): Promise<RawClient[]> {
  return Promise.all(Array.from({ length: count }, () => RawClient.connect(server.port('compute'))))
}

/** Resolves when new connections are refused. One that comes between the last accept and the listener's end is reset by the kernel. */
async function listenerClosed(server: CliProcess): Promise<void> {
  for (let code: unknown; code !== 'ECONNREFUSED'; ) {
    try {
      const client = await RawClient.connect(server.port('compute'))
      await client.ask('GET', '/quick').catch(() => undefined)
      client.close()
    } catch (error) {
      code = (error as NodeJS.ErrnoException).code
    }
  }
}

/** Resolves with the first answer of this connection that closes it: the worker knows of the stop. Every one before it is served. */
async function lastAnswer(client: RawClient): Promise<RawResponse> {
  for (;;) {
    const answer = await client.ask('GET', '/quick')
    expect(answer).toMatchObject({ status: 200, body: 'quick' })
    if (answer.headers['connection'] === 'close') return answer
  }
}

describe.concurrent('TERM', () => {
  test('lets requests in flight have their answers, which close, refuses new connections, and exits with 0', async ({ makeSite }) => {
    const server = await makeSite({ apis: { compute: 'gate.js' }, conf: { DEFAULT: { idle_linger: 20 } } }).serve()
    const slow = await connect(server, 3)
    const [other, idle] = await connect(server, 2)
    for (const client of slow) client.send('GET', '/wait')
    await other!.ask('GET', '/arrived/3')
    server.signal('SIGTERM')
    await listenerClosed(server)
    await lastAnswer(idle!)
    await other!.ask('POST', '/open')
    for (const client of slow) {
      const body = `waited in ${server.workers('compute')[0]}`
      expect(await client.response()).toMatchObject({ status: 200, headers: { connection: 'close' }, body })
      expect(await client.ended()).toEqual({ how: 'closed', rest: '' })
    }
    other!.close()
    expect(await server.exited()).toBe(0)
    expect(server.log('stopped')).toMatchObject([{ level: 'info', code: 0, cut: 0 }])
    expect(server.log('request.cut')).toEqual([])
  })

  test('serves a request that comes on an idle connection within idle_linger', async ({ makeSite }) => {
    const server = await makeSite({ apis: { compute: 'gate.js' }, conf: { DEFAULT: { idle_linger: 20 } } }).serve()
    const [idle] = await connect(server, 1)
    expect((await idle!.ask('GET', '/quick')).headers).not.toHaveProperty('connection', 'close')
    server.signal('SIGTERM')
    await listenerClosed(server)
    await lastAnswer(idle!)
    expect(await idle!.ended()).toEqual({ how: 'closed', rest: '' })
    expect(await server.exited()).toBe(0)
  })

  test('closes a connection that stays idle when idle_linger is over', async ({ makeSite }) => {
    const server = await makeSite({ apis: { compute: 'gate.js' }, conf: { DEFAULT: { idle_linger: 0 } } }).serve()
    const [idle] = await connect(server, 1)
    await idle!.ask('GET', '/quick')
    server.signal('SIGTERM')
    expect(await idle!.ended()).toEqual({ how: 'closed', rest: '' })
    expect(await server.exited()).toBe(0)
  })

  test('lets a stream come to its end', async ({ makeSite }) => {
    const server = await makeSite({ apis: { compute: 'gate.js' }, conf: { DEFAULT: { idle_linger: 20 } } }).serve()
    const [stream, other] = await connect(server, 2)
    stream!.send('GET', '/stream')
    await stream!.received('first half')
    server.signal('SIGTERM')
    await listenerClosed(server)
    await other!.ask('POST', '/open')
    expect((await stream!.response()).body).toBe('first half, second half')
    for (const client of [stream, other]) client!.close()
    expect(await server.exited()).toBe(0)
  })

  test('cuts what is still in flight after graceful_shutdown_timeout, says so, and exits with 1', async ({ makeSite }) => {
    const server = await makeSite({ apis: { compute: 'gate.js' }, conf: { DEFAULT: { graceful_shutdown_timeout: 1 } } }).serve()
    const [waiting, stream, other] = await connect(server, 3)
    waiting!.send('GET', '/wait?for=ever')
    stream!.send('GET', '/stream')
    await other!.ask('GET', '/arrived/2')
    server.signal('SIGTERM')
    expect((await waiting!.ended()).rest).toBe('')
    expect((await stream!.ended()).rest).not.toContain('\r\n0\r\n\r\n')
    expect(await server.exited()).toBe(1)
    const cut = { level: 'warn', name: 'compute', api: 'compute', method: 'GET', id: expect.stringMatching(/^req-/) }
    expect(server.log('request.cut')).toHaveLength(2)
    expect(server.log('request.cut')).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ ...cut, target: '/wait?for=ever' }),
        expect.objectContaining({ ...cut, target: '/stream' }),
      ]),
    )
    expect(server.log('request').filter((line) => line['complete'] === false)).toHaveLength(2)
    expect(server.log('stopped')).toMatchObject([{ level: 'warn', code: 1, cut: 2 }])
  })

  test('goes on serving for drain_delay, with health checks at 503 and answers that close', async ({ makeSite }) => {
    const server = await makeSite({ paste: WITH_HEALTH, conf: { DEFAULT: { ...ONE_API, drain_delay: 40 } } }).serve()
    const [kept, idle] = await connect(server, 2)
    expect(await kept!.ask('GET', '/healthcheck')).toMatchObject({ status: 200, body: 'OK' })
    server.signal('SIGTERM')
    await lastAnswer(idle!)
    expect(await kept!.ask('GET', '/healthcheck')).toMatchObject({ status: 503, headers: { connection: 'close' }, body: 'STOPPING' })
    const [fresh, another] = await connect(server, 2)
    expect(await fresh!.ask('GET', '/quick')).toMatchObject({ status: 200, headers: { connection: 'close' }, body: 'quick' })
    expect((await another!.ask('GET', '/healthcheck')).status).toBe(503)
    server.signal('SIGTERM')
    expect(await server.exited()).toBe(1)
  })

  test('closes the listener when drain_delay is over', async ({ makeSite }) => {
    const server = await makeSite({ apis: { compute: 'gate.js' }, conf: { DEFAULT: { drain_delay: 1 } } }).serve()
    server.signal('SIGTERM')
    await listenerClosed(server)
    expect(await server.exited()).toBe(0)
  })

  test('ends a worker that is not ready and may never be', async ({ makeSite }) => {
    const site = makeSite({ ...OWN_APP, files: { 'app.mjs': 'export const factory = () => () => ({})' } })
    const server = await site.serve()
    site.write('app.mjs', NEVER_READY)
    process.kill(server.workers('compute')[0]!, 'SIGTERM')
    expect(await server.line('worker.exited')).toMatchObject({ code: 0, expected: true })
    expect(server.workers('compute')).toHaveLength(2)
    server.signal('SIGTERM')
    expect(await server.exited()).toBe(0)
    await server.allEnded()
  })

  test('to all processes at once, as systemd sends it, has the same end', async ({ makeSite }) => {
    const server = await makeSite({ apis: { compute: 'gate.js' }, conf: { DEFAULT: { idle_linger: 20 } } }).serve()
    const [waiting, other] = await connect(server, 2)
    waiting!.send('GET', '/wait')
    await other!.ask('GET', '/arrived/1')
    server.signalAll('SIGTERM')
    await server.line('stopping')
    await other!.ask('POST', '/open')
    expect(await waiting!.response()).toMatchObject({ status: 200, body: `waited in ${server.workers('compute')[0]}` })
    for (const client of [waiting, other]) client!.close()
    expect(await server.exited()).toBe(0)
    await server.allEnded()
  })

  test('ends a start that may never come to its end', async ({ makeSite }) => {
    const server = makeSite({ ...OWN_APP, files: { 'app.mjs': NEVER_READY } }).start('serve')
    await server.line('worker.started')
    server.signal('SIGTERM')
    expect(await server.exited()).toBe(0)
    expect(server.log('ready')).toEqual([])
    await server.allEnded()
  })
})

describe.concurrent('at once, although a request is in flight,', () => {
  test.for([
    { name: 'INT exits with 1', signals: ['SIGINT'] },
    { name: 'INT after TERM exits with 1', signals: ['SIGTERM', 'SIGINT'] },
    { name: 'a second TERM exits with 1', signals: ['SIGTERM', 'SIGTERM'] },
  ] as const)('$name', async ({ signals }, { makeSite }) => {
    // No limit: only the signal can be what ends it.
    const server = await makeSite({ apis: { compute: 'gate.js' }, conf: { DEFAULT: { graceful_shutdown_timeout: 0 } } }).serve()
    const [waiting, other] = await connect(server, 2)
    waiting!.send('GET', '/wait')
    await other!.ask('GET', '/arrived/1')
    for (const [index, signal] of signals.entries()) {
      server.signal(signal)
      await server.line('signal.caught', () => server.log('signal.caught').length > index)
    }
    expect(await server.exited()).toBe(1)
    expect((await waiting!.ended()).rest).toBe('')
    expect(server.log('signal.caught').at(-1)).toMatchObject({ signal: signals.at(-1), action: 'instantaneous exiting' })
    await server.allEnded()
  })
})
