import { expect, test } from 'vitest'
import { changesBetween, merge } from '../../src/config/changes.ts'
import { type Config, loadConfig } from '../../src/config/load.ts'
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
