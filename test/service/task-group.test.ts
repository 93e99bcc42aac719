import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { ManualClock } from '../../src/manual-clock.ts'
import { defer } from '../../src/service/deferred.ts'
import { LoopingCallDone } from '../../src/service/looping-call-done.ts'
import { sleep } from '../../src/service/sleep.ts'
import { TaskGroup } from '../../src/service/task-group.ts'
import type { Task } from '../../src/service/task.ts'
import { record } from './fakes.ts'

function prepare(size?: number) {
  const clock = new ManualClock()
  const group = new TaskGroup({ clock, ...(size !== undefined && { size }) })
  /** A task of a second that can be stopped. */
  const rest = async (signal: AbortSignal): Promise<string> => {
    await sleep(clock, 1000, signal)
    signal.throwIfAborted()
    return 'rested'
  }
  return { clock, group, rest }
}

/** Whether a promise is settled by now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false
  const settle = (): void => void (settled = true)
  promise.then(settle, settle)
  await nextTurn()
  return settled
}

test('a task begins after it was added, and tells who waits what it returned', async () => {
  const { group } = prepare()
  const run = vi.fn((_signal: AbortSignal, task: Task<string>) => task.state)
  const task = group.add(run, { name: 'named' })
  expect(run).not.toHaveBeenCalled()
  expect([task.name, task.state, group.tasks.length]).toEqual(['named', 'WAITING', 1])
  expect(await task.wait()).toBe('RUNNING')
  expect([task.state, group.tasks.length]).toEqual(['ENDED', 0])
})

test('what a task throws is reported, told to who waits, and nothing else', async () => {
  const failed = record('task.failed')
  const { group } = prepare()
  const error = new Error('no disk')
  const task = group.add(async function readDisk() {
    throw error
  })
  const nameless = group.add(() => {
    throw error
  })
  await group.wait()
  expect(failed).toHaveLength(2)
  expect(failed).toEqual(expect.arrayContaining([{ task: 'readDisk', error }, { task: 'anonymous', error }]))
  await expect(task.wait()).rejects.toBe(error)
  await expect(nameless.wait()).rejects.toBe(error)
})

test('no more tasks run than there is room for; the others begin in turn as it becomes free', async () => {
  const { group } = prepare(2)
  const gates = [defer<void>(), defer<void>(), defer<void>(), defer<void>()]
  const tasks = gates.map(({ promise }) => group.add(() => promise))
  const states = async (): Promise<string[]> => {
    await nextTurn()
    return tasks.map(({ state }) => state)
  }
  expect(await states()).toEqual(['RUNNING', 'RUNNING', 'WAITING', 'WAITING'])
  expect(group.activity()).toMatchObject({ done: 0, inFlight: 2, queued: 2 })
  let started = false
  void tasks[2]!.started.then(() => (started = true))
  gates[1]!.resolve()
  expect(await states()).toEqual(['RUNNING', 'ENDED', 'RUNNING', 'WAITING'])
  expect(started).toBe(true)
  gates[2]!.reject(new Error('failed'))
  expect(await states()).toEqual(['RUNNING', 'ENDED', 'ENDED', 'RUNNING'])
  gates[0]!.resolve()
  gates[3]!.resolve()
  await group.wait()
  expect(group.activity()).toEqual({ done: 4, inFlight: 0, queued: 0, connections: { IDLE: 0, REQUEST: 0, CLOSE: 0 } })
})

test('ten tasks run at a time by default', async () => {
  const { group, rest } = prepare()
  for (let count = 0; count < 12; count++) group.add(rest)
  await nextTurn()
  expect(group.activity()).toMatchObject({ inFlight: 10, queued: 2 })
  await group.stop()
  await group.wait()
})

test('a task that waits for room and is stopped never runs', async () => {
  const { group, rest } = prepare(1)
  const run = vi.fn()
  const [running, waiting] = [group.add(rest), group.add(run)]
  await running.started
  waiting.stop()
  await waiting.started
  await expect(waiting.wait()).rejects.toThrow('aborted')
  expect(waiting.state).toBe('ENDED')
  running.stop()
  await group.wait()
  expect(run).not.toHaveBeenCalled()
  expect(group.activity().done).toBe(1)
})

test('only a task that has not begun can be cancelled', async () => {
  const { group, clock, rest } = prepare()
  const early = group.add(rest)
  expect(early.cancel()).toBe(true)
  expect(early.cancel()).toBe(false)
  const late = group.add(rest)
  await late.started
  expect(late.cancel()).toBe(false)
  await clock.pass(1000)
  expect(await late.wait()).toBe('rested')
})

test('a link is called when the task has ended, or soon if it has already; what it throws is reported', async () => {
  const failed = record('task.failed')
  const { group } = prepare()
  const seen: string[] = []
  const task = group.add(() => 'value', { name: 'linked' })
  task.link(({ name, state }) => seen.push(`${name} ${state}`))
  await task.wait()
  await nextTurn()
  task.link(() => {
    throw new Error('bad link')
  })
  const failing = group.add(() => Promise.reject(new Error('failing')))
  failing.link(() => seen.push('of a failure too'))
  await nextTurn()
  expect(seen).toEqual(['linked ENDED', 'of a failure too'])
  expect(failed.map(({ error }) => (error as Error).message).toSorted()).toEqual(['bad link', 'failing'])
})

test('an immediate stop ends a task of a second at once', async () => {
  const failed = record('task.failed')
  const { group, clock, rest } = prepare()
  const task = group.add(rest)
  await task.started
  await group.stop()
  await group.wait()
  expect(clock.now()).toBe(0)
  await expect(task.wait()).rejects.toThrow('aborted')
  expect(failed).toEqual([])
})

test('a graceful stop waits for tasks, those that wait for room included', async () => {
  const { group, clock, rest } = prepare(1)
  const tasks = [group.add(rest), group.add(rest)]
  const stopped = group.stop('graceful')
  await clock.pass(1999)
  expect(await isSettled(stopped)).toBe(false)
  await clock.pass(1)
  await stopped
  expect(await Promise.all(tasks.map((task) => task.wait()))).toEqual(['rested', 'rested'])
  expect(clock.now()).toBe(2000)
})

test('a task that stops its own group is skipped', async () => {
  for (const pace of ['immediate', 'graceful'] as const) {
    const { group, clock, rest } = prepare()
    const other = group.add(rest)
    const own = group.add(async (signal, task) => {
      await group.stop(pace, task)
      await group.wait(task)
      return [signal.aborted, group.tasks.length]
    })
    await clock.pass(1000)
    expect(await own.wait()).toEqual([false, 1])
    expect(other.state).toBe('ENDED')
  }
})

test('a timer that stops its own group is skipped', async () => {
  const { group, rest, clock } = prepare()
  group.add(rest)
  const left: number[] = []
  const timer = group.addTimer(5, async () => {
    await group.stop('graceful', timer)
    left.push(group.tasks.length)
  })
  await clock.pass(1000)
  expect(left).toEqual([0])
  expect(await timer.wait()).toBe(true)
})

test('the signal of the group aborts when its stop begins; after it there is a new one', async () => {
  const failed = record('task.failed')
  const { group, clock } = prepare()
  const before = group.signal
  const task = group.add(async () => {
    await sleep(clock, 60_000, group.signal)
    before.throwIfAborted()
  })
  await task.started
  await group.stop('graceful')
  expect(before.aborted).toBe(true)
  expect(group.signal).toBe(before)
  await group.wait()
  expect(group.signal.aborted).toBe(false)
  expect(failed).toEqual([])
  await group.wait()
  expect(await group.add(() => 'again').wait()).toBe('again')
})

test('cancel drops what has not begun', async () => {
  const { group, rest } = prepare()
  group.add(rest)
  await group.cancel()
  expect(group.tasks).toEqual([])
})

test('cancel leaves what has begun, until its timeout', async () => {
  const { group, clock, rest } = prepare()
  const task = group.add(rest)
  await task.started
  await group.cancel()
  expect(group.tasks).toEqual([task])
  const cancelled = group.cancel(0.2)
  await clock.pass(199)
  expect(await isSettled(cancelled)).toBe(false)
  await clock.pass(1)
  await cancelled
  await group.wait()
  expect(group.tasks).toEqual([])
  expect(clock.pending).toBe(0)
})

test('cancel stops nothing when all have ended before its timeout', async () => {
  const { group, clock, rest } = prepare()
  const timer = group.addTimer(100, () => undefined)
  const task = group.add(rest)
  await task.started
  const cancelled = group.cancel(5)
  await clock.pass(1000)
  await cancelled
  expect(await task.wait()).toBe('rested')
  expect(group.signal.aborted).toBe(false)
  expect(group.timers).toEqual([timer])
  expect(clock.pending).toBe(1)
  group.stopTimers()
  await group.wait()
})

test('a task can cancel its group', async () => {
  const { group, clock, rest } = prepare()
  group.add(rest)
  const own = group.add(async (signal, task) => {
    await group.cancel(0.5, task)
    return [signal.aborted, group.tasks.length]
  })
  await clock.pass(500)
  expect(await own.wait()).toEqual([false, 1])
})

test('timers run in their interval, or in the one they return, until they are stopped', async () => {
  const { group, clock } = prepare()
  const fixed = vi.fn()
  const dynamic = vi.fn(() => 30)
  const timers = [group.addTimer(10, fixed, { initialDelay: 5, name: 'fixed' }), group.addDynamicTimer(dynamic, { periodicIntervalMax: 20 })]
  expect(timers[0]!.name).toBe('fixed')
  expect(group.timers).toEqual(timers)
  await clock.pass(40_000)
  expect(fixed).toHaveBeenCalledTimes(4)
  expect(dynamic).toHaveBeenCalledTimes(3)
  expect(group.activity()).toMatchObject({ done: 7, inFlight: 0 })
  group.stopTimers()
  await group.wait()
  expect(group.timers).toEqual([])
  expect(group.activity().done).toBe(7)
  expect(clock.pending).toBe(0)
})

test('a timer that ends by itself is forgotten, with an error or without', async () => {
  const { group } = prepare()
  group.addTimer(10, () => {
    throw new LoopingCallDone()
  })
  group.addTimer(10, () => {
    throw new Error('no disk')
  })
  await group.wait()
  expect(group.timers).toEqual([])
})

test('a timer that is done with is not stopped any more', async () => {
  const { group, clock } = prepare()
  const run = vi.fn()
  const timer = group.addTimer(10, run)
  group.timerDone(timer)
  group.timerDone(timer)
  await group.stop()
  await clock.pass(10_000)
  expect(run).toHaveBeenCalledTimes(2)
  timer.stop()
  await timer.wait()
})

test('a graceful stop waits for the run of a timer, an immediate one does not', async () => {
  const { group } = prepare()
  const gate = defer<void>()
  group.addTimer(10, () => gate.promise)
  await nextTurn()
  expect(await isSettled(group.stop())).toBe(true)
  const graceful = group.stop('graceful')
  expect(await isSettled(graceful)).toBe(false)
  gate.resolve()
  await graceful
})

test('what is in progress is told, the oldest first', async () => {
  const { group, clock, rest } = prepare(1)
  group.addTimer(100, () => sleep(clock, 2000), { name: 'sync', initialDelay: 0.2 })
  await clock.pass(100)
  group.add(rest, { name: 'first', what: 'resting' })
  group.add(rest, { name: 'second' })
  await clock.pass(500)
  expect(group.inProgress()).toEqual([
    { id: 'first', what: 'resting', seconds: 0.5, phase: 'running' },
    { id: 'second', what: 'task', seconds: 0.5, phase: 'waiting for room in its group' },
    { id: 'sync', what: 'Fixed interval looping call', seconds: 0.4, phase: 'running' },
  ])
  expect(group.activity()).toMatchObject({ done: 0, inFlight: 2, queued: 1 })
  expect(group.abort()).toBe(3)
  await clock.pass(2000)
  await group.wait()
  expect(group.inProgress()).toEqual([])
  expect(group.abort()).toBe(0)
})

test('a size that is none is refused', () => {
  expect(() => new TaskGroup({ size: 0 })).toThrow('size should be at least 1, not 0')
})
