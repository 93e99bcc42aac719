import { describe, expect } from 'vitest'
import { test, type SitePlan } from '../support/site.ts'

const PLAN: SitePlan = {
  conf: { DEFAULT: { enabled_apis: 'compute, metadata' } },
  apis: { metadata: 'gate.js' },
  paste: `
[composite:compute]
use = egg:Paste#urlmap
/: probe
/v2/+: compute_v2

[pipeline:compute_v2]
pipeline = request_id probe

[filter:request_id]
use = egg:millrace#request_id

[app:probe]
paste.app_factory = %(apps)s/probe.js:factory
`,
}

async function json(run: Promise<{ code: number | null; stdout: string; stderr: string }>): Promise<unknown> {
  const { code, stdout, stderr } = await run
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout)
}

describe.concurrent('millrace show', () => {
  test('pipelines draws each API as a tree of its mounts, filters and app, outermost first', async ({ makeSite }) => {
    const { code, stdout } = await makeSite(PLAN).run('show', 'pipelines')
    expect(code).toBe(0)
    expect(stdout.replaceAll(/\S+\/(?=\w+\.js:)/g, '')).toBe(`\
composite compute  egg:Paste#urlmap
├─ / → app probe  probe.js:factory
└─ /v2/+ → pipeline compute_v2
   ├─ filter request_id  egg:millrace#request_id
   └─ app probe  probe.js:factory

app metadata  gate.js:factory
`)
  })

  test('pipelines --json has the same with file and line of each section', async ({ makeSite }) => {
    const site = makeSite(PLAN)
    const lines = site.read('api-paste.ini').split('\n')
    const inPipeline = [{ kind: 'filter', name: 'request_id' }, { kind: 'app', name: 'probe' }]
    expect(await json(site.run('show', 'pipelines', '--json', '--api', 'compute'))).toMatchObject([{
      kind: 'composite', name: 'compute', file: site.path('api-paste.ini'), line: 1 + lines.indexOf('[composite:compute]'),
      children: [
        { kind: 'app', name: 'probe', mount: '/' },
        { kind: 'pipeline', name: 'compute_v2', mount: '/v2/+', children: inPipeline },
      ],
    }])
  })

  test('routes lists method and path of every router, mount points included', async ({ makeSite }) => {
    const { code, stdout } = await makeSite(PLAN).run('show', 'routes')
    expect(code).toBe(0)
    const rows = stdout.trimEnd().split('\n').map((line) => line.split(/ {2,}/))
    expect(rows[0]).toEqual(['api', 'method', 'path', 'name'])
    expect(rows.map((row) => row.slice(0, 3))).toEqual(
      expect.arrayContaining([
        ['compute', 'GET', '/pid'],
        ['compute', 'GET', '/v2/pid'],
        ['compute', 'PUT', '/v2/things/:id'],
        ['metadata', 'GET', '/arrived/:count'],
      ]),
    )
  })

  test('routes --json has the same', async ({ makeSite }) => {
    const routes = await json(makeSite(PLAN).run('show', 'routes', '--json', '--api', 'compute'))
    expect(routes).toEqual(expect.arrayContaining([{ api: 'compute', method: 'GET', path: '/v2/failure', name: 'fail' }]))
    expect(routes).toHaveLength(14)
  })

  test('config has every option, its value, and where that is from', async ({ makeSite }) => {
    const site = makeSite({ ...PLAN, conf: { ...PLAN.conf, 'wsgi:metadata': { default_pool_size: 50 } } })
    const { code, stdout } = await site.run('show', 'config', '--set', 'wsgi.backlog=3')
    expect(code).toBe(0)
    const rows = stdout.trimEnd().split('\n').map((line) => line.split(/ {2,}/))
    const line = (text: string): string => `${site.path('millrace.conf')}:${1 + site.read('millrace.conf').split('\n').indexOf(text)}`
    expect(rows[0]).toEqual(['group', 'option', 'value', 'from'])
    expect(rows).toEqual(
      expect.arrayContaining([
        ['[DEFAULT]', 'drain_delay', '0', 'default'],
        ['[DEFAULT]', 'metadata_workers', '1', line('metadata_workers = 1')],
        ['[wsgi]', 'backlog', '3', '--set'],
        ['[wsgi]', 'api_paste_config', site.path('api-paste.ini'), 'default'],
        ['[wsgi:metadata]', 'default_pool_size', '50', line('default_pool_size = 50')],
      ]),
    )
  })

  test('config --json has the same, with what each option is for', async ({ makeSite }) => {
    const options = await json(makeSite(PLAN).run('show', 'config', '--json'))
    expect(options).toEqual(
      expect.arrayContaining([
        { group: 'DEFAULT', option: 'idle_linger', value: '5', source: 'default', help: expect.stringContaining('stopping server') },
      ]),
    )
  })
})
