import { expect, test } from 'vitest'
import { statusText } from '../../src/log/status-text.ts'
import { makeProcess, makeReport, makeService, makeStatus } from '../support/fake-operations.ts'

test('a line for each service, and for each of their processes', () => {
  const report = makeReport({ done: 12_345, inFlight: 2, queued: 1, connections: { IDLE: 3, REQUEST: 2, CLOSE: 4 }, loopDelay: 12.4, rss: 50.55 * 2 ** 20 })
  const processes = [makeProcess({ pid: 101, age: 3720, silent: 0.25, report }), makeProcess({ pid: 102, state: 'STARTING', age: 1, silent: null, report: null })]
  const services = [
    makeService({ workers: 2, waiting: 5, accepted: 7, lost: 1, processes }),
    makeService({ name: 'cleaner', listening: '', state: 'RELOADING', workers: 0, processes: [makeProcess({ pid: 1, state: 'SERVING' })] }),
  ]
  expect(statusText(makeStatus({ state: 'RELOADING', uptime: 90_000, services }))).toBe([
    'launcher 1: reloading, up for 1 d 1 h',
    '',
    'api      listening     state      workers      waiting  accepted  lost',
    'compute  0.0.0.0:8774  serving    1/2          5        7         1',
    'cleaner  -             reloading  in launcher  0        0         0',
    '',
    'api      pid  state     age      silent  done   in flight  queued  idle  request  close  loop delay  memory',
    'compute  101  ready     1 h 2 m  0.3 s   12345  2          1       3     2        4      12 ms       50.5 MiB',
    'compute  102  starting  1.0 s    -       -      -          -       -     -        -      -           -',
    'cleaner  1    serving   1 m 0 s  0.5 s   0      0          0       0     0        0      0 ms        0 KiB',
  ].join('\n'))
})

test('a launcher without processes yet has no table of them', () => {
  expect(statusText(makeStatus({ state: 'NEW', services: [makeService({ processes: [] })] })).split('\n\n')).toHaveLength(2)
})

test('columns of one\'s own come last', () => {
  const text = statusText(makeStatus(), [{ head: 'more', cell: ({ name }) => `of ${name}` }])
  expect(text).toMatch(/lost {2}more\ncompute .* 0 {5}of compute\n/)
})
