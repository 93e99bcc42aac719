import { expect, test } from 'vitest'
import type { WorkerReport } from '../../src/service/operations.ts'
import { ProcessLauncher } from '../../src/service/process-launcher.ts'
import type { SupervisionLimits } from '../../src/service/supervision-limits.ts'
import type { WorkerGroupSpec } from '../../src/service/worker-group-spec.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { type FakeChild, FakeForks, fakeSignals, FakeSource, record, settle } from './fakes.ts'

const PLACE = { host: '127.0.0.1', port: 8774, url: 'http://127.0.0.1:8774/' }
const REPORT: WorkerReport = { done: 0, inFlight: 0, queued: 0, connections: { IDLE: 0, REQUEST: 0, CLOSE: 0 }, loopDelay: 0, rss: 0, heapUsed: 0 }

/** A launcher of two workers that are forked and not ready. */
async function begin(limits: Partial<SupervisionLimits>, workers = 2) {
  const clock = new FakeClock()
  const signals = fakeSignals()
  const forks = new FakeForks()
  const source = new FakeSource()
  const spec: WorkerGroupSpec = { name: 'compute', workers, fork: () => forks.fork('compute'), bind: async () => ({ source, place: PLACE }), limits }
  const reconfigure = async () => ({ conf: { restart_method: 'reload' as const }, services: [spec], settingsOf: () => null, settle: async () => undefined })
  const hooks = { reload: reconfigure, mutate: reconfigure, settingsOf: async () => null }
  const launcher = new ProcessLauncher({ drain_delay: 0, graceful_shutdown_timeout: 60, restart_method: 'reload' }, { clock, signals, isDaemon: () => true, hooks })
  void launcher.launchGroup(spec)
  const started = launcher.start()
  await settle()
  /** Second by second; those of `lively` speak in each. */
  const pass = async (seconds: number, lively: readonly FakeChild[] = []): Promise<void> => {
    for (let second = 0; second < seconds; second++) {
      for (const child of lively) child.say({ verb: 'beat', report: REPORT })
      clock.advance(1000)
      await settle()
    }
  }
  const send = async (signal: string): Promise<void> => {
    signals.emit(signal, signal)
    await settle()
  }
  return { clock, forks, launcher, pass, send, source, started }
}

/** The same, started. */
async function prepare(limits: Partial<SupervisionLimits>, workers = 2) {
  const begun = await begin(limits, workers)
  begun.forks.ready(...begun.forks.children.keys())
  expect(await begun.started).toBe(true)
  return begun
}

function beat(child: FakeChild, report: Partial<WorkerReport> = {}): void {
  child.say({ verb: 'beat', report: { ...REPORT, ...report } })
}

async function ready(child: FakeChild): Promise<void> {
  child.say({ verb: 'ready' })
  await settle()
}

/** A worker that was asked to stop does. */
async function end(child: FakeChild): Promise<void> {
  child.say({ verb: 'stopped', cut: 0 })
  child.exit(0)
  await settle()
}

test('a silent worker is killed with its evidence and replaced; the one beside it gets its connections', async () => {
  const { forks, pass, source } = await prepare({ worker_timeout: 3 })
  const [blocked, cut, exited] = [record('process.blocked'), record('work.cut'), record('worker.exited')]
  forks.child(0).inspection = { stack: '    at spin (/app.js:3:5)', work: [{ id: 'req-1', what: 'GET /spin', seconds: 3, phase: 'app' }] }
  await pass(3, [forks.child(1)])
  expect([forks.child(0).killed, forks.child(1).killed]).toEqual([['SIGKILL'], []])
  expect(blocked).toMatchObject([{ api: 'compute', pid: 100, stack: '    at spin (/app.js:3:5)' }])
  expect(cut).toMatchObject([{ pid: 100, id: 'req-1' }])
  forks.child(0).die()
  await settle()
  expect(exited).toMatchObject([{ pid: 100, signal: 'SIGKILL', expected: false, explanation: '' }])
  expect(forks.children).toHaveLength(3)
  const socket = source.connect()
  expect(forks.child(1).sockets).toEqual([socket])
})

test('a worker that is killed by somebody else is explained', async () => {
  const { forks } = await prepare({})
  const exited = record('worker.exited')
  forks.child(0).die()
  expect(exited).toMatchObject([{ explanation: 'out of memory?' }])
})

test('in the start a late worker is killed, and the start fails', async () => {
  const { forks, pass, started } = await begin({ worker_start_timeout: 3 }, 1)
  const late = record('worker.late')
  await pass(3)
  expect([late, forks.child(0).killed]).toEqual([[{ api: 'compute', pid: 100, seconds: 3 }], ['SIGKILL']])
  forks.child(0).die()
  await expect(started).rejects.toThrow('a worker of compute (pid 100) was killed by SIGKILL before it was ready')
})

test('in a reload a late successor is killed, the roll fails, and the old ones stay', async () => {
  const { forks, launcher, pass, send } = await prepare({ worker_start_timeout: 3 })
  const failed = record('reload.failed')
  await send('SIGHUP')
  await pass(4, [forks.child(0), forks.child(1)])
  expect(forks.child(2).killed).toEqual(['SIGKILL'])
  forks.child(2).die()
  await settle()
  expect(failed).toMatchObject([{ method: 'reload', replaced: 0 }])
  expect([forks.children.length, forks.child(0).heardVerbs(), forks.child(1).heardVerbs()]).toEqual([3, [], []])
  expect(launcher.status().state).toBe('RUNNING')
})

test.each<[string, Partial<SupervisionLimits>, Partial<WorkerReport>]>([
  ['requests', { max_requests: 10 }, { done: 10 }],
  ['age', { max_worker_age: 5 }, {}],
  ['memory', { max_worker_memory: 100 }, { rss: 101 }],
])('recycling by %s: the successor is ready before the old one may finish', async (_by, limits, report) => {
  const { clock, forks } = await prepare(limits, 1)
  const recycling = record('worker.recycling')
  for (let second = 0; second < 32; second++) {
    clock.advance(1000)
    beat(forks.child(0), report)
  }
  expect(recycling).toHaveLength(1)
  expect([forks.children.length, forks.child(0).heardVerbs()]).toEqual([2, []])
  await ready(forks.child(1))
  expect(forks.child(0).heardVerbs()).toEqual(['quiesce', 'stop'])
  await end(forks.child(0))
  expect(forks.children).toHaveLength(2)
})

test('one at a time, with a pause between them', async () => {
  const { clock, forks } = await prepare({ max_requests: 10 })
  beat(forks.child(0), { done: 10 })
  beat(forks.child(1), { done: 10 })
  expect(forks.children).toHaveLength(3)
  await ready(forks.child(2))
  beat(forks.child(1), { done: 10 })
  await end(forks.child(0))
  beat(forks.child(1), { done: 10 })
  expect(forks.children).toHaveLength(3)
  clock.advance(1000)
  beat(forks.child(1), { done: 10 })
  expect(forks.children).toHaveLength(4)
})

test('not while a stop is under way', async () => {
  const { forks, launcher } = await prepare({ max_requests: 10 })
  launcher.stop()
  await settle()
  beat(forks.child(0), { done: 10 })
  expect(forks.children).toHaveLength(2)
})

test('not while a reload replaces workers anyway', async () => {
  const { forks, send } = await prepare({ max_requests: 10 })
  const recycling = record('worker.recycling')
  await send('SIGHUP')
  beat(forks.child(1), { done: 10 })
  expect([recycling, forks.children.length]).toEqual([[], 3])
})

test('after a successor that fails the old one serves on, and it is tried again', async () => {
  const { clock, forks, source } = await prepare({ max_requests: 10 }, 1)
  beat(forks.child(0), { done: 10 })
  forks.child(1).say({ verb: 'failed', error: { kind: 'Error', message: 'no app' } })
  forks.child(1).exit(1)
  await settle()
  const socket = source.connect()
  expect([forks.children.length, forks.child(0).heardVerbs(), forks.child(0).sockets]).toEqual([2, ['connection'], [socket]])
  clock.advance(1000)
  beat(forks.child(0), { done: 10 })
  expect(forks.children).toHaveLength(3)
})

test('workers that never get ready come later and later, and one that does ends that', async () => {
  const { clock, forks } = await prepare({ worker_timeout: 0 }, 1)
  const throttled = record('worker.throttled')
  forks.child(0).die()
  for (let next = 1; next < 5; next++) {
    forks.child(next).exit(1)
    clock.advance(throttled.at(-1)!.seconds * 1000)
  }
  expect(throttled.map(({ seconds }) => seconds)).toEqual([1, 2, 4, 8])
  forks.ready(5)
  clock.advance(60_000)
  forks.child(5).die()
  expect([throttled.length, forks.children.length]).toEqual([4, 7])
})

test('a worker that hangs while it is to stop is killed as well, so that a stop without a limit ends', async () => {
  const { forks, launcher, pass, send } = await prepare({ worker_timeout: 3 }, 1)
  const hung = record('worker.hung')
  await send('SIGTERM')
  expect(forks.child(0).heardVerbs()).toEqual(['quiesce', 'stop'])
  await pass(3)
  expect([hung.length, forks.child(0).killed]).toEqual([1, ['SIGKILL']])
  forks.child(0).die()
  expect(await launcher.wait()).toBe(1)
})
