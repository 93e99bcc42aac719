import { expect } from 'vitest'
import { HAS_PROCFS } from '../support/procfs.ts'
import { RawClient } from '../support/raw-client.ts'
import { test } from '../support/site.ts'

/** Of `[wsgi]`. */
const SHORT = { worker_timeout: 1 }

async function ask(port: number, path = '/pid'): Promise<string> {
  const client = await RawClient.connect(port)
  const { body } = await client.ask('GET', path)
  client.close()
  return body
}

test.concurrent('a worker that spins is killed with its stack, each request it had is told, and another serves on', async ({ makeSite }) => {
  const server = await makeSite({ apis: { compute: 'hang.js', other: 'hang.js' }, conf: { DEFAULT: { compute_workers: 1 }, wsgi: SHORT } }).serve()
  const port = server.port('compute')
  const [victim] = server.workers('compute')
  const [bystander] = server.workers('other')
  const waiting = await RawClient.connect(port)
  waiting.send('GET', '/wait')
  while ((await ask(port, '/waiting')) !== '1');
  const spinning = await RawClient.connect(port)
  spinning.send('GET', '/spin')
  expect(await ask(server.port('other'))).toBe(String(bystander))
  const blocked = await server.line('process.blocked')
  expect(blocked.msg).toMatch(/^The main loop of child \d+ of compute has been blocked for \d+\.\d s:\n(?: {4}at .*random .*\n)? {4}at spin \(\/.*\/hang\.js:\d+:\d+\)/)
  expect(await server.line('worker.hung')).toMatchObject({ level: 'error' })
  expect(await server.line('worker.exited')).toMatchObject({ signal: 'SIGKILL', expected: false })
  expect(new Set(server.log('work.cut').map(({ msg }) => /GET \S+/.exec(msg)?.[0]))).toEqual(new Set(['GET /spin', 'GET /wait']))
  expect(server.log('work.cut')).toHaveLength(2)
  await server.line('worker.ready', ({ msg }) => msg.includes(String(server.workers('compute')[1] ?? 'none')))
  expect(await ask(port)).toBe(String(server.workers('compute')[1]))
  expect(await ask(server.port('other'))).toBe(String(bystander))
  expect(server.workers('other')).toEqual([bystander])
  expect(server.workers('compute')[0]).toBe(victim)
})

test.concurrent('a worker that is blocked in native code is killed, and that no JavaScript ran is told', async ({ makeSite }) => {
  const server = await makeSite({ apis: { compute: 'hang.js' }, conf: { wsgi: SHORT } }).serve()
  const client = await RawClient.connect(server.port('compute'))
  client.send('GET', '/native')
  expect((await server.line('process.blocked')).msg).toContain('no JavaScript runs')
  await server.line('worker.ready', () => server.log('worker.ready').length === 2)
  expect(await ask(server.port('compute'))).toBe(String(server.workers('compute')[1]))
})

test.concurrent('USR2 tells where a blocked worker is', async ({ makeSite }) => {
  const server = await makeSite({ apis: { compute: 'hang.js' }, conf: { wsgi: { worker_timeout: 300 } } }).serve()
  const client = await RawClient.connect(server.port('compute'))
  client.send('GET', '/spin')
  await server.text(/^spinning/)
  server.signal('SIGUSR2')
  await server.line('report', () => server.output.some((line) => line.includes('hang.js')))
})

test.skipIf(!HAS_PROCFS)('what an app starts gets nothing of the line between a worker and its primary', async ({ makeSite }) => {
  const server = await makeSite({ apis: { compute: 'hang.js' } }).serve()
  const { names, sockets } = JSON.parse(await ask(server.port('compute'), '/child')) as { names: string[]; sockets: string[] }
  expect(names.filter((name) => /^(MILLRACE|NODE_CHANNEL|NODE_UNIQUE)/.test(name))).toEqual([])
  expect(sockets).toEqual([])
})

test.concurrent('a worker that is killed by somebody else is explained, and replaced', async ({ makeSite }) => {
  const server = await makeSite({ apis: { compute: 'hang.js' } }).serve()
  process.kill(server.workers('compute')[0]!, 'SIGKILL')
  expect((await server.line('worker.exited')).msg).toContain('out of memory?')
  await server.line('worker.ready', () => server.log('worker.ready').length === 2)
})

test.concurrent('an app that is never made ends the start, with a clear error', async ({ makeSite }) => {
  const site = makeSite({
    files: { 'never.mjs': 'export const factory = () => new Promise(() => setInterval(() => undefined, 1000))\n' },
    paste: '[app:compute]\npaste.app_factory = ./never.mjs:factory\n',
    conf: { DEFAULT: { enabled_apis: 'compute', compute_listen: '127.0.0.1', compute_listen_port: 0, compute_workers: 1 }, wsgi: { worker_start_timeout: 1 } },
  })
  const { code, stdout } = await site.run('serve')
  expect(code).toBe(1)
  expect(stdout).toContain('(worker_start_timeout)')
})

test.concurrent('of an app that is made in an endless loop it is told where', async ({ makeSite }) => {
  const site = makeSite({
    files: { 'never.mjs': 'export function factory() {\n  for (;;);\n}\n' },
    paste: '[app:compute]\npaste.app_factory = ./never.mjs:factory\n',
    conf: { DEFAULT: { enabled_apis: 'compute', compute_listen: '127.0.0.1', compute_listen_port: 0, compute_workers: 1 }, wsgi: { worker_start_timeout: 2 } },
  })
  const server = site.start('serve')
  expect((await server.line('process.blocked')).msg).toMatch(/\n {4}at Module\.factory \(.*never\.mjs:2:3\)\n/)
  await server.line('worker.late')
  expect((await server.finished()).code).toBe(1)
})

test.concurrent('a primary that stood still for longer than worker_timeout kills nobody', async ({ makeSite }) => {
  const server = await makeSite({ apis: { compute: 'hang.js' }, conf: { wsgi: { worker_timeout: 1, max_worker_age: 4 } } }).serve()
  const client = await RawClient.connect(server.port('compute'))
  await client.ask('GET', '/pid')
  server.signal('SIGSTOP')
  // The worker has the connection, and its own clock tells when the limit is long over.
  expect((await client.ask('GET', '/later')).status).toBe(204)
  server.signal('SIGCONT')
  await server.line('worker.recycling')
  expect([server.log('worker.hung'), server.log('process.blocked')]).toEqual([[], []])
})
