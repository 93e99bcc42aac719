import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { App, ServerInfo } from '../../src/app.ts'
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
  return (await healthcheck({}, localConf))(() => ({ body: 'inner' }))
}

const ask = (app: App, server: Partial<ServerInfo> = {}, method = 'GET', rawPathInfo = '/healthcheck'): unknown =>
  app(makeRequest({ method, rawPathInfo, server: { ...SERVER, ...server } }))

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

  test('every reason is named', async () => {
    writeFileSync(off, '')
    const app = await wrap({ disable_by_file_path: off })
    expect(ask(app, { stopping: true })).toMatchObject({ status: 503, body: 'STOPPING\nDISABLED BY FILE' })
  })

  test.each(['/run/off', '8774', 'http:/run/off'])('disable_by_file_paths = %s is refused', (value) => {
    expect(() => healthcheck({}, { disable_by_file_paths: value })).toThrow('disable_by_file_paths: names no port')
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

test('as an app it answers wherever it is mounted, and has no path', async () => {
  const app = await healthcheckApp({}, {})
  expect(ask(app, {}, 'GET', '')).toEqual(OK)
  expect(() => healthcheckApp({}, { path: '/x' })).toThrow('path: there is no such option')
})
