import { execFileSync } from 'node:child_process'
import { renameSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { expect } from 'vitest'
import type { LogLine } from '../support/cli.ts'
import { RawClient } from '../support/raw-client.ts'
import { type Site, test } from '../support/site.ts'

function linesIn(site: Site, name: string): LogLine[] {
  return site.read(name).trimEnd().split('\n').map((line) => JSON.parse(line) as LogLine)
}

/** Asks until it is told to leave; resolves with how often it was answered. */
async function askUntil(port: number, left: () => boolean): Promise<number> {
  const client = await RawClient.connect(port)
  let asked = 0
  while (!left()) {
    expect(await client.ask('GET', `/quick?number=${asked}`)).toMatchObject({ status: 200 })
    asked += 1
  }
  client.close()
  return asked
}

/** Each process has written that it opened the file anew. */
async function reopenedBy(site: Site, pids: readonly number[]): Promise<void> {
  await expect.poll(() => {
    const lines = linesIn(site, 'api.log').filter(({ event }) => event === 'logs.reopened')
    return pids.every((pid) => lines.some((line) => line.pid === pid))
  }, { timeout: 20_000 }).toBe(true)
}

test('a log file is renamed under load: USR1 to the launcher opens it anew in all processes, and each request is in one of the two', async ({ makeSite }) => {
  const site = makeSite({ apis: { compute: 'gate.js' }, conf: { DEFAULT: { log_file: 'api.log', compute_workers: 2 } } })
  const server = site.start('serve')
  await expect.poll(() => readIfThere(site).some(({ event }) => event === 'ready'), { timeout: 20_000 }).toBe(true)
  const lines = linesIn(site, 'api.log')
  const [{ port }] = lines.find(({ event }) => event === 'ready')!['apis'] as [{ port: number }]
  const workers = lines.filter(({ event }) => event === 'worker.started').map(({ msg }) => Number(/^Started child (\d+)/.exec(msg)![1]))
  expect(workers).toHaveLength(2)
  let left = false
  const customers = [1, 2, 3, 4].map(() => askUntil(port, () => left))
  renameSync(site.path('api.log'), site.path('api.log.1'))
  server.signal('SIGUSR1')
  await expect.poll(() => readIfThere(site).length > 0, { timeout: 20_000 }).toBe(true)
  await reopenedBy(site, [server.pid, ...workers])
  left = true
  const asked = await Promise.all(customers)
  server.signal('SIGTERM')
  expect(await server.exited()).toBe(0)
  const told = ['api.log.1', 'api.log'].map((name) => linesIn(site, name).filter((line) => JSON.stringify(line).includes('/quick')))
  expect(told[0]!.length + told[1]!.length).toBe(asked.reduce((sum, each) => sum + each, 0))
  expect(linesIn(site, 'api.log').at(-1)).toMatchObject({ pid: server.pid })
}, 60_000)

function readIfThere(site: Site): LogLine[] {
  try {
    return linesIn(site, 'api.log')
  } catch {
    return []
  }
}

test('USR1 that comes before the configuration is read neither ends the launcher nor opens an inspector', async ({ makeSite }) => {
  const site = makeSite({ apis: { compute: 'gate.js' } })
  const conf = site.read('millrace.conf')
  execFileSync('mkfifo', [site.path('slow.conf')])
  const server = site.start('serve', '--config-file', 'slow.conf')
  // It reads the file when this can be opened.
  const pipe = await open(site.path('slow.conf'), 'w')
  server.signal('SIGUSR1')
  await pipe.writeFile(conf)
  await pipe.close()
  await server.ready()
  expect(server.stderr).toBe('')
  server.signal('SIGTERM')
  expect(await server.exited()).toBe(0)
}, 60_000)
