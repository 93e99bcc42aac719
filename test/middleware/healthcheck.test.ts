import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { App, ServerInfo } from '../../src/app.ts'
import { lintApp } from '../../src/compose/lint.ts'
import { httpProxyToWsgi } from '../../src/middleware/http-proxy-to-wsgi.ts'
import { healthcheck, healthcheckApp } from '../../src/middleware/healthcheck.ts'
import { makeRequest } from '../support/make-request.ts'

const SERVER: ServerInfo = { name: 'compute', address: '192.0.2.1', port: 8774, stopping: false, trusts: () => false }
const PLAIN = { 'content-type': 'text/plain; charset=UTF-8' }
const OK = { status: 200, headers: PLAIN, body: 'OK' }
const DISABLED = { status: 503, headers: PLAIN, body: 'DISABLED BY FILE' }

let folder = ''
let off = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'healthcheck-'))
  off = join(folder, 'off')
})

afterEach(() => rmSync(folder, { recursive: true }))

async function wrap(localConf: Record<string, string> = {}): Promise<App> {
  return lintApp((await healthcheck({}, localConf))(lintApp(() => ({ body: 'inner' }))))
}

const ask = (app: App, server: Partial<ServerInfo> = {}, method = 'GET', rawPathInfo = '/healthcheck'): unknown =>
  app(makeRequest({ method, rawPathInfo, server: { ...SERVER, ...server } }))

const askFrom = (app: App, address: string, headers: Record<string, string> = {}): unknown =>
  app(makeRequest({ rawPathInfo: '/healthcheck', client: { address, port: 1 }, server: { ...SERVER, trusts: () => true }, headers }))

const askFor = (app: App, accept: string): { status: number; headers?: unknown; body: unknown } =>
  app(makeRequest({ rawPathInfo: '/healthcheck', server: SERVER, headers: { accept } })) as { status: number; body: unknown }

test.each(['GET', 'HEAD'])('%s of its path is 200 OK', async (method) => {
  expect(ask(await wrap(), {}, method)).toEqual(OK)
})

test.each(['/', '/healthcheck/', '/healthchecks', '/x/healthcheck'])('%s goes on to the app', async (path) => {
  expect(ask(await wrap(), {}, 'GET', path)).toEqual({ body: 'inner' })
})

test('path moves it', async () => {
  const app = await wrap({ path: '/ready' })
  expect(ask(app, {}, 'GET', '/ready')).toEqual(OK)
  expect(ask(app)).toEqual({ body: 'inner' })
})

test('another method is a 405 with Allow', async () => {
  const app = await wrap()
  expect(() => ask(app, {}, 'POST')).toThrow(expect.objectContaining({ status: 405, headers: { allow: 'GET, HEAD' } }))
})

test('a server that stops is 503', async () => {
  expect(ask(await wrap(), { stopping: true })).toEqual({ status: 503, headers: PLAIN, body: 'STOPPING' })
})

describe('disabling by file', () => {
  test('follows disable_by_file_path as it comes and goes', async () => {
    const app = await wrap({ disable_by_file_path: off })
    expect(ask(app)).toEqual(OK)
    writeFileSync(off, '')
    expect(ask(app)).toEqual(DISABLED)
    rmSync(off)
    expect(ask(app)).toEqual(OK)
  })

  test('disable_by_file_paths disables one port', async () => {
    writeFileSync(off, '')
    const app = await wrap({ disable_by_file_paths: `8774:${off}, 8775:${join(folder, 'none')}` })
    expect(ask(app)).toEqual(DISABLED)
    expect(ask(app, { port: 8775 })).toEqual(OK)
    expect(ask(app, { port: 1 })).toEqual(OK)
  })

  test('disable_by_file_paths disables one API by its name', async () => {
    writeFileSync(off, '')
    const app = await wrap({ disable_by_file_paths: `compute:${off} 8775:${join(folder, 'none')}` })
    expect(ask(app)).toEqual(DISABLED)
    expect(ask(app, { port: 1 })).toEqual(DISABLED)
    expect(ask(app, { name: 'metadata' })).toEqual(OK)
  })

  test('every reason is named', async () => {
    writeFileSync(off, '')
    const app = await wrap({ disable_by_file_path: off })
    expect(ask(app, { stopping: true })).toMatchObject({ status: 503, body: 'STOPPING\nDISABLED BY FILE' })
  })

  test.each(['/run/off', '8774', ':/run/off', 'a/b:/run/off'])('disable_by_file_paths = %s is refused', (value) => {
    expect(() => healthcheck({}, { disable_by_file_paths: value })).toThrow('disable_by_file_paths: names no port and no API')
  })
})

test('detailed answers with JSON that names every check', async () => {
  const app = await wrap({ detailed: 'true', disable_by_file_path: off })
  const running = { class: 'Stopping', reason: 'OK' }
  const about = { detailed: true, api: 'compute', pid: process.pid }
  expect(ask(app)).toMatchObject({ status: 200, body: { ...about, reasons: [running, { class: 'DisableByFile', reason: 'OK' }] } })
  writeFileSync(off, '')
  const disabled = { class: 'DisableByFile', reason: 'DISABLED BY FILE', details: `${off} exists` }
  expect(ask(app)).toMatchObject({ status: 503, body: { ...about, reasons: [running, disabled] } })
})

describe('as an app', () => {
  test('it answers wherever it is mounted, whatever path says, as the examples of oslo.middleware have it', async () => {
    expect(ask(lintApp(await healthcheckApp({}, {})), {}, 'GET', '')).toEqual(OK)
    expect(ask(await healthcheckApp({}, { path: '/healthcheck' }), {}, 'GET', '')).toEqual(OK)
  })

  test('what the filter passes on is a 404', async () => {
    const app = await healthcheckApp({}, { allowed_source_ranges: '10.0.0.0/8' })
    expect(() => ask(app)).toThrow(expect.objectContaining({ status: 404 }))
  })
})

describe('enable_by_file_paths', () => {
  test('is 503 while one of them is missing', async () => {
    const conf = { enable_by_file_paths: `${folder}, ${off}` }
    const app = await wrap(conf)
    expect(ask(app)).toEqual({ status: 503, headers: PLAIN, body: 'FILE PATH MISSING' })
    expect(ask(await wrap({ ...conf, detailed: 'yes' }))).toMatchObject({ body: { reasons: [{}, { class: 'EnableByFiles', details: `${off} does not exist` }] } })
    writeFileSync(off, '')
    expect(ask(app)).toEqual(OK)
  })
})

describe('backends', () => {
  test('says which are asked, in that order', async () => {
    writeFileSync(off, '')
    const conf = { disable_by_file_path: off, disable_by_file_paths: `8774:${off}`, detailed: 'true' }
    const classes = async (backends: Record<string, string>): Promise<unknown[]> => {
      const { body } = ask(await wrap({ ...conf, ...backends })) as { body: { reasons: { class: string }[] } }
      return body.reasons.map((reason) => reason.class)
    }
    expect(await classes({})).toEqual(['Stopping', 'DisableByFile', 'DisableByFilesPorts'])
    expect(await classes({ backends: 'disable_by_files_ports, disable_by_file' })).toEqual(['Stopping', 'DisableByFilesPorts', 'DisableByFile'])
    expect(await classes({ backends: 'disable_by_files_ports' })).toEqual(['Stopping', 'DisableByFilesPorts'])
  })

  test('one that is not told of a file has nothing against the service', async () => {
    expect(ask(await wrap({ backends: 'disable_by_file disable_by_files_ports' }))).toEqual(OK)
    expect(ask(await wrap({ backends: 'enable_by_files' }))).toEqual(OK)
  })

  test.each([
    [{ backends: 'disable_by_files' }, 'backends: is not known (got "disable_by_files"; expected disable_by_file, disable_by_files_ports, enable_by_files); did you mean "disable_by_file"?'],
    [{ backends: 'enable_by_files, disable_by_file' }, 'backends: disable_by_file and enable_by_files exclude one another'],
    [{ disable_by_file_path: '/a', enable_by_file_paths: '/b' }, 'backends: disable_by_file and enable_by_files exclude one another'],
    [{ allowed_source_ranges: 'localhost' }, 'allowed_source_ranges: is no network'],
  ])('%j is refused', (conf, message) => {
    expect(() => healthcheck({}, conf)).toThrow(message)
    expect(() => healthcheckApp({}, conf)).toThrow(message)
  })
})

describe('whom it answers', () => {
  test('allowed_source_ranges: others go on to the app', async () => {
    const app = await wrap({ allowed_source_ranges: '10.0.0.0/8, 2001:db8::/32' })
    expect(askFrom(app, '10.1.2.3')).toEqual(OK)
    expect(askFrom(app, '2001:db8::1')).toEqual(OK)
    expect(askFrom(app, '192.0.2.7')).toEqual({ body: 'inner' })
  })

  test.each(['Forwarded', 'X-Forwarded', 'X-Forwarded-For', 'X-Forwarded-Host', 'X-Forwarded-Proto', 'X-Forwarded-Prefix'])(
    'ignore_proxied_requests: one with %s goes on to the app', async (name) => {
      const app = await wrap({ ignore_proxied_requests: 'true' })
      expect(askFrom(app, '192.0.2.7', { [name]: 'x' })).toEqual({ body: 'inner' })
      expect(askFrom(app, '192.0.2.7')).toEqual(OK)
      expect(askFrom(await wrap(), '192.0.2.7', { [name]: 'x' })).toEqual(OK)
    },
  )

  test('ignore_proxied_requests: one that http_proxy_to_wsgi has taken from a proxy as well', async () => {
    const proxied = await httpProxyToWsgi({}, { enable_proxy_headers_parsing: 'true' })
    const app = proxied(await wrap({ ignore_proxied_requests: 'true' }))
    expect(askFrom(app, '10.0.0.1', { 'x-forwarded-port': '443' })).toEqual({ body: 'inner' })
  })
})

describe('Accept', () => {
  test.each(['*/*', 'text/*', 'text/plain', 'image/png', 'text/html;q=0.5, text/plain', 'application/json;q=0'])('%s is answered with text', async (accept) => {
    expect(askFor(await wrap(), accept)).toEqual(OK)
  })

  test.each(['application/json', 'text/plain;q=0.1, application/json', 'application/*'])('%s is answered with JSON', async (accept) => {
    const app = await wrap({ disable_by_file_path: off })
    expect(askFor(app, accept)).toEqual({ status: 200, body: { detailed: false, reasons: ['OK', 'OK'] } })
    writeFileSync(off, '')
    expect(askFor(app, accept)).toEqual({ status: 503, body: { detailed: false, reasons: ['OK', 'DISABLED BY FILE'] } })
  })

  test('text/html is answered with a table', async () => {
    const { status, headers, body } = askFor(await wrap(), 'text/html,application/xhtml+xml,*/*;q=0.8')
    expect({ status, headers }).toEqual({ status: 200, headers: { 'content-type': 'text/html; charset=UTF-8' } })
    expect(body).toContain('<table>\n<tr><th>Reason</th></tr>\n<tr><td>OK</td></tr>\n</table>')
  })

  test('detailed: the table has everything, escaped', async () => {
    const { status, body } = askFor(await wrap({ detailed: 'true', enable_by_file_paths: '/<none>&"\'' }), 'text/html')
    expect(status).toBe(503)
    expect(body).toContain('<tr><td>EnableByFiles</td><td>FILE PATH MISSING</td><td>/&#60;none&#62;&#38;&#34;&#39; does not exist</td></tr>')
    expect(body).toContain(`<tr><td>pid</td><td>${process.pid}</td></tr>`)
  })

  test('detailed: text is for who asks for it', async () => {
    expect(askFor(await wrap({ detailed: 'true' }), 'text/plain')).toEqual(OK)
  })
})
