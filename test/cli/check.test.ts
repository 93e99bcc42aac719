import { describe, expect } from 'vitest'
import { test, type Site } from '../support/site.ts'

/** `file:line` of the line that has this text. */
function place(site: Site, file: string, text: string): string {
  const line = 1 + site.read(file).split('\n').findIndex((line) => line.includes(text))
  return `${site.path(file)}:${line}`
}

describe.concurrent('millrace check', () => {
  test('says ok and exits with 0 when every API can be served, without binding anything', async ({ makeSite }) => {
    const site = makeSite({ apis: { compute: 'probe.js', metadata: 'gate.js' }, conf: { DEFAULT: { compute_listen: '203.0.113.7' } } })
    expect(await site.run('check')).toEqual({ code: 0, signal: null, stdout: 'ok: compute, metadata can be served\n', stderr: '' })
  })

  test('finds the mistakes of every API in one go, each with its file and line, and exits with 2', async ({ makeSite }) => {
    const site = makeSite({
      apis: { imports: 'throws-at-import.js', makes: 'fails-in-factory.js', works: 'probe.js' },
      conf: { DEFAULT: { enabled_apis: 'imports, makes, works, pipes' } },
      paste: '[pipeline:pipes]\npipeline = nofilter probe\n[app:probe]\npaste.app_factory = %(apps)s/probe.js:factory\n',
    })
    const { code, stdout, stderr } = await site.run('check')
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    const [imports, makes, pipes, ...last] = stderr.trimEnd().split('\n')
    expect(imports).toContain(`error: ${place(site, 'api-paste.ini', 'throws-at-import.js')}: [app:imports] paste.app_factory: `)
    expect(imports).toContain('this module cannot be used')
    expect(makes).toContain(`error: ${place(site, 'api-paste.ini', 'fails-in-factory.js')}: [app:makes] paste.app_factory: `)
    expect(makes).toContain('this app cannot be made')
    expect(pipes).toContain(`error: ${place(site, 'api-paste.ini', 'pipeline = nofilter')}: [pipeline:pipes] pipeline: `)
    expect(pipes).toContain('nofilter')
    expect(last).toEqual(['3 problems'])
  })

  test('finds a value of the wrong type, with file and line', async ({ makeSite }) => {
    const site = makeSite({ apis: { compute: 'probe.js' }, conf: { wsgi: { keepalive_timeout: 'long' } } })
    const { code, stderr } = await site.run('check')
    expect(code).toBe(2)
    const where = place(site, 'millrace.conf', 'keepalive_timeout')
    expect(stderr).toContain(`error: ${where}: [wsgi] keepalive_timeout: is not valid (got "long"`)
  })

  test('warns of a name nobody knows, and that alone is no error', async ({ makeSite }) => {
    const site = makeSite({ apis: { compute: 'probe.js' }, conf: { wsgi: { bakclog: 5 } } })
    const { code, stdout, stderr } = await site.run('check')
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'ok: compute can be served\n' })
    expect(stderr).toMatch(/^warning: /)
    expect(stderr).toContain(`${place(site, 'millrace.conf', 'bakclog')}: [wsgi] bakclog`)
    expect(stderr).toContain('did you mean "backlog"?')
  })

  test('finds that no API is enabled', async ({ makeSite }) => {
    const site = makeSite()
    const { code, stderr } = await site.run('check')
    const where = place(site, 'millrace.conf', 'enabled_apis')
    expect({ code, stderr }).toEqual({ code: 2, stderr: `error: ${where}: enabled_apis names no API\n1 problem\n` })
  })

  test('survives an app that ends its process while it is loaded', async ({ makeSite }) => {
    const site = makeSite({
      conf: { DEFAULT: { enabled_apis: 'compute' } },
      paste: '[app:compute]\npaste.app_factory = ./leaves.mjs:factory\n',
      files: { 'leaves.mjs': 'process.exit(0)\n' },
    })
    const { code, stderr } = await site.run('check')
    expect(code).toBe(2)
    const said = 'an app ended the process while it was loaded (exit code 0); the API being loaded is compute'
    expect(stderr).toBe(`error: ${place(site, 'api-paste.ini', '[app:compute]')}: ${said}\n1 problem\n`)
  })

  test('ends although an app it loaded keeps timers and ports', async ({ makeSite }) => {
    const site = makeSite({
      conf: { DEFAULT: { enabled_apis: 'compute' } },
      paste: '[app:compute]\npaste.app_factory = ./stays.mjs:factory\n',
      files: { 'stays.mjs': 'setInterval(() => {}, 1000)\nexport const factory = () => () => ({})\n' },
    })
    expect(await site.run('check')).toMatchObject({ code: 0 })
  })

  test('tells of values, of one place for two APIs, and of what their apps do wrong, all at once', async ({ makeSite }) => {
    const site = makeSite({
      apis: { compute: 'probe.js', metadata: 'probe.js', makes: 'fails-in-factory.js' },
      conf: {
        DEFAULT: { compute_listen_port: 8774, metadata_listen: '0.0.0.0', metadata_listen_port: 8774, log_level: 'wran' },
        wsgi: { backlog: 'many', wsgi_log_format: '%(client_pi)s' },
      },
    })
    const { code, stdout, stderr } = await site.run('check', '--api', 'compute', '--api', 'metadata', '--api', 'makes', '--api', 'computr')
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/\[DEFAULT\] log_level: is not valid \(got "wran"; expected one of fatal, .*\); did you mean "warn"\?$/),
      expect.stringMatching(/\[wsgi\] wsgi_log_format: not a log format .*; did you mean "client_ip"\?$/),
      `error: ${place(site, 'millrace.conf', 'backlog')}: [wsgi] backlog: The backlog must be more than 0 (got "many"; expected a whole number, at least 1)`,
      'error: --api: is not in enabled_apis (got "computr"; expected one of compute, metadata, makes); did you mean "compute"?',
      expect.stringMatching(/metadata_listen_port: metadata would listen on 0\.0\.0\.0:8774, where compute listens \(127\.0\.0\.1:8774\)/),
      expect.stringMatching(/\[app:makes\] .*this app cannot be made/),
      '6 problems',
    ])
  })

  test('tells a mistake that two APIs share once, and a circle as the way round', async ({ makeSite }) => {
    const site = makeSite({
      conf: { DEFAULT: { enabled_apis: 'one, two, round' } },
      paste: `
[pipeline:one]
pipeline = nofilter probe
[composite:two]
use = egg:Paste#urlmap
/ = one
[composite:round]
use = egg:Paste#urlmap
/ = back
[pipeline:back]
pipeline = round
[app:probe]
paste.app_factory = %(apps)s/probe.js:factory
`,
    })
    const { stderr } = await site.run('check')
    const [shared, circle, last] = stderr.trimEnd().split('\n')
    expect(shared).toContain(`error: ${place(site, 'api-paste.ini', 'pipeline = nofilter')}: [pipeline:one] pipeline: `)
    expect(circle).toMatch(/refers to itself: \[composite:round\] \(api-paste\.ini:\d+\) -> \[pipeline:back\] \(api-paste\.ini:\d+\) -> \[composite:round\]/)
    expect(last).toBe('2 problems')
  })

  test('--json lists errors and warnings with all that is known of each', async ({ makeSite }) => {
    const site = makeSite({ apis: { compute: 'probe.js', makes: 'fails-in-factory.js' }, conf: { wsgi: { bakclog: 5, keep_alive: 'flase' } } })
    const { code, stdout, stderr } = await site.run('check', '--json')
    expect({ code, stderr }).toEqual({ code: 2, stderr: '' })
    const line = (text: string): number => Number(place(site, 'millrace.conf', text).split(':').at(-1))
    const file = site.path('millrace.conf')
    expect(JSON.parse(stdout)).toEqual([
      { level: 'warning', api: null, file, line: line('bakclog'), section: 'wsgi', option: 'bakclog', value: null, expected: null, nearest: 'backlog',
        message: 'unknown option' },
      { level: 'error', api: null, file, line: line('keep_alive'), section: 'wsgi', option: 'keep_alive', value: 'flase', expected: 'true or false',
        nearest: 'false', message: 'is not valid' },
      expect.objectContaining({ level: 'error', api: 'makes', file: site.path('api-paste.ini'), section: 'app:makes', nearest: null,
        message: expect.stringContaining('this app cannot be made') }),
    ])
  })

  test('--json is an empty list when nothing is wrong', async ({ makeSite }) => {
    expect(await makeSite({ apis: { compute: 'probe.js' } }).run('check', '--json')).toMatchObject({ code: 0, stdout: '[]\n', stderr: '' })
  })

  test('warns of an API that no section has, as serve does, and names the nearest', async ({ makeSite }) => {
    const site = makeSite({ apis: { compute: 'probe.js' }, conf: { DEFAULT: { enabled_apis: 'compute, computr' } } })
    const { code, stdout, stderr } = await site.run('check')
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'ok: compute can be served\n' })
    const text = `Could not load paste app 'computr' from ${site.path('api-paste.ini')}. \`\`enabled_apis\`\` includes bad values. Fix to remove this warning.`
    expect(stderr).toBe(`warning: ${place(site, 'millrace.conf', 'enabled_apis')}: ${text}; did you mean "compute"?\n`)
  })

  test('is an error when no API is left', async ({ makeSite }) => {
    const { code, stderr } = await makeSite({ conf: { DEFAULT: { enabled_apis: 'ec2' } } }).run('check')
    expect(code).toBe(2)
    expect(stderr).toMatch(/^warning: .*'ec2'.*\nerror: .*No APIs were started\. Check the enabled_apis config option\.\n1 problem\n$/)
  })

  test('names the APIs that do not come to an end of loading, whether they wait or work', async ({ makeSite }) => {
    const site = makeSite({
      apis: { compute: 'probe.js' },
      conf: { DEFAULT: { enabled_apis: 'waits, works, compute' } },
      paste: '[app:waits]\npaste.app_factory = ./app.mjs:waits\n[app:works]\npaste.app_factory = ./app.mjs:works\n',
      files: { 'app.mjs': 'export const waits = () => new Promise(() => {})\nexport function works() { for (;;); }\n' },
    })
    const { code, stderr } = await site.run('check', '--timeout', '5')
    expect(code).toBe(2)
    const said = (api: string): string =>
      `error: ${place(site, 'api-paste.ini', `[app:${api}]`)}: the API ${api} is not loaded after 5 s: a module or a factory still waits for something (--timeout)`
    expect(stderr).toBe(`${said('waits')}\n${said('works')}\n2 problems\n`)
  })

  test('tells what of a paste file cannot be read once, and does not ask for one that is nowhere', async ({ makeSite }) => {
    const site = makeSite({
      conf: { DEFAULT: { enabled_apis: 'one, two, three' }, 'wsgi:three': { api_paste_config: 'nowhere-at-all.ini' } },
      paste: 'neither section nor option',
    })
    const { code, stderr } = await site.run('check')
    expect(code).toBe(2)
    const [nowhere, unreadable, last] = stderr.trimEnd().split('\n')
    expect(nowhere).toContain('[wsgi:three] api_paste_config: Could not find config at nowhere-at-all.ini (got ')
    expect(unreadable).toContain(`error: ${place(site, 'api-paste.ini', 'neither')}: `)
    expect(unreadable).toContain('cannot be read (got "neither section nor option"')
    expect(last).toBe('2 problems')
  })
})
