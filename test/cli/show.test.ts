import { describe, expect } from 'vitest'
import { test, type SitePlan } from '../support/site.ts'

/** A site is not inside the package, and so does not find it by its name. */
const PACKAGE = new URL('../../dist/index.js', import.meta.url).href

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

/** The pipeline of `noauth` is broken. */
function strategies(strategy: string): SitePlan {
  return {
    conf: { DEFAULT: { enabled_apis: 'a' } },
    paste: `[DEFAULT]
auth_strategy = ${strategy}
[composite:a]
use = egg:millrace#auth_pipeline
keystone = b
noauth = f b
[app:b]
use = egg:millrace#healthcheck_app
[filter:f]
use = egg:millrace#basic_auth
password = %
`,
  }
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
    expect(stdout.replaceAll(/\S+\/(?=\w+\.js:)/g, '').replaceAll(/ {2,}/g, '  ')).toBe(`\
composite compute  egg:Paste#urlmap  api-paste.ini:4
├─ / → app probe  probe.js:factory  api-paste.ini:15
└─ /v2/+ → pipeline compute_v2  api-paste.ini:9
  ├─ filter request_id  egg:millrace#request_id  api-paste.ini:12
  └─ app probe  probe.js:factory  api-paste.ini:15

app metadata  gate.js:factory  api-paste.ini:18
`)
  })

  test('pipelines lines factories and places up', async ({ makeSite }) => {
    const { stdout } = await makeSite(PLAN).run('show', 'pipelines', '--api', 'compute')
    const columns = stdout.trimEnd().split('\n').map((line) => line.indexOf('api-paste.ini:'))
    expect(new Set(columns).size).toBe(1)
  })

  test('lets no name or value in a file speak to the terminal, nor does check', async ({ makeSite }) => {
    const paste = '[pipeline:a]\npipeline = f\x1b[2J app\n[filter:f\x1b[2J]\nuse = egg:millrace#cors\nallowed_origin = \x9b2Jnone\n[app:app]\nuse = egg:millrace#healthcheck_app\n'
    const site = makeSite({ conf: { DEFAULT: { enabled_apis: 'a' } }, paste })
    const runs = [['show', 'pipelines'], ['show', 'pipelines', '--json'], ['show', 'routes'], ['check'], ['check', '--json']]
    for (const { stdout, stderr } of await Promise.all(runs.map((run) => site.run(...run)))) {
      expect(stdout + stderr).toContain('f\\u001b[2J')
      expect(stdout + stderr).not.toMatch(/[^\P{Cc}\n]/u)
    }
  })

  test('pipelines names files as seen from where it runs, or from the paste file', async ({ makeSite }) => {
    const site = makeSite({
      conf: { DEFAULT: { enabled_apis: 'a, b' }, wsgi: { api_paste_config: 'etc/p.ini' } },
      files: {
        'etc/p.ini': '[app:a]\nuse = config:../other.ini\n[app:b]\nuse = config:more.ini\n',
        'other.ini': '[app:main]\nuse = a\n[pipeline:a]\npipeline = b\n[app:b]\npaste.app_factory = ./b.js:b\n',
        'etc/more.ini': '[app:main]\nuse = egg:millrace#healthcheck_app\n',
      },
    })
    const { stdout } = await site.run('show', 'pipelines')
    expect(stdout).toMatch(/^pipeline a +etc\/p\.ini:1\n└─ app b +\.\/b\.js:b +other\.ini:5\n\napp b +egg:millrace#healthcheck_app +etc\/p\.ini:3\n$/)
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

  test('pipelines --json has each part\'s settings with their places; secrets are masked', async ({ makeSite }) => {
    const site = makeSite({
      conf: { DEFAULT: { enabled_apis: 'compute' } },
      paste: '[app:compute]\npaste.app_factory = ./absent.js:factory\nadmin_password = hunter2\nkey = /etc/key.pem\ndb = pg://me:hunter2@db\n',
    })
    const file = site.path('api-paste.ini')
    const found = await json(site.run('show', 'pipelines', '--json'))
    expect(found).toEqual([{
      kind: 'app', name: 'compute', file, line: 3, factory: './absent.js:factory', children: [],
      settings: [
        { name: 'admin_password', value: '***', file, line: 5 },
        { name: 'key', value: '/etc/key.pem', file, line: 6 },
        { name: 'db', value: 'pg://me:***@db', file, line: 7 },
      ],
    }])
  })

  test('pipelines --mermaid draws the way of requests as a flowchart', async ({ makeSite }) => {
    const { code, stdout } = await makeSite(PLAN).run('show', 'pipelines', '--mermaid', '--api', 'compute')
    expect(code).toBe(0)
    expect(stdout.replaceAll(/"probe.*?"/g, '"probe"')).toBe(`\
flowchart LR
  n0{{"compute<br/>egg:Paste#35;urlmap"}}
  n1("probe")
  subgraph n2["pipeline compute_v2"]
    n3["request_id<br/>egg:millrace#35;request_id"]
    n4("probe")
  end
  n0 -->|"/"| n1
  n3 --> n4
  n0 -->|"/v2/+"| n3
`)
  })

  test('pipelines tells of every API what is wrong with it', async ({ makeSite }) => {
    const site = makeSite({ conf: { DEFAULT: { enabled_apis: 'a, b' } }, paste: '[pipeline:a]\npipeline = nowhere\n[app:b]\n' })
    const { code, stdout, stderr } = await site.run('show', 'pipelines')
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/\[pipeline:a\] pipeline: .*'nowhere'[^]*\[app:b\] No loader given/)
  })

  test('pipelines marks what is broken where it is not used, and warns, as check finds nothing wrong', async ({ makeSite }) => {
    const site = makeSite(strategies('keystone'))
    const { code, stdout, stderr } = await site.run('show', 'pipelines')
    expect(stdout).toMatch(/├─ keystone → app b .*\n└─ noauth → broken f b +api-paste\.ini:\d+\n$/)
    expect(stderr).toMatch(/^warning: \S+:\d+: \[filter:f\] password: .*\(got "\*+".*\n$/)
    expect(code).toBe(0)
    expect((await site.run('check')).code).toBe(0)
    const { stdout: shown } = await site.run('show', 'pipelines', '--json')
    expect(JSON.parse(shown)).toMatchObject([{ children: [{ kind: 'app' }, { kind: 'broken', problems: [{ option: 'password', value: '***' }] }] }])
    expect((await site.run('show', 'pipelines', '--mermaid')).stdout).toMatch(/n2>"f b"\]/)
  })

  test('pipelines draws what it can of what would not be served, and ends as check does', async ({ makeSite }) => {
    const site = makeSite(strategies('noauth'))
    const { code, stdout, stderr } = await site.run('show', 'pipelines')
    expect(stdout).toContain('└─ noauth → broken f b')
    expect(stderr).toMatch(/^error: \S+:\d+: \[filter:f\] password: .*\n$/)
    expect(code).toBe(2)
    expect((await site.run('check')).code).toBe(2)
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

  test('routes finds routers behind filters, and lists apps that are none by their mounts', async ({ makeSite }) => {
    const paste = `
[composite:compute]
use = egg:Paste#urlmap
/healthcheck: egg:millrace#healthcheck_app
/with: with
/filtered: filtered
/elsewhere: config:other.ini#thing
domain example.org /host: thing
/: egg:millrace#healthcheck_app
[app:with]
paste.app_factory = ./thing.mjs:factory
filter-with = request_id
[filter-app:filtered]
use = egg:millrace#request_id
next = with
[app:thing]
paste.app_factory = ./thing.mjs:factory
[filter:request_id]
use = egg:millrace#request_id
`
    const thing = `
import { Router } from '${PACKAGE}'
const app = () => ({})
const inner = new Router().get('/leaf', app)
export const factory = () => new Router().get('/', function index() {}).mount('/sub', inner.app).mount('/raw', app).app`
    const files = { 'thing.mjs': thing, 'other.ini': '[app:thing]\npaste.app_factory = ./thing.mjs:factory\n' }
    const site = makeSite({ conf: { DEFAULT: { enabled_apis: 'compute' } }, paste, files })
    const { code, stdout, stderr } = await site.run('show', 'routes')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const rows = stdout.trimEnd().split('\n').slice(1).map((line) => line.split(/ {2,}/).slice(1, 3).join(' '))
    const things = ['/with', '/filtered', '/elsewhere', '/host'].flatMap((mount) => [`GET ${mount}`, `GET ${mount}/sub/leaf`, `* ${mount}/raw/*`])
    expect(rows).toEqual(['* /healthcheck', ...things, '* /'])
  })

  test('routes shows whatever else a router says of its routes in columns of its own', async ({ makeSite }) => {
    const app = `
const routes = [
  { method: 'GET', path: '/a', name: 'a', versions: ['2.1', '2.5'] },
  { method: 'GET', path: '/b', name: 'b', tags: ['x', 'y'], requirements: { id: '\\\\d+' } },
]
export const factory = () => Object.assign(() => ({}), { [Symbol.for('millrace.router')]: { routes } })`
    const paste = '[app:compute]\npaste.app_factory = ./app.mjs:factory\n'
    const site = makeSite({ conf: { DEFAULT: { enabled_apis: 'compute' } }, paste, files: { 'app.mjs': app } })
    const { stdout } = await site.run('show', 'routes')
    expect(stdout.replaceAll(/ {2,}/g, ' | ')).toBe(`\
api | method | path | name | versions | tags | requirements
compute | GET | /a | a | 2.1 to 2.5
compute | GET | /b | b | x, y | id=\\d+
`)
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
