import { expect, test } from 'vitest'
import { hasPulse, statusLine } from '../../src/service/status-line.ts'
import { launcherStatus, processStatus, serviceStatus } from './launcher-status.ts'

test('each service has its ready workers, requests and connections, in numbers that read well', () => {
  const processes = [processStatus({ inFlight: 1, queued: 1, connections: { IDLE: 3, REQUEST: 2, CLOSE: 1 } }), processStatus({ state: 'STARTING', report: null })]
  const status = launcherStatus(serviceStatus({ name: 'compute', workers: 2, processes }), serviceStatus({ name: 'metadata', workers: 1, processes: [processStatus({ inFlight: 1, connections: { IDLE: 0, REQUEST: 1, CLOSE: 0 } })] }))
  expect(statusLine(status)).toBe('compute 1/2 workers, 2 requests, 6 connections; metadata 1/1 worker, 1 request, 1 connection')
})

test('a service in the launcher\'s own process has no workers', () => {
  const status = launcherStatus(serviceStatus({ name: 'compute', workers: 0, processes: [processStatus({ state: 'SERVING' })] }))
  expect(statusLine(status)).toBe('compute, 0 requests, 0 connections')
})

test('a state that is not the usual one is told, and so are connections that wait for a worker', () => {
  const status = launcherStatus(serviceStatus({ name: 'compute', state: 'DRAINING', workers: 1, waiting: 3, processes: [] }))
  expect(statusLine(status)).toBe('compute draining 0/1 worker, 0 requests, 0 connections, 3 waiting')
})

test.each<[what: string, silences: (number | null)[][], alive: boolean]>([
  ['every service has been heard', [[1], [2, 9]], true],
  ['a service has not been heard for too long', [[1], [11, 12]], false],
  ['one of its processes is enough', [[60, 10]], true],
  ['those that start do not count', [[null, null]], true],
  ['not even beside silent ones', [[null, 11]], false],
  ['a service has no process', [[]], true],
])('the pulse when %s', (_, silences, alive) => {
  const services = silences.map((each) => serviceStatus({ processes: each.map((silent) => processStatus({ silent })) }))
  expect(hasPulse(launcherStatus(...services), 10)).toBe(alive)
})
