import { describe, expect, it } from 'vitest'
import { ACCEPTED_OPTIONS } from '../../src/config/accepted-options.ts'
import { OPTION_ALIASES } from '../../src/config/option-aliases.ts'
import { readValue } from '../../src/config/option-types.ts'
import { OPTION_GROUPS, renderOptionTable } from '../../src/config/options.ts'

const options = OPTION_GROUPS.flatMap(({ group, prefix, rows }) => rows.map((row) => ({ group, name: prefix + row.name, row })))

/** The names and defaults that operators rely on; null is not set. */
const CONTRACT: Readonly<Record<string, string | number | boolean | readonly string[] | null>> = {
  enabled_apis: [], enabled_ssl_apis: [], accept_policy: 'least', graceful_shutdown_timeout: 60, drain_delay: 0,
  idle_linger: 5, restart_method: 'reload', control_socket: null, backdoor_socket: null, backdoor_port: null, log_file: null, log_level: 'info', log_format: 'auto', log_options: true,
  '<api>_listen': '0.0.0.0', '<api>_listen_port': 0, '<api>_workers': null,
  api_paste_config: 'api-paste.ini', access_log: true, backlog: 1024, socket_mode: 0o660, tcp_keepidle: 120, keep_alive: true,
  wsgi_log_format: '%(client_ip)s "%(request_line)s" status: %(status_code)s len: %(body_length)s time: %(wall_seconds).7f',
  keepalive_timeout: 75, headers_timeout: 15, body_timeout: 30, min_body_rate: 500, write_timeout: 60, min_write_rate: 240,
  handler_timeout: 0, client_socket_timeout: 900, linger_timeout: 2, max_url_len: 8192, max_header_line: 16384, max_header_size: 65536,
  max_headers: 100, max_body_size: 0, max_buffered_body: 2 ** 20, max_discard: 2 ** 20, default_pool_size: 1000, pool_queue_size: 1000,
  pool_queue_timeout: 1, pool_bypass_paths: ['/healthcheck'], max_connections: 4096, worker_start_timeout: 60,
  worker_timeout: 30, max_requests: 0, max_requests_jitter: 0, max_worker_age: 0, max_worker_memory: 0, trusted_proxies: [], ssl_cert_file: null,
  ssl_key_file: null, ssl_ca_file: null, ssl_ciphers: null, ssl_min_version: 'TLSv1.2', ssl_handshake_timeout: 10, debug: false,
}

describe('the option table', () => {
  it('has these options with these defaults', () => {
    const defaults = options.map(({ name, row }) => [name, row.default === null ? null : readValue(row, row.default, '/')])
    expect(Object.fromEntries(defaults)).toEqual(CONTRACT)
  })

  it('has no name twice', () => {
    const names = options.map(({ group, name }) => `${group}.${name}`)
    expect(new Set(names).size).toBe(names.length)
  })

  it('has valid defaults for particular APIs', () => {
    const own = options.flatMap(({ row }) => (row.defaults ?? []).map(([, value]) => readValue(row, value, '/')))
    expect(own).toEqual([8774, 8775])
  })

  it('explains every option in one line', () => {
    expect(options.filter(({ row }) => !/^\S.*\S$/.test(row.help))).toEqual([])
  })
})

it('aliases name options of [wsgi], and no option by its own name', () => {
  const names = new Set(options.map(({ group, name }) => `${group}.${name}`))
  expect(OPTION_ALIASES.filter(({ option }) => !names.has(`wsgi.${option}`))).toEqual([])
  expect(OPTION_ALIASES.filter(({ group, name }) => names.has(`${group}.${name}`))).toEqual([])
})

it('no option that is merely accepted has an effect', () => {
  const names = new Set([...options, ...OPTION_ALIASES].map(({ group, name }) => `${group}.${name}`))
  expect(ACCEPTED_OPTIONS.filter(({ group, name }) => names.has(`${group}.${name}`))).toEqual([])
})

describe('the rendered table', () => {
  const lines = renderOptionTable().split('\n')

  it('has a row for each option', () => expect(lines).toHaveLength(options.length + 3))
  it.each([
    '| group | option | type | default | mutable | meaning |',
    '|---|---|---|---|---|---|',
    '| `[DEFAULT]` | `enabled_apis` | list |  |  | the APIs to serve, each a section of the paste file |',
    '| `[DEFAULT]` | `log_format` | auto, pretty, json | `auto` | yes | auto is pretty on a terminal and json elsewhere |',
    '| `[DEFAULT]` | `<api>_listen_port` | port | `0`, osapi_compute: `8774`, metadata: `8775` |  | the TCP port; 0 takes any free one |',
    '| `[wsgi]` | `max_headers` | integer | `100` | yes | the number of field lines; else 431 |',
  ])('has %j', (line) => expect(lines).toContain(line))
})
