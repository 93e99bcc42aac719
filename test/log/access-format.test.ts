import { expect, test } from 'vitest'
import { ConfigError } from '../../src/errors.ts'
import { clientIp, compileAccessFormat, requestLine } from '../../src/log/access-format.ts'
import { RECORD } from './request-record.ts'

test('nova\'s format (wsgi_log_format)', () => {
  const format = '%(client_ip)s "%(request_line)s" status: %(status_code)s len: %(body_length)s time: %(wall_seconds).7f'
  expect(compileAccessFormat(format)(RECORD)).toBe('192.0.2.7 "GET /servers HTTP/1.1" status: 200 len: 105 time: 0.0123457')
})

test.each([
  ['%(client_ip)s', '192.0.2.7'],
  ['%(client_port)s', '40000'],
  ['%(request_line)s', 'GET /servers HTTP/1.1'],
  ['%(status_code)s', '200'],
  ['%(body_length)d', '105'],
  ['%(wall_seconds)s', '0.0123456789'],
  ['%(wall_seconds).3f', '0.012'],
  ['%(wall_seconds)f', '0.012346'],
  ['%(wall_seconds)d', '0'],
  ['%(request_id)s', 'req-11111111-2222-4333-8444-555555555555'],
  ['%(api)s', 'compute'],
  ['100%%', '100%'],
  ['%%(api)s', '%(api)s'],
  ['no directive', 'no directive'],
  ['', ''],
])('%j gives %j', (format, text) => {
  expect(compileAccessFormat(format)(RECORD)).toBe(text)
})

test('%(date_time)s is the local time as eventlet writes it', () => {
  expect(compileAccessFormat('[%(date_time)s]')(RECORD)).toMatch(/^\[\d\d\/[A-Z][a-z]{2}\/\d{4} \d\d:\d\d:\d\d\]$/)
})

test.each([
  ['%(status_cod)s', 'status_code'],
  ['%(client_pi)s', 'client_ip'],
  ['%(constructor)s', undefined],
  ['%(nothing_like_it)s', undefined],
  ['%s', undefined],
  ['%(api)', undefined],
  ['%(api)q', undefined],
  ['100%', undefined],
])('%j is no format; the nearest key is %s', (format, nearest) => {
  let failure: unknown
  try {
    compileAccessFormat(format)
  } catch (error) {
    failure = error
  }
  expect(failure).toBeInstanceOf(ConfigError)
  expect((failure as ConfigError).problem).toMatchObject({ section: 'wsgi', option: 'wsgi_log_format', value: format, nearest })
  expect((failure as ConfigError).problem.expected).toContain('client_ip, client_port')
})

test.each<[what: string, target: string, line: string]>([
  ['a quote', '/"', 'GET /\\" HTTP/1.1'],
  ['a backslash', '/\\n', 'GET /\\\\n HTTP/1.1'],
  ['a line end', '/\r\n127.0.0.1', 'GET /\\x0d\\x0a127.0.0.1 HTTP/1.1'],
  ['an escape for the terminal', '/\u001b[2J', 'GET /\\x1b[2J HTTP/1.1'],
  ['obs-text', '/\u00e9\u0080', 'GET /\\xe9\\x80 HTTP/1.1'],
  ['DEL', '/\u007f', 'GET /\\x7f HTTP/1.1'],
])('%s cannot forge a line', (_what, target, line) => {
  expect(compileAccessFormat('%(request_line)s')({ ...RECORD, target })).toBe(line)
  expect(requestLine({ ...RECORD, target })).toBe(`GET ${target} HTTP/1.1`)
})

test('X-Forwarded-For stands before the peer, without blanks', () => {
  const record = { ...RECORD, forwardedFor: '203.0.113.1, 10.0.0.1' }
  expect(clientIp(record)).toBe('203.0.113.1,10.0.0.1,192.0.2.7')
  expect(clientIp(RECORD)).toBe('192.0.2.7')
})

test('X-Forwarded-For cannot forge a line either', () => {
  expect(compileAccessFormat('%(client_ip)s')({ ...RECORD, forwardedFor: '1" - "\u0000' })).toBe('1\\"-\\"\\x00,192.0.2.7')
})
