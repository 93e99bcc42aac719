import { describe, expect } from 'vitest'
import { RawClient } from '../support/raw-client.ts'
import { test } from '../support/site.ts'

describe.concurrent('a name in enabled_apis that has no section', () => {
  test('warns with nova\'s text, and the others are served', async ({ makeSite }) => {
    const site = makeSite({ apis: { compute: 'probe.js' }, conf: { DEFAULT: { enabled_apis: 'ec2, compute', ec2_listen: '127.0.0.1' } } })
    const server = await site.serve()
    const warnings = server.log().filter((line) => line.level === 'warn')
    const text = `Could not load paste app 'ec2' from ${site.path('api-paste.ini')}.`
    expect(warnings.map((line) => line.msg)).toEqual([`${text} \`\`enabled_apis\`\` includes bad values. Fix to remove this warning.`])
    const client = await RawClient.connect(server.port('compute'))
    expect((await client.ask('GET', '/pid')).status).toBe(200)
  })

  test.for([
    { name: 'that is the only one ends the start', enabled: 'ec2' },
    { name: 'is missing when there is no name at all', enabled: '' },
  ])('$name', async ({ enabled }, { makeSite }) => {
    const server = makeSite({ conf: { DEFAULT: { enabled_apis: enabled } } }).start('serve')
    expect(await server.exited()).toBe(1)
    await server.allEnded()
    expect(server.log('no-apis')).toMatchObject([{ level: 'error', msg: 'No APIs were started. Check the enabled_apis config option.' }])
  })
})

test.concurrent('what check finds in the configuration is refused by serve as well, all of it, before anything is bound or forked', async ({ makeSite }) => {
  const site = makeSite({
    apis: { compute: 'probe.js', metadata: 'probe.js' },
    conf: { DEFAULT: { compute_listen_port: 8774, metadata_listen_port: 8774 }, wsgi: { backlog: 'many', wsgi_log_format: '%(nothing)s' } },
  })
  const { code, stdout, stderr } = await site.run('serve')
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr.trimEnd().split('\n')).toEqual([
    expect.stringMatching(/^millrace: .*\[wsgi\] wsgi_log_format: /),
    expect.stringMatching(/^millrace: .*\[wsgi\] backlog: The backlog must be more than 0 \(got "many"/),
    expect.stringMatching(/^millrace: .*metadata_listen_port: metadata would listen on 127\.0\.0\.1:8774, where compute listens/),
  ])
})

const WORKS = 'export function factory() { return () => ({ body: String(process.pid) }) }'
const BROKEN = 'export function factory() { throw new Error("broken by an update") }'

describe.concurrent('an app that cannot be made', () => {
  test.for([
    { app: 'throws-at-import.js', says: 'this module cannot be used' },
    { app: 'fails-in-factory.js', says: 'this app cannot be made' },
    { app: 'nowhere.js', says: 'there is no file' },
  ])('($app) ends the start with its error and its place, and is not tried again', async ({ app, says }, { makeSite }) => {
    const site = makeSite({ apis: { compute: 'probe.js', metadata: app }, conf: { DEFAULT: { metadata_workers: 2 } } })
    const server = site.start('serve')
    expect(await server.exited()).toBe(2)
    await server.allEnded()
    const line = 1 + site.read('api-paste.ini').split('\n').findIndex((text) => text.includes(app))
    expect(server.stderr).toContain(`${site.path('api-paste.ini')}:${line}: [app:metadata]`)
    expect(server.stderr).toContain(says)
    expect(server.workers('metadata')).toHaveLength(2)
    expect(server.workers('compute')).toHaveLength(1)
    expect(server.log('ready')).toEqual([])
  })

  test('ends the start in one process as well', async ({ makeSite }) => {
    const site = makeSite({ apis: { compute: 'fails-in-factory.js' } })
    const { code, stderr } = await site.run('serve', '--workers', '0')
    expect(code).toBe(2)
    expect(stderr).toMatch(/api-paste\.ini:\d+: \[app:compute\].*this app cannot be made/)
  })

  test('in a worker that replaces another is told and tried again, and nobody is refused meanwhile', async ({ makeSite }) => {
    const site = makeSite({
      conf: { DEFAULT: { enabled_apis: 'compute', compute_listen: '127.0.0.1', compute_workers: 1 } },
      paste: '[app:compute]\npaste.app_factory = ./app.mjs:factory\n',
      files: { 'app.mjs': WORKS },
    })
    const server = await site.serve()
    site.write('app.mjs', BROKEN)
    process.kill(server.workers('compute')[0]!, 'SIGKILL')
    const client = RawClient.connect(server.port('compute'))
    const failure = await server.line('service.failed')
    expect(failure).toMatchObject({ level: 'error', api: 'compute', msg: expect.stringContaining('broken by an update') })
    site.write('app.mjs', WORKS)
    const answer = await (await client).ask('GET', '/')
    await server.line('worker.started', ({ msg }) => msg.startsWith(`Started child ${answer.body} `))
  })
})

test.concurrent('a configuration that is broken while it is served is not in effect: a worker that is replaced has the one that was read', async ({ makeSite }) => {
  const site = makeSite({ apis: { compute: 'probe.js' } })
  const server = await site.serve()
  site.write('millrace.conf', `${site.read('millrace.conf')}[wsgi]\nbacklog = many\nmax_headers = few\n`)
  const before = server.workers('compute')[0]
  process.kill(before!, 'SIGKILL')
  const client = await RawClient.connect(server.port('compute'))
  const { status, body } = await client.ask('GET', '/pid')
  expect(status).toBe(200)
  expect(body).not.toBe(String(before))
  expect(server.log('service.failed')).toEqual([])
})
