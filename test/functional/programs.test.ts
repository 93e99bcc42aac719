import { existsSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { describe, expect } from 'vitest'
import type { CliProcess, LogLine } from '../support/cli.ts'
import { test } from '../support/program.ts'
import { RawClient } from '../support/raw-client.ts'

const JITI = fileURLToPath(new URL('../../node_modules/jiti/lib/jiti-register.mjs', import.meta.url))

const STRIPS_TYPES = 'typescript' in process.features && process.features.typescript !== false

interface Ready {
  readonly api: string
  readonly port: number
  readonly workers: number
}

async function ready(running: CliProcess): Promise<readonly Ready[]> {
  const { apis } = await running.line('ready')
  return apis as Ready[]
}

function startedFor(running: CliProcess, service: string): number[] {
  return running.log('worker.started').filter(({ api }) => api === service).map(({ worker }) => Number(worker))
}

async function expectWorkers(running: CliProcess, options: readonly string[]): Promise<void> {
  await running.line('typed.started', () => running.log('typed.started').length === 2)
  for (const started of running.log('typed.started')) {
    expect(started).toMatchObject({ options, args: ['{"some":"argument"}'] })
    expect(started.pid).not.toBe(running.pid)
  }
  running.signal('SIGTERM')
  expect(await running.exited()).toBe(0)
}

describe.concurrent('a program of an API and a plain service', () => {
  test('has the workers of each, by the names of their own or of their class', async ({ run }) => {
    const running = run('mixed-program.mjs', {})
    const apis = await ready(running)
    expect(apis).toMatchObject([{ api: 'web', workers: 2 }, { api: 'Reaper', port: 0, workers: 1 }])
    const port = apis[0]!.port
    const web = startedFor(running, 'web')
    const [reaper] = startedFor(running, 'Reaper')
    expect(web).toHaveLength(2)
    expect(running.log('reaper.started')).toMatchObject([{ pid: reaper }])
    expect(running.log('api.place')).toMatchObject([{ address: { address: '127.0.0.1', port } }, { address: { port } }])
    const clients = await Promise.all([1, 2, 3, 4].map(() => RawClient.connect(port)))
    for (const client of clients) expect(web.map((pid) => `answered by ${pid}`)).toContain((await client.ask('GET', '/')).body)
    for (const client of clients) client.close()
    running.signal('SIGTERM')
    expect(await running.exited()).toBe(0)
    await running.allEnded()
    expect(running.log('reaper.stop').map(({ pid }) => pid)).toContain(reaper)
  })

  test('HUP replaces the workers of both, and the API is served meanwhile', async ({ run }) => {
    const running = run('mixed-program.mjs', {})
    const [web] = await ready(running)
    running.signal('SIGHUP')
    let asked = 0
    do {
      const client = await RawClient.connect(web!.port)
      expect(await client.ask('GET', '/')).toMatchObject({ status: 200 })
      client.close()
      asked += 1
    } while (running.log('reloaded').length === 0)
    expect(asked).toBeGreaterThan(1)
    expect(await running.line('reloaded')).toMatchObject({ replaced: 3 })
    expect([startedFor(running, 'web').length, startedFor(running, 'Reaper').length]).toEqual([4, 2])
    running.signal('SIGTERM')
    expect(await running.exited()).toBe(0)
  })

  test('a service that is launched while it runs is started at once, with a name of its own', async ({ run }) => {
    const running = run('mixed-program.mjs', { late: true })
    await running.line('worker.ready', ({ api }) => api === 'Reaper-2')
    const pids = [...startedFor(running, 'Reaper'), ...startedFor(running, 'Reaper-2')]
    expect(running.log('reaper.started').map(({ pid }) => pid)).toEqual(pids)
    running.signal('SIGTERM')
    expect(await running.exited()).toBe(0)
  })

  test('two services of one name run both, the second with a number', async ({ run }) => {
    const running = run('mixed-program.mjs', { sameNames: true })
    await running.line('ready')
    expect([startedFor(running, 'web').length, startedFor(running, 'web-2').length]).toEqual([2, 1])
    running.signal('SIGTERM')
    expect(await running.exited()).toBe(0)
    await running.allEnded()
  })

  test('a worker that does not launch its service ends the start, and says why', async ({ run }) => {
    const running = run('mixed-program.mjs', { forgetful: true })
    const failed: LogLine = await running.line('failed', ({ pid }) => pid === running.pid)
    expect(failed['message']).toBe('the program has no service Reaper when it runs in a worker: it must launch the same services in each of its processes')
    expect(await running.exited()).toBe(1)
    await running.allEnded()
  })

  test('a worker that ends before it launches anything ends the start, and says so', async ({ run }) => {
    const running = run('mixed-program.mjs', { exitsEarly: true })
    const failed = await running.line('failed', ({ pid }) => pid === running.pid)
    expect(failed['message']).toMatch(/^a worker of \w+ \(pid \d+\) exited with code 0 before it was ready$/)
    expect(await running.exited()).toBe(1)
    await running.allEnded()
  })
})

describe.concurrent('a program in TypeScript', () => {
  test.skipIf(!existsSync(JITI))('runs with a loader, in its workers as well (needs the package jiti)', async ({ run }) => {
    const options = ['--import', pathToFileURL(JITI).href]
    await expectWorkers(run('typed-program.ts', { some: 'argument' }, { nodeOptions: options }), options)
  })

  test.skipIf(!STRIPS_TYPES)('runs by a node that strips types, in its workers as well (needs Node 22.18 or later)', async ({ run }) => {
    await expectWorkers(run('typed-program.ts', { some: 'argument' }), [])
  })
})
