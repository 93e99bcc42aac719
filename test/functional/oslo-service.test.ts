import { describe, expect } from 'vitest'
import type { CliProcess, LogLine } from '../support/cli.ts'
import { childrenOf, HAS_PROCFS } from '../support/procfs.ts'
import { test } from '../support/program.ts'
import { RawClient } from '../support/raw-client.ts'

const PROGRAM = 'service-program.mjs'

/** In processes of its own, and in the one that was started. */
const BOTH = [
  { where: 'three workers', workers: 3, launcher: 'ProcessLauncher' },
  { where: 'one process', workers: 1, launcher: 'ServiceLauncher' },
]

/** What all its processes have said of this. */
function events(running: CliProcess, event: string): LogLine[] {
  return running.log(event)
}

/** Resolves when so many processes have said this, with their pids in order. */
async function saidBy(running: CliProcess, event: string, count: number): Promise<number[]> {
  await running.line(event, () => running.log(event).length >= count)
  return running.log(event).map(({ pid }) => pid)
}

/** Resolves when a client's request is in flight, with the client. */
async function beginRequest(running: CliProcess): Promise<RawClient> {
  await running.line('ready')
  const client = await RawClient.connect(Number(running.log('bound')[0]!['port']))
  client.write('hello\n')
  await client.received('begun in ')
  return client
}

describe.concurrent('workers', () => {
  // ServiceLauncherTest.test_killed_worker_recover
  test.for(['SIGTERM', 'SIGKILL'] as const)('one that got %s has a successor', async (signal, { run }) => {
    const running = run(PROGRAM, { workers: 2 })
    const [first, second] = await saidBy(running, 'service.started', 2)
    await running.line('ready')
    process.kill(first!, signal)
    const [, , third] = await saidBy(running, 'service.started', 3)
    await running.line('worker.exited', ({ worker }) => worker === first)
    await running.line('worker.ready', ({ worker }) => worker === third)
    if (HAS_PROCFS) expect(childrenOf(running.pid)).toEqual([second, third].toSorted((a, b) => a! - b!))
    running.signal('SIGTERM')
    expect(await running.exited()).toBe(0)
  })

  // ServiceLauncherTest.test_terminate_sigkill
  test('end when the launcher is killed', async ({ run }) => {
    const running = run(PROGRAM, { workers: 2 })
    await running.line('ready')
    running.signal('SIGKILL')
    expect(await running.exited()).toBe('SIGKILL')
    await running.allEnded()
    expect(events(running, 'parent.died')).toHaveLength(2)
    expect(events(running, 'service.stop')).toHaveLength(2)
  })

  // ServiceLauncherTest.test_child_signal_sighup
  test('one that got HUP keeps its pid, and resets', async ({ run }) => {
    const running = run(PROGRAM, { workers: 2 })
    const before = await saidBy(running, 'service.started', 2)
    await running.line('ready')
    process.kill(before[0]!, 'SIGHUP')
    expect(await running.line('service.reset')).toMatchObject({ pid: before[0] })
    running.signal('SIGTERM')
    expect(await running.exited()).toBe(0)
    expect(events(running, 'service.started').map(({ pid }) => pid)).toEqual(before)
  })

  // ServiceLauncherTest.test_parent_signal_sighup, ProcessLauncherTest.test_parent_process_reload_config
  test('are all replaced when the launcher gets HUP; its own copy of the service resets once', async ({ run }) => {
    const running = run(PROGRAM, { workers: 2 })
    const before = await saidBy(running, 'service.started', 2)
    await running.line('ready')
    running.signal('SIGHUP')
    expect(await running.line('reloaded')).toMatchObject({ replaced: 2 })
    const after = (await saidBy(running, 'service.started', 4)).slice(2)
    expect(after.filter((pid) => before.includes(pid))).toEqual([])
    if (HAS_PROCFS) expect(childrenOf(running.pid)).toEqual(after.toSorted((a, b) => a - b))
    expect(events(running, 'service.reset').map(({ pid }) => pid)).toEqual([running.pid])
    running.signal('SIGTERM')
    expect(await running.exited()).toBe(0)
  })

  // ProcessLauncherTest.test_stop
  test('are each told to stop once, and the launcher stops its own copy once', async ({ run }) => {
    const running = run(PROGRAM, { workers: 2 })
    const workers = await saidBy(running, 'service.started', 2)
    await running.line('ready')
    running.signal('SIGTERM')
    expect(await running.exited()).toBe(0)
    await running.allEnded()
    const stopped = events(running, 'service.stop').map(({ pid }) => pid)
    expect(stopped.toSorted((a, b) => a - b)).toEqual([running.pid, ...workers].toSorted((a, b) => a - b))
  })

  // ProcessLauncherTest.test_double_sighup
  test('two HUPs in a row do not end the launcher, the TERM behind them does', async ({ run }) => {
    const running = run(PROGRAM, { workers: 2 })
    await running.line('ready')
    running.signal('SIGHUP')
    await running.line('reloading')
    running.signal('SIGHUP')
    await running.line('reloading', () => events(running, 'reloading').length === 2)
    await running.line('reloaded', () => events(running, 'reloaded').length === 2)
    running.signal('SIGTERM')
    expect(await running.exited()).toBe(0)
    await running.allEnded()
    expect(events(running, 'service.started')).toHaveLength(6)
  })

  // ProcessLauncherTest.test_double_sighup, with no time between
  test('a TERM that comes while two reloads are under way and asked for ends everything, and no other begins', async ({ run }) => {
    const running = run(PROGRAM, { workers: 2, service: 'Lines' })
    await running.line('ready')
    running.signal('SIGHUP')
    await running.line('reloading')
    running.signal('SIGHUP')
    await running.line('signal.caught', () => events(running, 'signal.caught').length === 2)
    running.signal('SIGTERM')
    expect(await running.exited()).toBe(0)
    await running.allEnded()
    expect(events(running, 'bound')).toHaveLength(1)
    const started = events(running, 'worker.started').map(({ worker }) => worker)
    expect(events(running, 'worker.exited').map(({ worker }) => worker)).toEqual(expect.arrayContaining(started))
    expect(events(running, 'reloaded')).toEqual([])
  })
})

test('a service in the launcher\'s process that cannot start again fails the reload, and the next HUP tries once more', async ({ run }) => {
  const running = run(PROGRAM, { service: 'Moody' })
  await running.line('ready')
  running.signal('SIGHUP')
  expect(await running.line('reload.failed')).toMatchObject({ message: 'not today' })
  running.signal('SIGHUP')
  await running.line('reloaded')
  expect(events(running, 'service.started')).toHaveLength(2)
  running.signal('SIGTERM')
  expect(await running.exited()).toBe(0)
  expect(events(running, 'service.stop')).toHaveLength(2)
})

describe.concurrent('launch', () => {
  // LauncherTest.test_launch_none, test_launch_one_worker, test_multiple_worker
  test.for([[null, 'ServiceLauncher'], [1, 'ServiceLauncher'], [3, 'ProcessLauncher']] as const)('%s workers are for a %s', async ([workers, kind], { run }) => {
    const running = run(PROGRAM, { workers })
    expect(await running.line('launched', ({ pid }) => pid === running.pid)).toMatchObject({ kind })
    expect(await running.line('ready')).toMatchObject({ workers: workers === 3 ? 3 : 0 })
    running.signal('SIGTERM')
    expect(await running.exited()).toBe(0)
  })

  // LauncherTest.test_launch_invalid_workers_number
  test.for([
    [0, 'RangeError', 'Number of workers should be positive!'],
    [-1, 'RangeError', 'Number of workers should be positive!'],
    ['0', 'TypeError', 'Type of workers should be int!'],
    ['a', 'TypeError', 'Type of workers should be int!'],
    ['1', 'TypeError', 'Type of workers should be int!'],
    [1.5, 'TypeError', 'Type of workers should be int!'],
  ] as const)('refuses %j workers with a %s', async ([workers, name, message], { run }) => {
    const running = run(PROGRAM, { workers })
    expect(await running.line('failed')).toMatchObject({ name, message: expect.stringContaining(message) as string })
    expect(await running.exited()).toBe(1)
    expect(events(running, 'service.started')).toEqual([])
  })

  // LauncherTest.test_launch_wrong_service_base_class, test_check_service_base_fails; ProcessLauncherTest.test_check_service_base_fails
  test.for(['launch', 'services', 'processes'])('refuses what is no service (%s)', async (launcher, { run }) => {
    const running = run(PROGRAM, { service: 'NoService', launcher })
    expect(await running.line('failed')).toMatchObject({ name: 'TypeError', message: expect.stringContaining('must be an instance of ServiceBase') as string })
    expect(await running.exited()).toBe(1)
  })
})

describe.concurrent.for(BOTH)('in $where', ({ workers, launcher }) => {
  // ServiceLauncherTest.test_terminate_sigterm, ServiceRestartTest.test_terminate_sigterm
  test('TERM ends everything with 0', async ({ run }) => {
    const running = run(PROGRAM, { workers })
    expect(await running.line('launched', ({ pid }) => pid === running.pid)).toMatchObject({ kind: launcher })
    await running.line('ready')
    running.signal('SIGTERM')
    expect(await running.exited()).toBe(0)
    await running.allEnded()
    expect(await running.line('ended', ({ pid }) => pid === running.pid)).toMatchObject({ code: 0 })
  })

  // ProcessLauncherTest.test__handle_signal
  test('a handler of the program itself runs beside the launcher\'s', async ({ run }) => {
    const running = run(PROGRAM, { workers })
    await running.line('ready')
    running.signal('SIGTERM')
    expect(await running.exited()).toBe(0)
    await running.allEnded()
    expect(events(running, 'own handler')).toMatchObject([{ pid: running.pid }])
    expect(events(running, 'signal.caught')).toMatchObject([{ pid: running.pid, signal: 'SIGTERM' }])
  })

  test('a service that has nothing to do is kept until TERM', async ({ run }) => {
    const running = run(PROGRAM, { workers, service: 'Idle' })
    await running.line('ready')
    // A signal more: the process has gone round its loop, and is still there.
    running.signal('SIGUSR1')
    await running.line('signal.caught', ({ signal }) => signal === 'SIGUSR1')
    running.signal('SIGTERM')
    expect(await running.exited()).toBe(0)
  })

  // ServiceLauncherTest.test_crashed_service
  test('a service that cannot start ends the program with 1', async ({ run }) => {
    const running = run(PROGRAM, { workers, service: 'CrashOnStart' })
    expect(await running.exited()).toBe(1)
    await running.allEnded()
    expect(await running.line('failed', ({ pid }) => pid === running.pid)).toMatchObject({ name: 'RangeError', message: 'it cannot start' })
    expect(events(running, 'ready')).toEqual([])
  })

  // ServiceRestartTest.test_service_restart
  test('HUP makes the service ready again', async ({ run }) => {
    const running = run(PROGRAM, { workers })
    await running.line('ready')
    await saidBy(running, 'service.started', workers)
    running.signal('SIGHUP')
    await running.line('reloaded')
    await saidBy(running, 'service.started', workers * 2)
    running.signal('SIGTERM')
    expect(await running.exited()).toBe(0)
  })

  // ServiceRestartTest.test_mutate_hook_service_launcher, test_mutate_hook_process_launcher
  test('the mutate hook is called by HUP and not before, and the processes stay', async ({ run }) => {
    const running = run(PROGRAM, { workers, hooked: true, conf: { restart_method: 'mutate' } })
    await running.line('ready')
    const before = (await saidBy(running, 'service.started', workers)).toSorted((a, b) => a - b)
    expect(events(running, 'conf.read')).toEqual([])
    running.signal('SIGHUP')
    await running.line('reloaded')
    expect(events(running, 'conf.read')).toMatchObject([{ pid: running.pid }])
    const told = await saidBy(running, 'service.mutate', workers)
    expect(told.toSorted((a, b) => a - b)).toEqual(before)
    expect(events(running, 'service.mutate')).toMatchObject(before.map(() => ({ settings: { of: 'Ticker' } })))
    running.signal('SIGTERM')
    expect(await running.exited()).toBe(0)
    expect(events(running, 'service.started')).toHaveLength(workers)
  })

  // LauncherTest.test_graceful_shutdown
  test('stop() lets the service clean up, and a second one does no harm', async ({ run }) => {
    const running = run(PROGRAM, { workers, orders: ['stop', 'stop'] })
    expect(await running.exited()).toBe(0)
    await running.allEnded()
    const served = events(running, 'service.started').map(({ pid }) => pid)
    expect(events(running, 'service.stop').filter(({ pid }) => served.includes(pid))).toHaveLength(workers)
  })

  // ServiceTest.test_graceful_stop
  test('a graceful stop waits for a task', async ({ run }) => {
    const running = run(PROGRAM, { workers, service: 'Worker' })
    await running.line('ready')
    running.signal('SIGTERM')
    expect(await running.exited()).toBe(0)
    await running.allEnded()
    const served = events(running, 'service.started').map(({ pid }) => pid)
    expect(events(running, 'task.finished').filter(({ pid }) => served.includes(pid))).toHaveLength(workers)
  })

  // ServiceTest.test_ungraceful_stop
  test('an immediate stop does not wait for a task, and exits with 1', async ({ run }) => {
    const running = run(PROGRAM, { workers, service: 'Stuck' })
    await running.line('ready')
    running.signal('SIGINT')
    expect(await running.exited()).toBe(1)
    await running.allEnded()
  })

  // EventletServer*LauncherTest.test_shuts_down_on_sigint_when_client_connected
  test('INT ends it with a client connected', async ({ run }) => {
    const running = run(PROGRAM, { workers, service: 'Lines' })
    const client = await beginRequest(running)
    running.signal('SIGINT')
    expect(await running.exited()).toBe(1)
    await running.allEnded()
    expect((await client.ended()).rest).toMatch(/^begun in \d+\n$/)
  })

  // EventletServer*LauncherTest.test_graceful_shuts_down_on_sigterm_when_client_connected
  test('TERM waits for a request in flight', async ({ run }) => {
    const running = run(PROGRAM, { workers, service: 'Lines', conf: { graceful_shutdown_timeout: 0 } })
    const client = await beginRequest(running)
    running.signal('SIGTERM')
    await running.line('service.stop', ({ pid }) => events(running, 'service.started').some((started) => started.pid === pid))
    expect(events(running, 'stopped')).toEqual([])
    client.write('go on\n')
    expect((await client.ended()).rest).toMatch(/^begun in \d+\ndone\n$/)
    client.close()
    expect(await running.exited()).toBe(0)
  })

  // EventletServer*LauncherTest.test_graceful_stop_with_exceeded_graceful_shutdown_timeout
  test('TERM ends it at the graceful timeout when a request takes longer, and not earlier', async ({ run }) => {
    const running = run(PROGRAM, { workers, service: 'Lines', conf: { graceful_shutdown_timeout: 1 } })
    const client = await beginRequest(running)
    running.signal('SIGTERM')
    expect(await running.exited()).toBe(1)
    const [stopped] = events(running, 'stopped')
    expect(stopped).toMatchObject({ code: 1, cut: 1 })
    expect(Number(stopped!['seconds'])).toBeGreaterThanOrEqual(0.99)
    expect((await client.ended()).rest).not.toContain('done')
    client.close()
  })
})
