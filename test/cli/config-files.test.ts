import { rmSync } from 'node:fs'
import { describe, expect } from 'vitest'
import { RawClient } from '../support/raw-client.ts'
import { test, type Site } from '../support/site.ts'

interface Option {
  readonly group: string
  readonly option: string
  readonly value: string
  readonly source: string
}

/** The value of each option that is named, and where it is from. */
async function effective(site: Site, args: readonly string[], ...names: string[]): Promise<Record<string, [string, string]>> {
  const { code, stdout, stderr } = await site.run('show', 'config', '--json', ...args)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const options = JSON.parse(stdout) as Option[]
  return Object.fromEntries(names.map((name) => {
    const { value, source } = options.find(({ group, option }) => `${group}.${option}` === name)!
    return [name, [value, source]]
  }))
}

const EXTRA = {
  'more.conf': '[wsgi]\nbacklog = 11\ntcp_keepidle = 12\n',
  'conf.d/20-later.conf': '[wsgi]\nbacklog = 31\n',
  'conf.d/10-first.conf': '[wsgi]\nbacklog = 21\nkeepalive_timeout = 22\n',
  'conf.d/notes.txt': 'this is no configuration',
}

const NAME_ANOTHER = /millrace\.conf: there is no such file; name another one with --config-file/

describe.concurrent('the configuration', () => {
  test('is millrace.conf of the working directory when no file is named', async ({ makeSite }) => {
    const site = makeSite({ apis: { compute: 'probe.js' }, conf: { wsgi: { backlog: 7 } } })
    const line = 1 + site.read('millrace.conf').split('\n').indexOf('backlog = 7')
    expect(await effective(site, [], 'wsgi.backlog', 'wsgi.tcp_keepidle')).toEqual({
      'wsgi.backlog': ['7', `${site.path('millrace.conf')}:${line}`],
      'wsgi.tcp_keepidle': ['120', 'default'],
    })
  })

  test('is every file named, then the directories\' *.conf by name, then --set; the last one wins', async ({ makeSite }) => {
    const wsgi = { backlog: 7, tcp_keepidle: 8, keepalive_timeout: 9, headers_timeout: 10 }
    const site = makeSite({ apis: { compute: 'probe.js' }, conf: { wsgi }, files: EXTRA })
    const files = ['--config-file', 'millrace.conf', '--config-file', 'more.conf', '--config-dir', 'conf.d']
    const args = [...files, '--set', 'wsgi.headers_timeout=41', '--set', 'wsgi.headers_timeout=42']
    expect(await effective(site, args, 'wsgi.backlog', 'wsgi.tcp_keepidle', 'wsgi.keepalive_timeout', 'wsgi.headers_timeout')).toEqual({
      'wsgi.backlog': ['31', `${site.path('conf.d/20-later.conf')}:2`],
      'wsgi.tcp_keepidle': ['12', `${site.path('more.conf')}:3`],
      'wsgi.keepalive_timeout': ['22', `${site.path('conf.d/10-first.conf')}:3`],
      'wsgi.headers_timeout': ['42', '--set'],
    })
  })

  test('reaches the workers as it was given on the command line', async ({ makeSite }) => {
    const files = { 'more.conf': '[wsgi]\nmax_buffered_body = 10\n' }
    const site = makeSite({ apis: { compute: 'probe.js', metadata: 'probe.js' }, files })
    const args = ['--config-file', 'millrace.conf', '--config-file', 'more.conf', '--set', 'wsgi:metadata.max_buffered_body=20']
    const server = await site.serve(...args)
    const statuses = await Promise.all(['compute', 'metadata'].map(async (api) => {
      const client = await RawClient.connect(server.port(api))
      return (await client.ask('POST', '/echo', { body: 'fifteen octets!' })).status
    }))
    expect(statuses).toEqual([413, 200])
  })

  test('--api serves only the APIs it names', async ({ makeSite }) => {
    const server = await makeSite({ apis: { compute: 'probe.js', metadata: 'fails-in-factory.js' } }).serve('--api', 'compute')
    expect(server.log('ready')[0]!['apis']).toMatchObject([{ api: 'compute' }])
    expect(server.workers('metadata')).toEqual([])
  })

  test.for([
    { why: 'there is no millrace.conf', args: ['serve'], says: NAME_ANOTHER },
    { why: 'there is none to check', args: ['check'], says: NAME_ANOTHER },
    { why: 'a named file is not there', args: ['serve', '--config-file', 'other.conf'], says: /other\.conf: cannot be read/ },
    { why: 'a named directory is not there', args: ['show', 'config', '--config-dir', 'conf.d'], says: /conf\.d: cannot be read/ },
  ])('that cannot be read because $why is exit code 2', async ({ args, says }, { makeSite }) => {
    const site = makeSite()
    rmSync(site.path('millrace.conf'))
    const { code, stdout, stderr } = await site.run(...args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(says)
  })

  test.for([
    { set: 'wsgi.backlog', says: '--set: cannot be read (got "wsgi.backlog"; expected group.option=value)' },
    { set: 'wsgi.tcp_keepidle=soon', says: '--set: [wsgi] tcp_keepidle: is not valid (got "soon"' },
    { set: 'compute_workers=0', says: 'compute_workers value of 0 is invalid, must be greater than 0' },
    { set: 'log_level=loud', says: '[DEFAULT] log_level: is not valid (got "loud"' },
  ])('--set $set is exit code 2 and says why', async ({ set, says }, { makeSite }) => {
    const { code, stderr } = await makeSite({ apis: { compute: 'probe.js' } }).run('serve', '--set', set)
    expect(code).toBe(2)
    expect(stderr).toContain(says)
  })

  test('--api with a name that is not enabled is exit code 2 and names the nearest', async ({ makeSite }) => {
    const { code, stderr } = await makeSite({ apis: { compute: 'probe.js' } }).run('serve', '--api', 'compte')
    expect(code).toBe(2)
    expect(stderr).toBe('millrace: --api: is not in enabled_apis (got "compte"; expected one of compute); did you mean "compute"?\n')
  })
})
