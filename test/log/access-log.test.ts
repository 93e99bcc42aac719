import { expect, test } from 'vitest'
import { ConfigError } from '../../src/errors.ts'
import { emit, requestChannel } from '../../src/events.ts'
import { attachAccessLog } from '../../src/log/access-log.ts'
import { keepLines } from './log-lines.ts'
import { RECORD } from './request-record.ts'

const SETTINGS = { access_log: true, wsgi_log_format: '%(client_ip)s "%(request_line)s" %(status_code)s' }

test('without a log that wants them nobody makes records', () => {
  attachAccessLog(keepLines('json').log, 'quiet', { ...SETTINGS, access_log: false })
  attachAccessLog(keepLines('json', 'warn').log, 'quiet', SETTINGS)
  expect(requestChannel.hasSubscribers).toBe(false)
})

test('a format that is none is an error also when access_log is off', () => {
  expect(() => attachAccessLog(keepLines('json').log, 'quiet', { access_log: false, wsgi_log_format: '%(x)s' })).toThrow(ConfigError)
})

test('one line for each request of this API, in wsgi_log_format', () => {
  const { log, lines } = keepLines('pretty')
  attachAccessLog(log, 'pretty-api', SETTINGS)
  emit('request', { ...RECORD, api: 'pretty-api' })
  emit('request', { ...RECORD, api: 'another' })
  expect(lines).toEqual([{ level: 'info', msg: '192.0.2.7 "GET /servers HTTP/1.1" 200' }])
})

test('in JSON an object with the format\'s keys', () => {
  const { log, lines } = keepLines('json')
  attachAccessLog(log, 'json-api', SETTINGS)
  emit('request', { ...RECORD, api: 'json-api', forwardedFor: '203.0.113.1' })
  emit('request', { ...RECORD, api: 'another' })
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
  attachAccessLog(log, 'cut-api', SETTINGS)
  emit('request', { ...RECORD, api: 'cut-api', complete: false })
  expect(lines).toMatchObject([{ complete: false }])
})
