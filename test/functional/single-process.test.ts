import { expect } from 'vitest'
import { RawClient } from '../support/raw-client.ts'
import { test } from '../support/site.ts'

test.concurrent('--workers 0 serves every API in the process that was started', async ({ makeSite }) => {
  const site = makeSite({ apis: { compute: 'probe.js', metadata: 'probe.js' }, conf: { DEFAULT: { compute_workers: 3 } } })
  const server = await site.serve('--workers', '0')
  expect(server.log('ready')).toMatchObject([{ pid: server.pid, workers: 0 }])
  expect(server.log('api.starting')[0]!.msg).toMatch(/^Starting compute in this process, listening on 127\.0\.0\.1:\d+$/)
  for (const api of ['compute', 'metadata']) {
    const client = await RawClient.connect(server.port(api))
    expect((await client.ask('GET', '/pid')).body).toBe(String(server.pid))
    client.close()
  }
  expect(await server.line('request')).toMatchObject({ pid: server.pid, api: 'compute', status_code: 200 })
  server.signal('SIGTERM')
  expect(await server.exited()).toBe(0)
  expect(server.log('worker.started')).toEqual([])
  expect(server.log('request')).toHaveLength(2)
})

test.concurrent('--workers 0 stops as workers do: the request in flight has its answer, a second TERM cuts it', async ({ makeSite }) => {
  const plan = { apis: { compute: 'gate.js' }, conf: { DEFAULT: { graceful_shutdown_timeout: 0 } } }
  const server = await makeSite(plan).serve('--workers', '0')
  const [first, second, other] = await Promise.all([1, 2, 3].map(() => RawClient.connect(server.port('compute'))))
  first!.send('GET', '/wait')
  await other!.ask('GET', '/arrived/1')
  await other!.ask('POST', '/open')
  expect((await first!.response()).body).toBe(`waited in ${server.pid}`)
  second!.send('GET', '/wait')
  await other!.ask('GET', '/arrived/1')
  server.signal('SIGTERM')
  await server.line('stopping')
  server.signal('SIGTERM')
  expect(await server.exited()).toBe(1)
  expect(server.log('request.cut')).toMatchObject([{ target: '/wait' }])
  expect((await second!.ended()).rest).toBe('')
})

test.concurrent('--workers 1 is one worker for each API, whatever the file says', async ({ makeSite }) => {
  const site = makeSite({ apis: { compute: 'probe.js', metadata: 'probe.js' }, conf: { DEFAULT: { compute_workers: 3 } } })
  const server = await site.serve('--workers', '1')
  expect(server.workers('compute')).toHaveLength(1)
  expect(server.workers('metadata')).toHaveLength(1)
  expect(server.log('ready')).toMatchObject([{ workers: 2 }])
})

test.concurrent('--workers 0 answers who connected before the app was there', async ({ makeSite }) => {
  const app = `process.stdout.write('making\\n')\nawait new Promise((resolve) => process.once('SIGUSR1', resolve))\nexport const factory = () => () => ({ body: 'made' })\n`
  const site = makeSite({
    conf: { DEFAULT: { enabled_apis: 'compute', compute_listen: '127.0.0.1', compute_listen_port: 0, compute_workers: 1 } },
    paste: '[app:compute]\npaste.app_factory = ./app.mjs:factory\n',
    files: { 'app.mjs': app },
  })
  const server = site.start('serve', '--workers', '0')
  const { msg } = await server.line('api.starting')
  const client = await RawClient.connect(Number(/:(\d+)$/.exec(msg)?.[1]))
  client.send('GET', '/')
  await server.text(/^making$/)
  server.signal('SIGUSR1')
  expect(await client.response()).toMatchObject({ status: 200, body: 'made' })
  client.close()
  server.signal('SIGTERM')
  expect(await server.exited()).toBe(0)
})
