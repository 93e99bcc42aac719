import { expect, test } from 'vitest'
import { reportText } from '../../src/log/report-text.ts'
import { statusText } from '../../src/log/status-text.ts'
import { makeStatus } from '../support/fake-operations.ts'

const status = makeStatus()
const set = { group: 'DEFAULT', option: 'log_level', value: 'debug', source: '/etc/millrace.conf:3', help: '…' }
const unset = { group: 'wsgi', option: 'backlog', value: '128', source: 'default', help: '…' }

test('the status, what is stuck, and the options that somebody has set', () => {
  const work = [{ id: 'req-1', what: 'GET /', seconds: 75, phase: 'waiting for the app', client: '192.0.2.1' }]
  expect(reportText({ status, options: [unset, set], stuck: [{ service: 'compute', pid: 100, work, stack: 'at spin' }] })).toBe([
    'Report',
    statusText(status),
    '',
    'compute 100',
    '  age       what   phase                client     id',
    '  1 m 15 s  GET /  waiting for the app  192.0.2.1  req-1',
    '  its main loop is blocked:',
    '  at spin',
    '',
    'group      option     value  from',
    '[DEFAULT]  log_level  debug  /etc/millrace.conf:3',
  ].join('\n'))
})

test('of nothing it says so', () => {
  expect(reportText({ status, options: [unset], stuck: [] })).toBe(`Report\n${statusText(status)}\n\nnothing is stuck\n\nno option is set`)
  expect(reportText({ status, options: [], stuck: [] })).toContain('no option is set')
})

test.each<[options: unknown, text: string]>([
  [{ mine: 1 }, 'options: {\n  "mine": 1\n}'],
  [['a'], 'options: [\n  "a"\n]'],
  [[null], 'options: [\n  null\n]'],
  ['mine', 'options: "mine"'],
])('a program\'s own options, %j, are told as they are', (options, text) => {
  expect(reportText({ status, options, stuck: [] }).endsWith(`\n\n${text}`)).toBe(true)
})
