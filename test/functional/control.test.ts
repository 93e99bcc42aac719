import { existsSync, statSync } from 'node:fs'
import { describe, expect } from 'vitest'
import type { LauncherStatus } from '../../src/service/operations.ts'
import { type Site, test } from '../support/site.ts'

const CONF = { DEFAULT: { control_socket: 'control' } }

async function statusOf(site: Site): Promise<LauncherStatus> {
  const { stdout } = await site.run('status', '--json')
  return JSON.parse(stdout) as LauncherStatus
}

describe.concurrent.each([[['--workers', '1']], [['--workers', '0']]])('millrace serve %j with a control_socket', (args) => {
  test('is asked over it, and takes it away when it has ended', async ({ makeSite }) => {
    const site = makeSite({ conf: CONF, apis: { compute: 'gate.js' } })
    const server = await site.serve(...args)
    expect(statSync(site.path('control')).mode & 0o777).toBe(0o600)
    expect(await statusOf(site)).toMatchObject({ pid: server.pid, state: 'RUNNING', services: [{ name: 'compute', state: 'SERVING' }] })
    expect(await site.run('reload')).toMatchObject({ code: 0 })
    expect(await site.run('stop')).toMatchObject({ code: 0, stdout: 'the launcher stops\n' })
    expect(await server.exited()).toBe(0)
    expect(existsSync(site.path('control'))).toBe(false)
  })
})

describe.concurrent('a control_socket', () => {
  test('answers also who has it stop at once', async ({ makeSite }) => {
    const site = makeSite({ conf: CONF, apis: { compute: 'gate.js' } })
    const server = await site.serve()
    expect(await site.run('stop', '--now')).toMatchObject({ code: 0, stdout: 'the launcher stops at once\n', stderr: '' })
    await server.allEnded()
  })

  test('may be left from a launcher that was killed', async ({ makeSite }) => {
    const site = makeSite({ conf: CONF, apis: { compute: 'gate.js' } })
    await (await site.serve('--workers', '0')).kill()
    expect(existsSync(site.path('control'))).toBe(true)
    const server = await site.serve('--workers', '0')
    expect(await statusOf(site)).toMatchObject({ pid: server.pid })
  })

  test('of a launcher that runs keeps a second one from starting', async ({ makeSite }) => {
    const site = makeSite({ conf: CONF, apis: { compute: 'gate.js' } })
    const first = await site.serve('--workers', '0')
    const second = await site.run('serve', '--workers', '0', '--set', 'DEFAULT.compute_listen_port=0')
    expect(second).toMatchObject({ code: 1 })
    expect(second.stderr + second.stdout).toContain('has somebody who listens there')
    expect(await statusOf(site)).toMatchObject({ pid: first.pid })
  })

  test('scale and drain work on the real workers, and a reload brings all back', async ({ makeSite }) => {
    const site = makeSite({ conf: CONF, apis: { compute: 'gate.js' } })
    await site.serve()
    expect(await site.run('scale', 'compute', '2')).toMatchObject({ code: 0, stdout: 'compute goes from 1 to 2 workers\n' })
    expect(await statusOf(site)).toMatchObject({ services: [{ workers: 2 }] })
    expect(await site.run('drain', 'compute')).toMatchObject({ code: 0, stdout: 'compute is drained\n' })
    expect(await statusOf(site)).toMatchObject({ services: [{ state: 'DRAINED', processes: [] }] })
    expect(await site.run('reload')).toMatchObject({ code: 0 })
    expect(await statusOf(site)).toMatchObject({ services: [{ state: 'SERVING', processes: [{}] }] })
  })
})
