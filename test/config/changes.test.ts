import { afterAll, describe, expect, test } from 'vitest'
import { changesBetween, merge } from '../../src/config/changes.ts'
import { type Config, loadConfig } from '../../src/config/load.ts'
import { Certificates, HAS_OPENSSL } from '../support/certificates.ts'
import { makeDirectory } from './files.ts'

const BASE = 'enabled_apis = compute, metadata\ncompute_listen_port = 8774\nmetadata_listen_port = 8775\n'

/** Each time in a directory of its own, whose paste file is another one. */
function read(defaults: string, wsgi = '', more = ''): Config {
  return loadConfig({ files: [], dirs: [], sets: [], cwd: makeDirectory({ 'api-paste.ini': '', 'millrace.conf': `[DEFAULT]\n${defaults}\n[wsgi]\n${wsgi}\n${more}` }) })
}

function changes(before: Config, after: Config): string[] {
  return changesBetween(before, after).filter(({ row }) => row.name !== 'api_paste_config').map(({ option, from, to, row }) => `${option} [${from}] [${to}]${row.mutable ? '' : ' immutable'}`)
}

test('what differs is told by the group it takes effect in, as an operator writes it', () => {
  const before = read(`${BASE}log_level = info`, 'backlog = 1\nmax_body_size = 1 MiB\ntrusted_proxies = ::1', '[wsgi:compute]\ndefault_pool_size = 5')
  const after = read(`${BASE}log_level = debug\ncompute_workers = 3`, 'backlog = 2\nmax_body_size = 1 MiB\ntrusted_proxies = ::1, 10.0.0.0/8', '[wsgi:compute]\ndefault_pool_size = 6')
  expect(changes(before, after)).toEqual(expect.arrayContaining([
    'DEFAULT.log_level [info] [debug]',
    'wsgi.backlog [1] [2] immutable',
    'wsgi.trusted_proxies [::1] [::1, 10.0.0.0/8]',
    'wsgi:compute.default_pool_size [5] [6]',
  ]))
  expect(changes(before, after).some((line) => line.startsWith('DEFAULT.compute_workers ['))).toBe(true)
  expect(changes(before, before)).toEqual([])
})

test('an option that an API begins, or ceases, to have for itself changes from what all have, and to it', () => {
  const [before, after] = [read(BASE, 'default_pool_size = 7'), read(BASE, 'default_pool_size = 7', '[wsgi:metadata]\ndefault_pool_size = 8')]
  expect(changes(before, after)).toEqual(['wsgi:metadata.default_pool_size [7] [8]'])
  expect(changes(after, before)).toEqual(['wsgi:metadata.default_pool_size [8] [7]'])
})

test('an API that is new or gone is a change of enabled_apis alone', () => {
  const one = read('enabled_apis = compute\ncompute_listen_port = 8774')
  expect(changes(one, read(BASE))).toEqual(['DEFAULT.enabled_apis [compute] [compute, metadata] immutable'])
  expect(changes(read(BASE), one)).toEqual(['DEFAULT.enabled_apis [compute, metadata] [compute] immutable'])
})

test('merged by what is mutable, all that is not stays, the list of APIs and where they listen as well', () => {
  const before = read(BASE, 'backlog = 1\nheaders_timeout = 5')
  const after = read('enabled_apis = compute, other\nlog_level = debug\ncompute_listen_port = 9999\nother_listen_port = 1', 'backlog = 2\nheaders_timeout = 6')
  const merged = merge(before, after, ({ mutable }) => mutable)
  expect(merged.settings).toMatchObject({ log_level: 'debug', enabled_apis: ['compute', 'metadata'] })
  expect(merged.apis.map(({ name, listen_port, wsgi }) => [name, listen_port, wsgi.backlog, wsgi.headers_timeout])).toEqual([['compute', 8774, 1, 6], ['metadata', 8775, 1, 5]])
  expect(changes(before, merged)).toEqual(['DEFAULT.log_level [info] [debug]', 'wsgi.headers_timeout [5] [6]'])
})

test('merged by what a reload can take over, all but what needs a new start is new', () => {
  const before = read(`${BASE}control_socket = a.sock`, 'backlog = 1')
  const after = read('enabled_apis = compute, other\nenabled_ssl_apis =\ncontrol_socket = b.sock\ncompute_listen_port = 9999\nother_listen_port = 1', 'backlog = 2\ndebug = true')
  const merged = merge(before, after, ({ fixed }) => fixed !== true)
  expect(merged.settings.control_socket).toBe(before.settings.control_socket)
  expect(merged.apis.map(({ name, listen_port, wsgi }) => [name, listen_port, wsgi.backlog, wsgi.debug])).toEqual([['compute', 9999, 1, true], ['other', 1, 2, true]])
})

const BOTH = '[wsgi:compute]\nbacklog = 5\n[wsgi:metadata]\nbacklog = 6'

test('what every API says for itself has not changed in [wsgi]', () => {
  expect(changes(read(BASE, 'backlog = 1', BOTH), read(BASE, 'backlog = 2', BOTH))).toEqual([])
  expect(changes(read(BASE, 'backlog = 1', '[wsgi:compute]\nbacklog = 5'), read(BASE, 'backlog = 2', BOTH))).toEqual(['wsgi:metadata.backlog [1] [6] immutable'])
})

test('an API that ceases to say what all have come to has not changed', () => {
  expect(changes(read(BASE, 'backlog = 1', '[wsgi:compute]\nbacklog = 2'), read(BASE, 'backlog = 2'))).toEqual(['wsgi.backlog [1] [2] immutable'])
})

test('a change of one API names it', () => {
  const [before, after] = [read(`${BASE}compute_workers = 1`, 'debug = false'), read(`${BASE}compute_workers = 2`, 'debug = true', '[wsgi:compute]\nbacklog = 5')]
  expect(changesBetween(before, after).map(({ option, api }) => [option, api])).toEqual(expect.arrayContaining([
    ['DEFAULT.compute_workers', 'compute'], ['wsgi:compute.backlog', 'compute'], ['wsgi.debug', undefined],
  ]))
})

test('an API with a dot in its name has its own options', () => {
  const [before, after] = ['', '[wsgi:api.v2]\nbacklog = 5'].map((own) => read('enabled_apis = api.v2\napi.v2_listen_port = 1', '', own))
  expect(changes(before!, after!)).toEqual(['wsgi:api.v2.backlog [1024] [5] immutable'])
})

test('secrets are masked', () => {
  const [before, after] = ['a:b', 'a:c'].map((user) => read(BASE, `wsgi_log_format = http://${user}@host`))
  expect(changes(before!, after!)).toEqual(['wsgi.wsgi_log_format [http://a:***@host] [http://a:***@host]'])
})

const MUTABLE = ({ mutable }: { mutable: boolean }): boolean => mutable

/** What a configuration tells of itself, as `group.option = value`. */
function told({ options }: Config, name: string): string[] {
  return options.filter(({ option }) => option === name).map(({ group, value }) => `${group}.${name} = ${String(value)}`)
}

test('what is merged tells each option once, with the value that it has', () => {
  const [none, own] = [read(BASE, 'backlog = 1'), read(BASE, 'backlog = 2\ndebug = true', '[wsgi:compute]\nbacklog = 5\ndebug = false')]
  const added = merge(none, own, MUTABLE)
  expect(told(added, 'backlog')).toEqual(['wsgi.backlog = 1'])
  expect(told(added, 'debug')).toEqual(['wsgi.debug = true', 'wsgi:compute.debug = false'])
  const removed = merge(own, none, MUTABLE)
  expect(told(removed, 'backlog')).toEqual(['wsgi.backlog = 2', 'wsgi:compute.backlog = 5'])
  expect(removed.apis.map(({ wsgi: { backlog, debug } }) => [backlog, debug])).toEqual([[5, false], [2, false]])
  expect(changes(own, merge(removed, own, MUTABLE))).toEqual([])
})

test('an API that is new has what the files say, whatever could not be taken over for the others', () => {
  const merged = merge(read('enabled_apis = compute', 'backlog = 1'), read('enabled_apis = compute, other', 'backlog = 2'), ({ fixed }) => fixed !== true)
  expect(merged.apis.map(({ wsgi }) => wsgi.backlog)).toEqual([1, 2])
  expect(told(merged, 'backlog')).toEqual(['wsgi.backlog = 1', 'wsgi:other.backlog = 2'])
})

test('the source of an option that could not be taken over is where it was', () => {
  const before = read(BASE, 'backlog = 1')
  const merged = merge(before, read(`# another line\n${BASE}`, 'backlog = 2'), MUTABLE)
  expect(merged.sourceOf('wsgi', 'backlog')).toEqual(before.sourceOf('wsgi', 'backlog'))
  expect(() => merged.sourceOf('wsgi', 'backlogs')).toThrow('there is no option [wsgi] backlogs')
})

test('an API that is gone from enabled_apis, but goes on, is told as it was', () => {
  const before = read(BASE, 'headers_timeout = 5', '[wsgi:metadata]\nbody_timeout = 7')
  const merged = merge(before, read('enabled_apis = compute\ncompute_listen_port = 8774', 'headers_timeout = 6'), MUTABLE)
  expect(merged.apis[1]).toEqual(before.apis[1])
  expect(told(merged, 'headers_timeout')).toEqual(['wsgi.headers_timeout = 6', 'wsgi:metadata.headers_timeout = 5'])
  expect(told(merged, 'body_timeout')).toEqual(['wsgi.body_timeout = 30', 'wsgi:metadata.body_timeout = 7'])
  expect(told(merged, 'metadata_listen_port')).toEqual(['DEFAULT.metadata_listen_port = 8775'])
})

describe.runIf(HAS_OPENSSL)('TLS', () => {
  const pem = new Certificates('one', 'two')
  afterAll(() => pem.dispose())
  const certificate = (name: string): string => `ssl_cert_file = ${pem.path(`${name}.pem`)}\nssl_key_file = ${pem.path(`${name}.key`)}`
  const before = (): Config => read(`${BASE}enabled_ssl_apis = compute`, certificate('one'))

  test('an API that has to go on speaking TLS keeps its certificate: else no worker of it could start', () => {
    const merged = merge(before(), read(BASE, 'headers_timeout = 6'), MUTABLE)
    expect(merged.apis[0]).toMatchObject({ ssl: true, wsgi: { ssl_cert_file: pem.path('one.pem'), ssl_key_file: pem.path('one.key'), headers_timeout: 6 } })
    expect(merged.apis[1]).toMatchObject({ ssl: false, wsgi: { ssl_cert_file: null } })
    expect(told(merged, 'ssl_key_file')).toEqual(['wsgi.ssl_key_file = null', `wsgi:compute.ssl_key_file = ${pem.path('one.key')}`])
  })

  test('one that goes on speaking TLS in both takes another certificate over', () => {
    const merged = merge(before(), read(`${BASE}enabled_ssl_apis = compute`, certificate('two')), MUTABLE)
    expect(merged.apis[0]?.wsgi.ssl_cert_file).toBe(pem.path('two.pem'))
  })

  test('a reload takes over who speaks it', () => {
    const merged = merge(before(), read(`${BASE}enabled_ssl_apis = metadata`, certificate('two')), ({ fixed }) => fixed !== true)
    expect(merged.apis.map(({ ssl }) => ssl)).toEqual([false, true])
  })
})
