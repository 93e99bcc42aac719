import { availableParallelism } from 'node:os'
import { describe, expect, it } from 'vitest'
import { loadConfig, type Config, type ConfigRequest } from '../../src/config/load.ts'
import { describeSetting } from '../../src/config/settings.ts'
import { configErrorOf, makeDirectory } from './files.ts'

const COMPUTE = '[DEFAULT]\nenabled_apis = compute\n'

interface Loaded {
  readonly root: string
  readonly load: () => Config
}

/** The files beside an empty api-paste.ini, in the directory the process is said to run in. */
function given(files: Record<string, string> | string, request: Partial<ConfigRequest> = {}): Loaded {
  const written = typeof files === 'string' ? { 'millrace.conf': files } : files
  const root = makeDirectory({ 'api-paste.ini': '', ...written })
  return { root, load: () => loadConfig({ files: [], dirs: [], sets: [], cwd: root, ...request }) }
}

function load(files: Record<string, string> | string, request?: Partial<ConfigRequest>): Config {
  return given(files, request).load()
}

function errorOf(files: Record<string, string> | string, request?: Partial<ConfigRequest>): string {
  const { root, load } = given(files, request)
  return configErrorOf(load, root)
}

describe('the files', () => {
  it('are millrace.conf of the directory when none is named', () => {
    const { root, load } = given(COMPUTE)
    expect(load()).toMatchObject({ files: [`${root}/millrace.conf`], apis: [{ name: 'compute' }] })
  })

  it('without one, the error says how to name another', () => {
    expect(errorOf({})).toBe('millrace.conf: there is no such file; name another one with --config-file, or a directory with --config-dir')
  })

  it.each([
    ['other.conf', { files: ['other.conf'] }],
    ['conf.d', { dirs: ['conf.d'] }],
  ])('that are named must be there: %s', (name, request) => {
    expect(errorOf(COMPUTE, request)).toMatch(`${name}: cannot be read: ENOENT`)
  })

  it('win over each other in order: files, *.conf of directories by name, --set', () => {
    const files = {
      'a.conf': '[wsgi]\nbacklog = 1\nmax_headers = 1\nmax_url_len = 10\nmax_header_line = 10\n',
      'b.conf': '[wsgi]\nmax_headers = 2\nmax_url_len = 20\nmax_header_line = 20\n',
      'd/2.conf': '[wsgi]\nmax_header_line = 40\n',
      'd/1.conf': '[wsgi]\nmax_url_len = 30\nmax_header_line = 30\n',
      'd/3.conf.bak': '[wsgi]\nmax_header_line = 50\n',
    }
    const { root, load } = given(files, { files: ['a.conf', 'b.conf'], dirs: ['d'], sets: ['enabled_apis=x', 'wsgi.keepalive_timeout=6'] })
    const config = load()
    expect(config.files.map((file) => file.slice(root.length + 1))).toEqual(['a.conf', 'b.conf', 'd/1.conf', 'd/2.conf'])
    expect(config.apis[0]?.wsgi).toMatchObject({ backlog: 1, max_headers: 2, max_url_len: 30, max_header_line: 40, keepalive_timeout: 6 })
  })

  it('are not interpolated', () => {
    const config = load(`${COMPUTE}[wsgi]\nwsgi_log_format = %(client_ip)s 100%%\n`)
    expect(config.apis[0]?.wsgi.wsgi_log_format).toBe('%(client_ip)s 100%%')
  })

  it('that cannot be parsed name the line', () => {
    expect(errorOf('[DEFAULT]\nenabled_apis\n')).toBe(
      'millrace.conf:2: [DEFAULT] cannot be read (got "enabled_apis"; expected [section], key = value or key: value)')
  })
})

describe('--set', () => {
  it.each([
    ['drain_delay=3', { settings: { drain_delay: 3 } }],
    ['DEFAULT.drain_delay=3', { settings: { drain_delay: 3 } }],
    ['wsgi.backlog=5', { apis: [{ wsgi: { backlog: 5 } }] }],
    ['wsgi:compute.backlog=5', { apis: [{ wsgi: { backlog: 5 } }] }],
    ['wsgi:v1.0.backlog=5', { apis: [{ wsgi: { backlog: 1024 } }] }],
    ['compute_listen_port=8080', { apis: [{ listen_port: 8080 }] }],
    ['wsgi.wsgi_log_format=a=b.c', { apis: [{ wsgi: { wsgi_log_format: 'a=b.c' } }] }],
    ['wsgi_default_pool_size=7', { apis: [{ wsgi: { default_pool_size: 7 } }] }],
    [' wsgi . backlog = 5 ', { apis: [{ wsgi: { backlog: 5 } }] }],
  ])('%j', (set, expected) => expect(load(`${COMPUTE}[wsgi]\nbacklog = 1024\n`, { sets: [set] })).toMatchObject(expected))

  it('the last of several wins', () => expect(load(COMPUTE, { sets: ['drain_delay=1', 'drain_delay=2'] }).settings.drain_delay).toBe(2))

  it.each([
    ['drain_delay', '--set: cannot be read (got "drain_delay"; expected group.option=value)'],
    ['=3', '--set: cannot be read (got "=3"; expected group.option=value)'],
    ['wsgi.=3', '--set: cannot be read (got "wsgi.=3"; expected group.option=value)'],
    ['wsgi.backlog=many', '--set: [wsgi] backlog: The backlog must be more than 0 (got "many"; expected a whole number, at least 1)'],
    ['wsgi.max_headers=many', '--set: [wsgi] max_headers: is not valid (got "many"; expected a whole number, at least 1)'],
  ])('%j is an error', (set, message) => expect(errorOf(COMPUTE, { sets: [set] })).toBe(message))
})

describe('an API', () => {
  it('has its own address, port and workers', () => {
    const config = load('[DEFAULT]\nenabled_apis = a, b\na_listen = [::1]\na_listen_port = 8080\na_workers = 3\nb_listen = unix:b.sock\n')
    const [a, b] = config.apis
    expect(a).toMatchObject({ name: 'a', ssl: false, listen: '::1', listen_port: 8080, workers: 3 })
    expect(b).toMatchObject({ name: 'b', listen_port: 0, workers: availableParallelism() })
    expect(b?.listen).toBe(`unix:${config.files[0]?.replace('millrace.conf', 'b.sock')}`)
  })

  it('listens on any free port, but for nova\'s on theirs', () => {
    const config = load('[DEFAULT]\nenabled_apis = osapi_compute, metadata, constructor\n')
    expect(config.apis.map(({ listen_port }) => listen_port)).toEqual([8774, 8775, 0])
  })

  it('takes [wsgi] where its own section says nothing', () => {
    const config = load('[DEFAULT]\nenabled_apis = a, b\n[wsgi:b]\nbacklog = 3\n[wsgi]\nbacklog = 2\nmax_headers = 2\n')
    expect(config.apis.map(({ wsgi }) => [wsgi.backlog, wsgi.max_headers])).toEqual([[2, 2], [3, 2]])
  })

  it('may unset what [wsgi] sets', () => {
    const config = load('[DEFAULT]\nenabled_apis = a, b\n[wsgi]\nssl_ciphers = X\n[wsgi:b]\nssl_ciphers =\n')
    expect(config.apis.map(({ wsgi }) => wsgi.ssl_ciphers)).toEqual(['X', null])
  })

  it('is served once, with a warning, when it is enabled twice', () => {
    const config = load('[DEFAULT]\nenabled_apis = b, a, b, b\n')
    expect(config.apis.map(({ name }) => name)).toEqual(['b', 'a'])
    expect(config.warnings.map(({ line, message }) => [line, message])).toEqual([[2, '[DEFAULT] enabled_apis: "b" is here more than once']])
  })

  it('none is enabled by default', () => expect(load('').apis).toEqual([]))
})

describe('--api', () => {
  it('leaves only these, in the order of enabled_apis', () => {
    const config = load('[DEFAULT]\nenabled_apis = a, b, c\n[wsgi:b]\n', { apis: ['c', 'a'] })
    expect(config).toMatchObject({ apis: [{ name: 'a' }, { name: 'c' }], warnings: [] })
  })

  it('does not check the others', () => {
    const apis = ['a']
    expect(load('[DEFAULT]\nenabled_apis = a, b\nenabled_ssl_apis = b\nb_workers = 0\n', { apis }).apis).toHaveLength(1)
  })

  it('must name an enabled one', () => {
    expect(errorOf(COMPUTE, { apis: ['computr'] })).toBe('--api: is not in enabled_apis (got "computr"; expected one of compute); did you mean "compute"?')
  })
})

describe('--workers', () => {
  it.each([0, 1, 5])('%j wins over every <api>_workers', (workers) => {
    expect(load('[DEFAULT]\nenabled_apis = a, b\na_workers = 2\n', { workers }).apis.map((api) => api.workers)).toEqual([workers, workers])
  })

  it.each([-1, 1.5, Number.NaN])('%j is an error', (workers) => {
    expect(errorOf(COMPUTE, { workers })).toBe(
      `--workers: is not valid (got "${workers}"; expected a whole number; 0 runs everything in one process)`)
  })
})

describe('a bad value', () => {
  it.each([
    ['[DEFAULT]\nlog_level = loud\n', 'millrace.conf:2: [DEFAULT] log_level: is not valid'
      + ' (got "loud"; expected one of fatal, error, warn, info, debug, trace, silent)'],
    ['[wsgi]\nkeep_alive = perhaps\n', 'millrace.conf:2: [wsgi] keep_alive: is not valid (got "perhaps"; expected true or false)'],
    ['[wsgi]\nbacklog = 0\n', 'millrace.conf:2: [wsgi] backlog: The backlog must be more than 0 (got "0"; expected a whole number, at least 1)'],
    ['[wsgi]\nheaders_timeout =\n', 'millrace.conf:2: [wsgi] headers_timeout: is not valid'
      + ' (got ""; expected seconds, or a time such as 250ms, 30s, 5m or 2h)'],
    ['[DEFAULT]\nwsgi_keep_alive = perhaps\n',
      'millrace.conf:2: [DEFAULT] wsgi_keep_alive: is not valid (got "perhaps"; expected true or false)'],
    ['[ssl]\nversion = TLSv1\n', 'millrace.conf:2: [ssl] version: is not valid (got "TLSv1"; expected one of TLSv1.2, TLSv1.3)'],
    ['[DEFAULT]\nenabled_apis = a\na_workers = 0\n',
      'millrace.conf:3: [DEFAULT] a_workers: a_workers value of 0 is invalid, must be greater than 0'
      + ' (got "0"; expected a whole number, at least 1)'],
    ['[DEFAULT]\nenabled_apis = a\na_workers = $&\n',
      'millrace.conf:3: [DEFAULT] a_workers: a_workers value of $& is invalid, must be greater than 0'
      + ' (got "$&"; expected a whole number, at least 1)'],
    ['[DEFAULT]\nenabled_apis = a\na_listen_port = 70000\n', 'millrace.conf:3: [DEFAULT] a_listen_port: is not valid'
      + ' (got "70000"; expected a port, 0 to 65535)'],
    ['[DEFAULT]\nenabled_apis = a\n[wsgi:a]\nmax_url_len = 0\n', 'millrace.conf:4: [wsgi:a] max_url_len: is not valid'
      + ' (got "0"; expected bytes, or a size such as 64k, 1 MB or 1 MiB, at least 3)'],
  ])('%j', (text, message) => expect(errorOf(text)).toBe(message))
})

describe('a value that is nearly one', () => {
  it.each([
    ['log_level=wran', 'warn'],
    ['wsgi.keep_alive=flase', 'false'],
    ['wsgi.wsgi_log_format=%(client_pi)s', 'client_ip'],
  ])('%j names the nearest', (set, nearest) => expect(errorOf(COMPUTE, { sets: [set] })).toMatch(`; did you mean "${nearest}"?`))
})

describe('everything that is wrong', () => {
  it('is told at once, each with its place and once', () => {
    const files = {
      'a.conf': '[DEFAULT]\nenabled_apis = a, b\na_workers = none\na_listen_port = 99999\n[wsgi]\nbacklog = 0\n',
      'b.conf': '[wsgi]\nkeep_alive = perhaps\napi_paste_config = nowhere-at-all.ini\n[wsgi:b]\nmax_headers = few\n',
      'c.conf': 'text\n',
    }
    const message = errorOf(files, { files: ['a.conf', 'b.conf', 'c.conf', 'd.conf'], dirs: ['e'], sets: ['nothing', 'log_level=loud'], workers: -1 })
    expect(message.split('\n').map((line) => /^(?:[^:]+:(?:\d+:)?)(?: \[\S+\] \w+:)?/.exec(line)?.[0])).toEqual([
      '--workers:', 'e:', 'c.conf:1:', 'd.conf:', '--set:', '--set: [DEFAULT] log_level:',
      'a.conf:6: [wsgi] backlog:', 'b.conf:2: [wsgi] keep_alive:',
      'a.conf:4: [DEFAULT] a_listen_port:', 'a.conf:3: [DEFAULT] a_workers:', 'b.conf:3: [wsgi] api_paste_config:',
      'b.conf:5: [wsgi:b] max_headers:',
    ])
  })

  it('is told of what contradicts each other as well', () => {
    const text = '[DEFAULT]\nenabled_apis = a, b\nenabled_ssl_apis = a\ndrain_delay = 99\na_listen_port = 1\nb_listen_port = 1\n'
    const message = errorOf(text, { apis: ['a', 'b', 'c', 'd'], sets: ['wsgi.backlog=0'] })
    expect(message.split('\n').map((line) => line.split(': ').slice(0, 2).join(': '))).toEqual([
      '--set: [wsgi] backlog', '--api: is not in enabled_apis (got "c"; expected one of a, b); did you mean "a"?',
      '--api: is not in enabled_apis (got "d"; expected one of a, b); did you mean "a"?', 'millrace.conf:4: [DEFAULT] drain_delay',
      'millrace.conf:3: [DEFAULT] enabled_ssl_apis', 'millrace.conf:6: [DEFAULT] b_listen_port',
    ])
  })

  it('leaves out what a file that cannot be read may say', () => {
    expect(errorOf('[DEFAULT\n', { apis: ['a'] })).toMatch(
      /^millrace\.conf:1: .* \(got "\[DEFAULT"; .*$/)
  })
})

function where(a: string, b: string): string {
  return `[DEFAULT]\nenabled_apis = a, b\na_listen = ${a}\na_listen_port = 80\nb_listen = ${b}\nb_listen_port = 80\n`
}

describe('two APIs in one place', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1'], ['0.0.0.0', '127.0.0.1'], ['127.0.0.1', '0.0.0.0'], ['::', '127.0.0.1'], ['0.0.0.0', '[::]'], ['::1', '::'],
    ['::1', '0:0::1'], ['::ffff:127.0.0.1', '127.0.0.1'], ['0.0.0.0', '::ffff:127.0.0.1'], ['Example.org', 'example.org'], ['::', 'localhost'],
  ])('are an error: %s and %s', (a, b) => {
    expect(errorOf(where(a, b))).toMatch(/^millrace\.conf:6: \[DEFAULT\] b_listen_port: b would listen on .*, where a listens .*\(got "80"; expected another port/)
  })

  it.each([
    ['127.0.0.1', '127.0.0.2'], ['0.0.0.0', '::1'], ['::1', '127.0.0.1'], ['fe80::1%lo', 'fe80::1%eth0'], ['127.0.0.1', 'unix:a.sock'],
    ['unix:a.sock', 'unix:b.sock'],
  ])('are none: %s and %s', (a, b) => expect(load(where(a, b)).apis).toHaveLength(2))

  it('are none with port 0, nor with two ports', () => {
    expect(load('[DEFAULT]\nenabled_apis = a, b\n').apis).toHaveLength(2)
    expect(load('[DEFAULT]\nenabled_apis = a, b\na_listen_port = 1\n').apis).toHaveLength(2)
  })

  it('are an error on one unix socket, named by another path', () => {
    expect(errorOf(where('unix:a.sock', 'unix:./x/../a.sock'))).toMatch(/^millrace\.conf:5: \[DEFAULT\] b_listen: .*expected another path/)
  })

  it('are told of where anything of the place is written', () => {
    expect(errorOf('[DEFAULT]\nenabled_apis = metadata, b\nb_listen_port = 8775\n')).toMatch(/^millrace\.conf:3: \[DEFAULT\] b_listen_port: /)
    expect(errorOf('[DEFAULT]\nenabled_apis = b, metadata\nb_listen_port = 8775\n')).toMatch(/^\[DEFAULT\] metadata_listen: metadata would listen on 0/)
  })
})

describe('the time for a stop', () => {
  it.each([
    ['graceful_shutdown_timeout = 10\ndrain_delay = 5\nidle_linger = 6\n',
      'millrace.conf:2: [DEFAULT] graceful_shutdown_timeout:'
      + ' drain_delay (5) + idle_linger (6) is longer than graceful_shutdown_timeout (10)'
      + ' (got "10"; expected at least 11, or 0 for no limit)'],
    ['drain_delay = 90s\n', 'millrace.conf:2: [DEFAULT] drain_delay: drain_delay (90) is longer than graceful_shutdown_timeout (60)'
      + ' (got "90s"; expected together at most 60, or a longer graceful_shutdown_timeout)'],
    ['idle_linger = 2m\n', 'millrace.conf:2: [DEFAULT] idle_linger: idle_linger (120) is longer than graceful_shutdown_timeout (60)'
      + ' (got "2m"; expected together at most 60, or a longer graceful_shutdown_timeout)'],
  ])('%j is an error', (text, message) => expect(errorOf(`[DEFAULT]\n${text}`)).toBe(message))

  it.each([
    'graceful_shutdown_timeout = 10\ndrain_delay = 4\nidle_linger = 6\n',
    'graceful_shutdown_timeout = 0\ndrain_delay = 4\nidle_linger = 6\n',
    'graceful_shutdown_timeout = 1\n',
  ])('%j is not', (text) => expect(load(`[DEFAULT]\n${text}`).warnings).toEqual([]))
})

describe('TLS', () => {
  const SSL = '[DEFAULT]\nenabled_apis = compute\nenabled_ssl_apis = compute\n'
  const BOTH = 'millrace.conf:3: [DEFAULT] enabled_ssl_apis: When running server in SSL mode, you must specify both a cert_file and key_file'
    + ' option value in your configuration file'

  it.each([
    ['', `${BOTH} (got "compute"; expected ssl_cert_file and ssl_key_file in [wsgi:compute] or [wsgi])`],
    ['[wsgi]\nssl_cert_file = x.pem\n', `${BOTH} (got "compute"; expected ssl_key_file in [wsgi:compute] or [wsgi])`],
    ['[wsgi]\nssl_key_file = x.pem\n', `${BOTH} (got "compute"; expected ssl_cert_file in [wsgi:compute] or [wsgi])`],
    ['[wsgi]\nssl_cert_file = x.pem\n', 'millrace.conf:5: [wsgi] ssl_cert_file: Unable to find cert_file : x.pem'
      + ' (got "x.pem"; expected a file with certificates, PEM)'],
    ['[wsgi]\nssl_key_file = x.pem\n', 'millrace.conf:5: [wsgi] ssl_key_file: Unable to find key_file : x.pem'
      + ' (got "x.pem"; expected a file with a private key without passphrase, PEM)'],
    ['[wsgi:compute]\nssl_ca_file = x.pem\n', 'millrace.conf:5: [wsgi:compute] ssl_ca_file: Unable to find ca_file : x.pem'
      + ' (got "x.pem"; expected a file with certificates, PEM)'],
  ])('%j is an error', (text, message) => expect(errorOf(SSL + text).split('\n')).toContain(message))

  it('files are not looked for where no API speaks it', () => {
    expect(load(`${COMPUTE}[wsgi]\nssl_cert_file = x.pem\n`).apis[0]).toMatchObject({ ssl: false })
  })

  it('of an API that is not enabled is a warning', () => {
    expect(load('[DEFAULT]\nenabled_apis = compute\nenabled_ssl_apis = computr\n').warnings).toMatchObject([
      { level: 'warn', line: 3, message: '[DEFAULT] enabled_ssl_apis: "computr" is not in enabled_apis; did you mean "compute"?' },
    ])
  })
})

function pasteFileOf(files: Record<string, string>, request: Partial<ConfigRequest>): string | undefined {
  const { root, load } = given(files, request)
  return load().apis[0]?.wsgi.api_paste_config.slice(root.length + 1)
}

describe('the paste file', () => {
  const other = `${COMPUTE}[wsgi]\napi_paste_config = other.ini\n`

  it.each<[string, Record<string, string>, Partial<ConfigRequest>, string]>([
    ['is api-paste.ini beside the configuration', { 'millrace.conf': COMPUTE }, {}, 'api-paste.ini'],
    ['is searched for beside the last file first', { 'a/m.conf': COMPUTE, 'b/m.conf': '', 'a/api-paste.ini': '', 'b/api-paste.ini': '' },
      { files: ['a/m.conf', 'b/m.conf'] }, 'b/api-paste.ini'],
    ['then beside the files before', { 'a/m.conf': COMPUTE, 'b/m.conf': '', 'a/api-paste.ini': '' },
      { files: ['a/m.conf', 'b/m.conf'] }, 'a/api-paste.ini'],
    ['is searched for in the directories before that', { 'a/m.conf': COMPUTE, 'd/api-paste.ini': '', 'a/api-paste.ini': '' },
      { files: ['a/m.conf'], dirs: ['d'] }, 'd/api-paste.ini'],
    ['may have another name', { 'a/m.conf': other, 'a/other.ini': '' }, { files: ['a/m.conf'] }, 'a/other.ini'],
    ['from --set is the one in the working directory', { 'a/m.conf': COMPUTE, 'a/other.ini': '', 'other.ini': '' },
      { files: ['a/m.conf'], sets: ['wsgi.api_paste_config=other.ini'] }, 'other.ini'],
    ['from --set is searched for as well', { 'a/m.conf': COMPUTE, 'a/other.ini': '' },
      { files: ['a/m.conf'], sets: ['wsgi.api_paste_config=other.ini'] }, 'a/other.ini'],
  ])('%s', (_, files, request, expected) => expect(pasteFileOf(files, request)).toBe(expected))

  it('may have an absolute name', () => {
    const root = makeDirectory({ 'p.ini': '' })
    expect(load(`${COMPUTE}[wsgi:compute]\napi_paste_config = ${root}/p.ini\n`).apis[0]?.wsgi.api_paste_config).toBe(`${root}/p.ini`)
  })

  it('must be somewhere', () => {
    expect(errorOf(`${COMPUTE}[wsgi]\napi_paste_config = nowhere-at-all.ini\n`)).toBe(
      'millrace.conf:4: [wsgi] api_paste_config: Could not find config at nowhere-at-all.ini (got "nowhere-at-all.ini";'
      + ' expected a file beside the configuration, in ~/.millrace, ~, /etc/millrace or /etc, or an absolute path)')
  })

  it('need not be there when no API uses it', () => {
    const text = `${COMPUTE}[wsgi]\napi_paste_config = nowhere-at-all.ini\n[wsgi:compute]\napi_paste_config = p.ini\n`
    const rows = load({ 'p.ini': '', 'millrace.conf': text }).options.map(describeSetting).filter(({ option }) => option === 'api_paste_config')
    expect(rows.map(({ value }) => value)).toEqual(['nowhere-at-all.ini', expect.stringMatching(/\/p\.ini$/)])
  })
})

describe('nova\'s names', () => {
  it.each([
    ['[DEFAULT]\nwsgi_default_pool_size = 5', { default_pool_size: 5 }],
    ['[DEFAULT]\nwsgi_keep_alive = False', { keep_alive: false }],
    ['[DEFAULT]\nwsgi_server_debug = True', { debug: true }],
    ['[DEFAULT]\ntcp_keepidle = 600', { tcp_keepidle: 600 }],
    ['[DEFAULT]\nclient_socket_timeout = 0', { client_socket_timeout: 0 }],
    ['[DEFAULT]\nmax_header_line = 8192', { max_header_line: 8192 }],
    ['[DEFAULT]\nwsgi_log_format = x', { wsgi_log_format: 'x' }],
    ['[ssl]\nciphers = HIGH', { ssl_ciphers: 'HIGH' }],
    ['[ssl]\nversion = SSLv23', { ssl_min_version: 'TLSv1.2' }],
    ['[ssl]\nversion = tlsv1_2', { ssl_min_version: 'TLSv1.2' }],
    ['[ssl]\nversion = TLSv1.3', { ssl_min_version: 'TLSv1.3' }],
    ['[DEFAULT]\nwsgi_keep_alive = true\n[wsgi:compute]\nkeep_alive = false', { keep_alive: false }],
    ['[wsgi]\nkeep_alive = true\n[DEFAULT]\nwsgi_keep_alive = false', { keep_alive: true }],
  ])('%j', (text, wsgi) => {
    expect(load(text, { sets: ['enabled_apis=compute'] })).toMatchObject({ warnings: [], apis: [{ wsgi }] })
  })

  it('in a later file win over the own names of an earlier one', () => {
    const files = { 'a.conf': `${COMPUTE}[wsgi]\nkeep_alive = true\n`, 'b.conf': '[DEFAULT]\nwsgi_keep_alive = false\n' }
    expect(load(files, { files: ['a.conf', 'b.conf'] }).apis[0]?.wsgi.keep_alive).toBe(false)
  })
})

describe('warnings', () => {
  it.each([
    ['log_levl = info', '[DEFAULT] log_levl: unknown option; did you mean "log_level"?'],
    ['backlog = 5', '[DEFAULT] backlog: unknown option; did you mean "[wsgi] backlog"?'],
    ['utterly_unknown = 5', '[DEFAULT] utterly_unknown: unknown option'],
    ['computr_workers = 5', '[DEFAULT] computr_workers: no API of this name is enabled; did you mean "compute_workers"?'],
    ['[wsgi]\nbacklg = 5', '[wsgi] backlg: unknown option; did you mean "backlog"?'],
    ['[wsgi]\ndrain_delay = 5', '[wsgi] drain_delay: unknown option; did you mean "[DEFAULT] drain_delay"?'],
    ['[wsgi:compute]\nbacklg = 5', '[wsgi:compute] backlg: unknown option; did you mean "backlog"?'],
    ['[wsgi:computr]\nbacklog = 5', '[wsgi:computr] no API of this name is enabled; did you mean "wsgi:compute"?'],
    ['[wsgj]\nbacklog = 5', '[wsgj] unknown section; did you mean "wsgi"?'],
    ['[default]\nlog_level = info', '[default] unknown section; did you mean "DEFAULT"?'],
    ['[keystone_authtoken]\nurl = x', '[keystone_authtoken] unknown section'],
    ['[api]\nauth_strategi = x', '[api] auth_strategi: unknown option'],
  ])('%j', (text, message) => {
    const { root, load } = given(COMPUTE + text)
    const line = message.includes('unknown option') && text.startsWith('[') ? 4 : 3
    expect(load().warnings).toMatchObject([{ level: 'warn', file: `${root}/millrace.conf`, line, message }])
  })

  it('about --set name it', () => {
    expect(load(COMPUTE, { sets: ['wsgi.backlg=5', 'wsgi:computr.backlog=5'] }).warnings).toMatchObject([
      { level: 'warn', file: '--set', line: undefined, message: '[wsgi] backlg: unknown option; did you mean "backlog"?' },
      { level: 'warn', file: '--set', line: undefined,
        message: '[wsgi:computr] no API of this name is enabled; did you mean "wsgi:compute"?' },
    ])
  })

  it.each([
    ['report_interval = 10', '[DEFAULT] report_interval: has no effect here: no service records are kept'],
    ['[api]\nauth_strategy = keystone', '[api] auth_strategy: has no effect here: the paste file says which filters authenticate'],
    ['[oslo_messaging_rabbit]\nrabbit_ha_queues = true',
      '[oslo_messaging_rabbit] rabbit_ha_queues: has no effect here: there is no messaging'],
    ['[wsgi]\nsecure_proxy_ssl_header = x',
      '[wsgi] secure_proxy_ssl_header: has no effect here: egg:millrace#http_proxy_to_wsgi reads what proxies say, from trusted_proxies alone'],
  ])('%j is only told about', (text, message) => expect(load(COMPUTE + text).warnings).toMatchObject([{ level: 'info', message }]))
})

function example(): Loaded {
  const text = `${COMPUTE}compute_workers = 2\nwsgi_keep_alive = no\n[wsgi:compute]\nsocket_mode = 600\n`
  return given(text, { sets: ['wsgi.ssl_ca_file=/ca.pem', 'wsgi:compute.headers_timeout=1m'] })
}

describe('describe', () => {
  it.each([
    ['DEFAULT', 'enabled_apis', 'compute', 'millrace.conf:2'],
    ['DEFAULT', 'drain_delay', '0', 'default'],
    ['wsgi', 'ssl_ciphers', '', 'default'],
    ['DEFAULT', 'compute_listen', '0.0.0.0', 'default'],
    ['DEFAULT', 'compute_workers', '2', 'millrace.conf:3'],
    ['wsgi', 'api_paste_config', 'api-paste.ini', 'default'],
    ['wsgi', 'keep_alive', 'false', 'millrace.conf:4'],
    ['wsgi', 'socket_mode', '0660', 'default'],
    ['wsgi', 'ssl_ca_file', '/ca.pem', '--set'],
    ['wsgi:compute', 'socket_mode', '0600', 'millrace.conf:6'],
    ['wsgi:compute', 'headers_timeout', '60', '--set'],
  ])('[%s] %s is %j from %s', (group, option, value, source) => {
    const { root, load } = example()
    const found = load().options.map(describeSetting).filter((row) => row.group === group && row.option === option)
    expect(found.map((row) => [row.value, row.source].map((text) => text.replace(`${root}/`, '')))).toEqual([[value, source]])
    expect(found[0]?.help).toBeTruthy()
  })

  it('names --workers', () => {
    const rows = given(COMPUTE, { workers: 0 }).load().options.map(describeSetting)
    expect(rows.find(({ option }) => option === 'compute_workers')).toMatchObject({ value: '0', source: '--workers' })
  })

  it('shows of [wsgi:<api>] only what it assigns', () => {
    expect(example().load().options.map(describeSetting).filter(({ group }) => group === 'wsgi:compute')).toHaveLength(2)
  })
})

function valuesOf({ options, sourceOf, ...values }: Config): object {
  return { ...values, all: options.map(describeSetting), source: sourceOf('DEFAULT', 'drain_delay') }
}

it('a request is plain JSON: what a worker loads from a copy is the same', () => {
  const root = makeDirectory({ 'api-paste.ini': '', 'millrace.conf': COMPUTE })
  const request: ConfigRequest = { files: [], dirs: [], sets: ['drain_delay=1'], apis: ['compute'], workers: 2, cwd: root }
  const copy = loadConfig(JSON.parse(JSON.stringify(request)) as ConfigRequest)
  expect(valuesOf(copy)).toEqual(valuesOf(loadConfig(request)))
  expect(copy.sourceOf('DEFAULT', 'enabled_apis')).toMatchObject({ file: `${root}/millrace.conf`, line: 2 })
  expect(() => copy.sourceOf('DEFAULT', 'nothing')).toThrow(TypeError)
})
