import { expect, test } from 'vitest'
import type { LauncherHooks, Reconfiguration } from '../../src/service/reconfiguration.ts'
import { ProcessLauncher } from '../../src/service/process-launcher.ts'
import type { RestartMethod } from '../../src/service/restart-method.ts'
import type { ConnectionSource } from '../../src/service/service-base.ts'
import type { WorkerGroupSpec } from '../../src/service/worker-group-spec.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { type FakeChild, FakeForks, fakeSignals, FakeSource, record, settle } from './fakes.ts'

const PLACE = { host: '127.0.0.1', port: 8774, url: 'http://127.0.0.1:8774/' }

/** A launcher of two workers, whose configuration the test writes. */
async function prepare({ workers = 2, drainDelay = 0, hooks = true, method = 'reload' }: { workers?: number; drainDelay?: number; hooks?: boolean; method?: RestartMethod } = {}) {
  const clock = new FakeClock()
  const signals = fakeSignals()
  const forks = new FakeForks()
  const sources = { first: new FakeSource(), second: new FakeSource() }
  const settled: [done: boolean, used: readonly ConnectionSource[]][] = []
  const spec = (name: string, others: Partial<WorkerGroupSpec> & { source?: FakeSource } = {}): WorkerGroupSpec => {
    const { source = sources.first, ...rest } = others
    return { name, workers, fork: () => forks.fork(name), bind: async () => ({ source, place: PLACE }), ...rest }
  }
  const read = { services: [spec('compute')] as WorkerGroupSpec[], error: null as Error | null, conf: { restart_method: method }, settings: { a: 1 } as unknown }
  const reconfigure = async (): Promise<Reconfiguration> => {
    if (read.error !== null) throw read.error
    return { conf: read.conf, services: read.services, settingsOf: () => read.settings, settle: async (...all) => void settled.push(all) }
  }
  const given: LauncherHooks = { reload: reconfigure, mutate: reconfigure, settingsOf: async () => (await reconfigure()).settingsOf('compute') }
  const options = { clock, signals, isDaemon: () => true, ...(hooks && { hooks: given }) }
  const launcher = new ProcessLauncher({ drain_delay: drainDelay, graceful_shutdown_timeout: 60, restart_method: method }, options)
  void launcher.launchGroup(spec('compute'))
  const started = launcher.start()
  await settle()
  forks.ready(...forks.children.keys())
  expect(await started).toBe(true)
  const send = async (signal: string): Promise<void> => {
    signals.emit(signal, signal)
    await settle()
  }
  return { clock, forks, launcher, read, sources, settled, spec, send }
}

/** A worker that was asked to stop does. */
async function end(child: FakeChild): Promise<void> {
  child.say({ verb: 'stopped', cut: 0 })
  child.exit(0)
  await settle()
}

async function ready(child: FakeChild): Promise<void> {
  child.say({ verb: 'ready' })
  await settle()
}

test('HUP replaces worker by worker: a new one is ready before an old one drains, and there is never more than one too many', async () => {
  const { forks, launcher, send, settled, sources } = await prepare()
  const reloaded = record('reloaded')
  await send('SIGHUP')
  expect(forks.children).toHaveLength(3)
  expect(forks.child(0).heardVerbs()).toEqual([])
  expect(launcher.status()).toMatchObject({ state: 'RELOADING', services: [{ state: 'RELOADING' }] })
  await ready(forks.child(2))
  expect(forks.child(0).heard).toEqual([{ verb: 'quiesce' }, { verb: 'stop', deadlineSeconds: 60 }])
  expect([forks.children.length, forks.child(1).heardVerbs()]).toEqual([3, []])
  await end(forks.child(0))
  expect(forks.children).toHaveLength(4)
  await ready(forks.child(3))
  await end(forks.child(1))
  expect(reloaded).toEqual([{ method: 'reload', replaced: 2, seconds: 0 }])
  expect(forks.children).toHaveLength(4)
  expect(settled).toEqual([[true, [sources.first]]])
  expect(launcher.status()).toMatchObject({ state: 'RUNNING', services: [{ state: 'SERVING', lost: 0 }] })
})

test('connections that come during a reload go to the ready workers, old and new', async () => {
  const { forks, send, sources } = await prepare({ workers: 1 })
  await send('SIGHUP')
  const first = sources.first.connect()
  await ready(forks.child(1))
  const second = sources.first.connect()
  expect([forks.child(0).sockets, forks.child(1).sockets]).toEqual([[first], [second]])
})

test('a configuration that is bad changes nothing, and is told', async () => {
  const { forks, launcher, read, send, settled } = await prepare()
  const failed = record('reload.failed')
  read.error = new Error('millrace.conf:3: no')
  await send('SIGHUP')
  expect(failed).toEqual([{ method: 'reload', replaced: 0, error: read.error }])
  expect([forks.children.length, settled]).toEqual([2, []])
  expect(launcher.status().state).toBe('RUNNING')
})

test.each([
  ['says that it failed', (child: FakeChild) => {
    child.say({ verb: 'failed', error: { kind: 'Error', message: 'no app' } })
    child.exit(1)
  }, 'no app'],
  ['exits', (child: FakeChild) => child.exit(1), 'a worker of compute (pid 102) exited with code 1 before it was ready'],
  ['is killed, as it was not ready in time', (child: FakeChild) => child.die(), 'a worker of compute (pid 102) was killed by SIGKILL before it was ready'],
])('when the first new worker %s the roll stops, the old ones stay, and so does how they are forked', async (_how, fail, message) => {
  const { forks, read, spec, send, settled, sources } = await prepare()
  const failed = record('reload.failed')
  read.services = [spec('compute', { fork: () => forks.fork('new') })]
  await send('SIGHUP')
  expect(forks.apis.at(-1)).toBe('new')
  fail(forks.child(2))
  await settle()
  expect(failed).toMatchObject([{ replaced: 0, error: { message } }])
  expect([forks.children.length, forks.child(0).heardVerbs(), forks.child(1).heardVerbs()]).toEqual([3, [], []])
  expect(settled).toEqual([[false, [sources.first]]])
  forks.child(0).die()
  expect(forks.apis.at(-1)).toBe('compute')
})

test('when a later one fails, what was replaced stays new, and how many that were is told', async () => {
  const { forks, read, spec, send } = await prepare()
  const failed = record('reload.failed')
  read.services = [spec('compute', { fork: () => forks.fork('new') })]
  await send('SIGHUP')
  await ready(forks.child(2))
  await end(forks.child(0))
  forks.child(3).exit(1)
  await settle()
  expect(failed).toMatchObject([{ replaced: 1 }])
  expect(forks.child(1).heardVerbs()).toEqual([])
  forks.child(1).die()
  expect(forks.apis.at(-1)).toBe('new')
})

test('a fork that the system refuses stops the roll', async () => {
  const { forks, send } = await prepare()
  const failed = record('reload.failed')
  forks.errors.push(new Error('EAGAIN'))
  await send('SIGHUP')
  expect(failed).toMatchObject([{ replaced: 0, error: { message: 'EAGAIN' } }])
})

test('a worker that dies while its successor starts is replaced by that one alone', async () => {
  const { forks, send } = await prepare({ workers: 1 })
  const reloaded = record('reloaded')
  await send('SIGHUP')
  forks.child(0).die()
  await settle()
  expect(forks.children).toHaveLength(2)
  await ready(forks.child(1))
  expect(reloaded).toHaveLength(1)
  expect(forks.child(1).heardVerbs()).toEqual([])
})

test('a worker that dies before its turn is replaced as ever, once', async () => {
  const { forks, send } = await prepare()
  await send('SIGHUP')
  forks.child(1).die()
  await ready(forks.child(2))
  await ready(forks.child(3))
  await end(forks.child(0))
  expect(forks.children).toHaveLength(4)
})

test('what HUP asks for while a reload is under way is done once more after it, however often', async () => {
  const { forks, send } = await prepare({ workers: 1 })
  const reloaded = record('reloaded')
  for (let times = 0; times < 4; times++) await send('SIGHUP')
  expect(forks.children).toHaveLength(2)
  await ready(forks.child(1))
  await end(forks.child(0))
  expect([reloaded.length, forks.children.length]).toEqual([1, 3])
  await ready(forks.child(2))
  await end(forks.child(1))
  expect([reloaded.length, forks.children.length]).toEqual([2, 3])
})

test('TERM during a reload stops all workers, old, new and starting, and the reload has failed', async () => {
  const { forks, launcher, send } = await prepare({ workers: 1 })
  const failed = record('reload.failed')
  await send('SIGHUP')
  await send('SIGTERM')
  for (const child of forks.children) expect(child.heardVerbs()).toEqual(['quiesce', 'stop'])
  expect(failed).toMatchObject([{ replaced: 0 }])
  for (const child of forks.children) await end(child)
  expect(await launcher.wait()).toBe(0)
  expect(forks.children).toHaveLength(2)
})

test('HUP during the start waits for it', async () => {
  const clock = new FakeClock()
  const [signals, forks] = [fakeSignals(), new FakeForks()]
  const launcher = new ProcessLauncher({}, { clock, signals, isDaemon: () => true })
  void launcher.launchGroup({ name: 'compute', workers: 1, fork: () => forks.fork() })
  const started = launcher.start()
  signals.emit('SIGHUP', 'SIGHUP')
  await settle()
  expect(forks.children).toHaveLength(1)
  await ready(forks.child(0))
  expect(await started).toBe(true)
  await settle()
  expect(forks.children).toHaveLength(2)
})

test('more workers are forked when the reload says so, fewer are replaced', async () => {
  const { forks, read, spec, send, launcher } = await prepare()
  read.services = [spec('compute', { workers: 1 })]
  await send('SIGHUP')
  await ready(forks.child(2))
  await end(forks.child(0))
  expect(forks.child(1).heardVerbs()).toEqual(['quiesce', 'stop'])
  await end(forks.child(1))
  expect(launcher.status().services[0]?.processes.map(({ pid }) => pid)).toEqual([102])
  read.services = [spec('compute', { workers: 3 })]
  await send('SIGHUP')
  await ready(forks.child(3))
  await end(forks.child(2))
  expect(forks.children).toHaveLength(6)
  const reloaded = record('reloaded')
  await ready(forks.child(4))
  await ready(forks.child(5))
  expect(reloaded).toHaveLength(1)
})

test('a service that is new is started first; one that is gone drains last', async () => {
  const { forks, launcher, read, spec, send, sources } = await prepare({ workers: 1 })
  read.services = [spec('metadata', { source: sources.second })]
  await send('SIGHUP')
  expect(forks.apis).toEqual(['compute', 'metadata'])
  expect(forks.child(0).heardVerbs()).toEqual([])
  await ready(forks.child(1))
  expect(forks.child(0).heardVerbs()).toEqual(['quiesce', 'stop'])
  await end(forks.child(0))
  expect(launcher.status().services.map(({ name }) => name)).toEqual(['metadata'])
  expect([sources.first.closed, sources.second.closed]).toEqual([1, 0])
})

test('a service that is new and cannot start leaves no trace, and the others as they are', async () => {
  const { forks, launcher, read, spec, send, sources } = await prepare({ workers: 1 })
  const failed = record('reload.failed')
  read.services = [spec('compute'), spec('metadata', { source: sources.second })]
  await send('SIGHUP')
  forks.child(1).exit(1)
  await settle()
  expect(failed).toMatchObject([{ replaced: 0 }])
  expect(launcher.status().services.map(({ name, state }) => [name, state])).toEqual([['compute', 'SERVING']])
  expect([forks.children.length, sources.first.closed, sources.second.closed]).toEqual([2, 0, 1])
})

test('a service that is bound elsewhere takes connections there when its workers are new', async () => {
  const { forks, read, spec, send, settled, sources } = await prepare({ workers: 1 })
  read.services = [spec('compute', { source: sources.second })]
  await send('SIGHUP')
  expect(sources.second.listening).toBe(false)
  await ready(forks.child(1))
  await end(forks.child(0))
  const socket = sources.second.connect()
  expect(forks.child(1).sockets).toEqual([socket])
  expect(settled).toEqual([[true, [sources.second]]])
})

test('workers that die as fast as they start are replaced at once by a reload', async () => {
  const { forks, send } = await prepare({ workers: 1 })
  const reloaded = record('reloaded')
  forks.child(0).exit(1)
  forks.child(1).exit(1)
  expect(forks.children).toHaveLength(2)
  await send('SIGHUP')
  expect(forks.children).toHaveLength(3)
  await ready(forks.child(2))
  expect(reloaded).toHaveLength(1)
})

test('a drained service is out until it is reloaded; the others go on', async () => {
  const { forks, launcher, read, spec, send, sources } = await prepare({ workers: 1 })
  const drained = launcher.drain('compute')
  await settle()
  expect([forks.child(0).heardVerbs(), sources.first.closed]).toEqual([['quiesce', 'stop'], 1])
  await end(forks.child(0))
  expect(await drained).toEqual({ cut: 0, clean: true })
  expect(launcher.status()).toMatchObject({ state: 'RUNNING', services: [{ state: 'DRAINED', processes: [] }] })
  expect(await launcher.drain('compute')).toEqual({ cut: 0, clean: true })
  await expect(launcher.scale('compute', 2)).rejects.toThrow('compute is DRAINED: it takes a reload to have workers again')
  await send('SIGTTIN')
  expect(forks.children).toHaveLength(1)
  read.services = [spec('compute', { source: sources.second })]
  await send('SIGHUP')
  await ready(forks.child(1))
  expect(launcher.status().services[0]?.state).toBe('SERVING')
  expect(sources.second.listening).toBe(true)
})

test('mutate: the workers stay and take the settings over, those forked later have them, and their number changes', async () => {
  const { forks, read, spec, send } = await prepare({ method: 'mutate' })
  const reloaded = record('reloaded')
  read.services = [spec('compute', { workers: 3, fork: () => forks.fork('new') })]
  await send('SIGHUP')
  expect(reloaded).toEqual([{ method: 'mutate', replaced: 0, seconds: 0 }])
  expect([0, 1].map((index) => forks.child(index).heard)).toEqual([[{ verb: 'mutate', settings: { a: 1 } }], [{ verb: 'mutate', settings: { a: 1 } }]])
  expect(forks.apis).toEqual(['compute', 'compute', 'new'])
})

test('mutate: what is no longer to run serves on, as only a reload ends it', async () => {
  const { forks, read, send } = await prepare({ method: 'mutate' })
  read.services = []
  await send('SIGHUP')
  expect(forks.child(0).heardVerbs()).toEqual(['mutate'])
})

test('scale: more are forked, fewer drain, the youngest first', async () => {
  const { forks, launcher } = await prepare()
  const scaled = record('api.scaled')
  expect(await launcher.scale('compute', 3)).toBe(2)
  expect(forks.children).toHaveLength(3)
  await ready(forks.child(2))
  expect(await launcher.scale('compute', 1)).toBe(3)
  expect([0, 1, 2].map((index) => forks.child(index).heardVerbs())).toEqual([[], ['quiesce', 'stop'], ['quiesce', 'stop']])
  expect(scaled).toEqual([{ api: 'compute', from: 2, to: 3 }, { api: 'compute', from: 3, to: 1 }])
  for (const workers of [0, 1.5, 1025]) await expect(launcher.scale('compute', workers)).rejects.toThrow('expected a number of workers from 1 to 1024')
  await expect(launcher.scale('compote', 1)).rejects.toThrow('there is no service compote, only compute')
})

test('TTIN and TTOU: one worker more, one less, never none', async () => {
  const { launcher, send } = await prepare({ workers: 1 })
  await send('SIGTTIN')
  expect(launcher.status().services[0]?.workers).toBe(2)
  for (let times = 0; times < 3; times++) await send('SIGTTOU')
  expect(launcher.status().services[0]?.workers).toBe(1)
})

test('a worker that asks for its settings gets them, and it alone', async () => {
  const { forks, read } = await prepare()
  forks.child(0).say({ verb: 'reset-asked' })
  await settle()
  expect([forks.child(0).heard, forks.child(1).heard]).toEqual([[{ verb: 'mutate', settings: { a: 1 } }], []])
  const failed = record('reload.failed')
  read.error = new Error('cannot be read')
  forks.child(1).say({ verb: 'reset-asked' })
  await settle()
  expect([forks.child(1).heard, failed]).toEqual([[], [{ method: 'mutate', replaced: 0, error: read.error }]])
})

test('without a configuration of its own a reload runs the same again', async () => {
  const { forks, send } = await prepare({ workers: 1, hooks: false })
  const reloaded = record('reloaded')
  await send('SIGHUP')
  await ready(forks.child(1))
  await end(forks.child(0))
  expect(reloaded).toHaveLength(1)
  forks.child(1).say({ verb: 'reset-asked' })
  await settle()
  expect(forks.child(1).heard).toEqual([{ verb: 'mutate', settings: null }])
})

test('USR2 asks all workers what takes them long, and one that is blocked holds nothing up', async () => {
  const { clock, forks, send } = await prepare()
  const reports = record('report')
  await send('SIGUSR2')
  const item = { id: 'req-1', what: 'GET /', seconds: 9, phase: 'waiting for the app' }
  forks.child(0).say({ verb: 'work', items: [item] })
  clock.advance(1000)
  await settle()
  expect(reports).toMatchObject([{ status: { services: [{ name: 'compute' }] }, stuck: [{ pid: 100, work: [item] }, { pid: 101, work: [] }] }])
})

test('status tells what each worker last said of itself, and when', async () => {
  const { clock, forks, launcher } = await prepare({ workers: 1 })
  const report = { done: 5, inFlight: 1, queued: 0, connections: { IDLE: 1, REQUEST: 1, CLOSE: 0 }, loopDelay: 2, rss: 1e8, heapUsed: 1e7 }
  clock.advance(1000)
  forks.child(0).say({ verb: 'beat', report })
  clock.advance(500)
  expect(launcher.status()).toMatchObject({
    uptime: 1.5,
    services: [{ name: 'compute', listening: '127.0.0.1:8774', workers: 1, waiting: 0, processes: [{ pid: 100, state: 'READY', age: 1.5, silent: 0.5, report }] }],
  })
})
