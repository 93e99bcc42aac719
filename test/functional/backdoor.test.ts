import { existsSync, readdirSync, statSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { describe, expect } from 'vitest'
import { RawClient } from '../support/raw-client.ts'
import { test } from '../support/site.ts'

const APIS = { compute: 'gate.js' }
const CONF = { DEFAULT: { compute_workers: 2 } }

/** What a backdoor answers to one line. */
async function ask(place: string | number, line: string): Promise<string> {
  const socket = typeof place === 'string' ? connect(place) : connect(place, '127.0.0.1')
  socket.end(`${line}\n`)
  let text = ''
  for await (const chunk of socket) text += String(chunk)
  return text
}

/** A port that somebody listens on as long as the test runs. */
async function takenPort(onTestFinished: (close: () => void) => void): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

function byNumber(a: number, b: number): number {
  return a - b
}

describe.concurrent('the backdoor of `millrace serve`', () => {
  test('each worker has a socket of its own, for its owner only, with the service in it, which goes with the worker', async ({ makeSite }) => {
    const site = makeSite({ apis: APIS, conf: CONF })
    const server = await site.serve('--set', `backdoor_socket=${site.dir}/{pid}.sock`)
    const pids = server.workers('compute')
    expect(pids).toHaveLength(2)
    for (const pid of pids) {
      const path = site.path(`${pid}.sock`)
      expect(statSync(path).mode & 0o777).toBe(0o600)
      const text = await ask(path, '`${process.pid} ${service.name} ${service.load().requests}`')
      expect(text).toContain(`'${pid} compute 0'`)
    }
    expect(existsSync(site.path(`${server.pid}.sock`))).toBe(false)
    server.signal('SIGHUP')
    await server.line('reloaded')
    const successors = server.workers('compute').slice(2)
    await server.line('worker.exited', () => server.log('worker.exited').length === 2)
    expect(readdirSync(site.dir).filter((name) => name.endsWith('.sock')).toSorted()).toEqual(successors.map((pid) => `${pid}.sock`).toSorted())
    server.signal('SIGTERM')
    expect(await server.exited()).toBe(0)
    expect(readdirSync(site.dir).filter((name) => name.endsWith('.sock'))).toEqual([])
  }, 60_000)

  test('there is none unless it is asked for', async ({ makeSite }) => {
    const site = makeSite({ apis: APIS })
    const server = await site.serve()
    expect(readdirSync(site.dir).toSorted()).toEqual(['api-paste.ini', 'millrace.conf'])
    server.signal('SIGTERM')
    expect(await server.exited()).toBe(0)
    expect(server.log().filter(({ event }) => event?.startsWith('backdoor') === true)).toEqual([])
  }, 60_000)

  for (const port of ['9000:8000', 'many', '70000']) {
    test(`backdoor_port = ${port} is refused before anything is forked`, async ({ makeSite }) => {
      const site = makeSite({ apis: APIS })
      const { code, stderr, stdout } = await site.run('serve', '--set', `backdoor_port=${port}`)
      expect(code).toBe(2)
      expect(stderr).toContain(`Invalid backdoor_port configuration ${port}`)
      expect(stdout).not.toContain('worker.started')
    }, 60_000)
  }

  test('a port that is taken is a warning of the worker that wanted it, which serves without', async ({ makeSite, onTestFinished }) => {
    const port = await takenPort(onTestFinished)
    const site = makeSite({ apis: APIS, conf: CONF })
    const server = await site.serve('--set', `backdoor_port=${port}`)
    await server.line('backdoor.warning', () => server.log('backdoor.warning').length === 2)
    expect(server.log('backdoor.warning').map(({ pid }) => pid).toSorted(byNumber)).toEqual(server.workers('compute').toSorted(byNumber))
    expect(server.log('backdoor.warning')[0]).toMatchObject({ level: 'warn', msg: expect.stringContaining(`No port of backdoor_port ${port} is free`) })
    const client = await RawClient.connect(server.port('compute'))
    expect(await client.ask('GET', '/quick')).toMatchObject({ status: 200 })
    client.close()
    server.signal('SIGTERM')
    expect(await server.exited()).toBe(0)
  }, 60_000)
})
