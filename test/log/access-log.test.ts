import { expect, onTestFinished, test } from 'vitest'
import { ConfigError } from '../../src/errors.ts'
import { emit, requestChannel } from '../../src/events.ts'
import { type AccessLog, type AccessLogSettings, attachAccessLog } from '../../src/log/access-log.ts'
import type { Log } from '../../src/log/logger.ts'
import { keepLines } from './log-lines.ts'
import { RECORD } from './request-record.ts'

const SETTINGS = { access_log: true, wsgi_log_format: '%(client_ip)s "%(request_line)s" %(status_code)s' }

test('without a log that wants them nobody makes records', () => {
  attach(keepLines('json').log, 'quiet', { ...SETTINGS, access_log: false })
  attach(keepLines('json', 'warn').log, 'quiet', SETTINGS)
  expect(requestChannel.hasSubscribers).toBe(false)
})

test('a format that is none is an error also when access_log is off', () => {
  expect(() => attachAccessLog(keepLines('json').log, 'quiet', { access_log: false, wsgi_log_format: '%(x)s' })).toThrow(ConfigError)
})

test('one line for each request of this API, in wsgi_log_format', () => {
  const { log, lines } = keepLines('pretty')
  attach(log, 'pretty-api', SETTINGS)
  request('pretty-api')
  request('another')
  expect(lines).toEqual([{ level: 'info', msg: '192.0.2.7 "GET /servers HTTP/1.1" 200' }])
})

test('in JSON an object with the format\'s keys', () => {
  const { log, lines } = keepLines('json')
  attach(log, 'json-api', SETTINGS)
  emit('request', { ...RECORD, api: 'json-api', forwardedFor: '203.0.113.1' })
  request('another')
  expect(lines).toEqual([
    {
      level: 'info',
      event: 'request',
      api: 'json-api',
      request_id: RECORD.id,
      client_ip: '203.0.113.1,192.0.2.7',
      client_port: 40_000,
      request_line: 'GET /servers HTTP/1.1',
      status_code: 200,
      body_length: 105,
      wall_seconds: 0.0123456789,
    },
  ])
})

test('a reply that was cut says so', () => {
  const { log, lines } = keepLines('json')
  attach(log, 'cut-api', SETTINGS)
  emit('request', { ...RECORD, api: 'cut-api', complete: false })
  expect(lines).toMatchObject([{ complete: false }])
})

test('it follows the log\'s level: nobody makes records while they would not be written', () => {
  const { log, lines } = keepLines('json', 'warn')
  attach(log, 'level-api', SETTINGS)
  log.setLevel('info')
  expect(requestChannel.hasSubscribers).toBe(true)
  request('level-api')
  expect(lines).toHaveLength(1)
  log.setLevel('error')
  expect(requestChannel.hasSubscribers).toBe(false)
  log.setLevel('debug')
  log.setLevel('info')
  expect(requestChannel.hasSubscribers).toBe(true)
  request('level-api')
  expect(lines).toHaveLength(2)
})

test('it follows the log\'s format', async () => {
  const { log, lines } = keepLines('json')
  attach(log, 'format-api', SETTINGS)
  await log.setFormat('pretty')
  request('format-api')
  expect(lines).toEqual([{ level: 'info', msg: '192.0.2.7 "GET /servers HTTP/1.1" 200' }])
})

test('access_log and wsgi_log_format are changed in place; a format that is none changes nothing', () => {
  const { log, lines } = keepLines('pretty')
  const attached = attach(log, 'update-api', { ...SETTINGS, access_log: false })
  request('update-api')
  attached.update({ access_log: true, wsgi_log_format: 'one %(status_code)s' })
  request('update-api')
  attached.update({ access_log: true, wsgi_log_format: 'two %(status_code)s' })
  request('update-api')
  expect(() => attached.update({ access_log: false, wsgi_log_format: '%(x)s' })).toThrow(ConfigError)
  request('update-api')
  attached.update({ access_log: false, wsgi_log_format: 'three' })
  request('update-api')
  expect(lines.map(({ msg }) => msg)).toEqual(['one 200', 'two 200', 'two 200'])
})

test('detached it writes nothing, and no longer follows the log', () => {
  const { log, lines } = keepLines('json')
  attach(log, 'detached-api', SETTINGS).detach()
  log.setLevel('debug')
  expect(requestChannel.hasSubscribers).toBe(false)
  request('detached-api')
  expect(lines).toEqual([])
})

/** Attached for one test. */
function attach(log: Log, api: string, settings: AccessLogSettings): AccessLog {
  const attached = attachAccessLog(log, api, settings)
  onTestFinished(() => attached.detach())
  return attached
}

function request(api: string): void {
  emit('request', { ...RECORD, api })
}
