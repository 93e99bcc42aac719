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
    const [imports, makes, pipes, ...others] = stderr.trimEnd().split('\n')
    expect(imports).toContain(`error: ${place(site, 'api-paste.ini', 'throws-at-import.js')}: [app:imports] paste.app_factory: `)
    expect(imports).toContain('this module cannot be used')
    expect(makes).toContain(`error: ${place(site, 'api-paste.ini', 'fails-in-factory.js')}: [app:makes] paste.app_factory: `)
    expect(makes).toContain('this app cannot be made')
    expect(pipes).toContain(`error: ${place(site, 'api-paste.ini', 'pipeline = nofilter')}: [pipeline:pipes] pipeline: `)
    expect(pipes).toContain('nofilter')
    expect(others).toEqual([])
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
    const { code, stderr } = await makeSite().run('check')
    expect({ code, stderr }).toEqual({ code: 2, stderr: 'error: enabled_apis names no API\n' })
  })

  test('survives an app that ends its process while it is loaded', async ({ makeSite }) => {
    const site = makeSite({
      conf: { DEFAULT: { enabled_apis: 'compute' } },
      paste: '[app:compute]\npaste.app_factory = ./leaves.mjs:factory\n',
      files: { 'leaves.mjs': 'process.exit(0)\n' },
    })
    const { code, stderr } = await site.run('check')
    expect(code).toBe(2)
    expect(stderr).toBe('error: an app ended the process while it was loaded (exit code 0)\n')
  })

  test('ends although an app it loaded keeps timers and ports', async ({ makeSite }) => {
    const site = makeSite({
      conf: { DEFAULT: { enabled_apis: 'compute' } },
      paste: '[app:compute]\npaste.app_factory = ./stays.mjs:factory\n',
      files: { 'stays.mjs': 'setInterval(() => {}, 1000)\nexport const factory = () => () => ({})\n' },
    })
    expect(await site.run('check')).toMatchObject({ code: 0 })
  })
})
