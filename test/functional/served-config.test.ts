import { rmSync } from 'node:fs'
import { describe, expect } from 'vitest'
import { test } from '../support/site.ts'

describe.concurrent('what HUP tells of the configuration', () => {
  test('what a reload took over, and what it cannot; nothing when it fails; the command line wins over a file', async ({ makeSite }) => {
    const site = makeSite({ apis: { compute: 'gate.js' } })
    const conf = site.read('millrace.conf')
    const server = await site.serve('--config-file', 'millrace.conf', '--workers', '2', '--set', 'wsgi.max_body_size=7')
    site.write('millrace.conf', '[DEFAULT\n')
    server.signal('SIGHUP')
    await server.line('reload.failed')
    rmSync(site.path('millrace.conf'))
    server.signal('SIGHUP')
    await server.line('reload.failed', () => server.log('reload.failed').length === 2)
    expect([...server.log('option.changed'), ...server.log('option.ignored')]).toEqual([])
    site.write('millrace.conf', `${conf.replace('compute_workers = 1', 'compute_workers = 5').replace('[DEFAULT]', '[DEFAULT]\nlog_file = other.log\ndrain_delay = 0.5')}\n[wsgi]\nmax_body_size = 9\n`)
    server.signal('SIGHUP')
    expect(await server.line('reloaded')).toMatchObject({ replaced: 2 })
    expect(server.log('option.changed')).toMatchObject([{ option: 'DEFAULT.drain_delay' }])
    expect(server.log('option.ignored')).toMatchObject([{ option: 'DEFAULT.log_file' }])
    expect(server.workers('compute')).toHaveLength(4)
  }, 60_000)

  test('a second launcher on the same port is refused with one clear error, and the first serves on', async ({ makeSite }) => {
    const site = makeSite({ apis: { compute: 'gate.js' } })
    const server = await site.serve()
    const port = server.port('compute')
    const { code, stderr } = await site.run('serve', '--set', `DEFAULT.compute_listen_port=${port}`)
    expect(code).toBe(1)
    expect(stderr).toContain(`Could not bind to 127.0.0.1:${port}`)
    server.signal('SIGTERM')
    expect(await server.exited()).toBe(0)
  }, 60_000)
})
