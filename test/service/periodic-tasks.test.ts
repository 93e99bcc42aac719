import { expect, test, vi } from 'vitest'
import { ManualClock } from '../../src/manual-clock.ts'
import { nearestBoundary } from '../../src/service/nearest-boundary.ts'
import { periodicTask, type PeriodicTaskOptions } from '../../src/service/periodic-task.ts'
import { PeriodicTasks } from '../../src/service/periodic-tasks.ts'
import { TaskGroup } from '../../src/service/task-group.ts'
import { record } from './fakes.ts'

const noChance = (): number => 0

function near(lastRun: number | undefined, spacing: number, now: number, chance = 0): number {
  return nearestBoundary({ lastRun, spacing, now, jitter: 0.05 }, () => chance)
}

/** Of the TypeError. */
function messageOf(options: object): string {
  try {
    periodicTask(options)
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError)
    return (error as Error).message
  }
  return ''
}

/** A collection of one task, which is not an instance of a class made for it. */
function collection(options: PeriodicTaskOptions, run: (...given: unknown[]) => unknown = () => undefined, clock = new ManualClock()) {
  const tasks = new PeriodicTasks<unknown>({ clock, random: noChance })
  tasks.addPeriodicTask(periodicTask({ name: 'bar', ...options })(run))
  return { clock, tasks }
}

test('a boundary is a whole number of spacings after the last run, and a chance later', () => {
  expect(near(10, 7, 19)).toBe(17)
  expect(near(13, 7, 28)).toBe(27)
  expect(near(781, 88, 1841)).toBe(1837)
  expect(near(undefined, 88, 1841)).toBe(1841)
  expect(near(1000, 200, 1300, 1)).toBe(1210)
  expect(near(1000, 200, 1300, 0.5)).toBe(1205)
  expect(near(10, 19, 30, 1)).toBe(29)
})

test('a task of spacing 9 runs every ninth second', async () => {
  const run = vi.fn()
  const { clock, tasks } = collection({ spacing: 9 }, run)
  for (let second = 0; second < 200; second++) {
    await tasks.runPeriodicTasks(undefined)
    expect(run).toHaveBeenCalledTimes(Math.floor(second / 9))
    clock.advance(1000)
  }
})

test('tasks start late, jitter included, by the share that their options say', async () => {
  const clock = new ManualClock()
  const tasks = new PeriodicTasks({ clock, random: () => 0.5 })
  const due = { standard: vi.fn(), none: vi.fn() }
  tasks.addPeriodicTask(periodicTask({ spacing: 200 })(due.standard))
  tasks.addPeriodicTask(periodicTask({ spacing: 200, jitter: 0 })(due.none))
  clock.advance(200_000)
  await tasks.runPeriodicTasks()
  clock.advance(200_000)
  await tasks.runPeriodicTasks()
  expect(due.standard).toHaveBeenCalledTimes(1)
  expect(due.none).toHaveBeenCalledTimes(2)
  clock.advance(5000)
  await tasks.runPeriodicTasks()
  expect(due.standard).toHaveBeenCalledTimes(2)
})

test('the idle time is that until the next task is due, and no longer than a minute', async () => {
  const idleOf = (spacing: number) => collection({ spacing }).tasks.runPeriodicTasks(undefined)
  expect(await idleOf(200)).toBe(60)
  expect(await idleOf(0)).toBe(60)
  expect(await idleOf(-1)).toBe(60)
  expect(await idleOf(10)).toBe(10)
  expect(await new PeriodicTasks().runPeriodicTasks()).toBe(60)
  const { clock, tasks } = collection({ spacing: 10 })
  clock.advance(5000)
  expect(await tasks.runPeriodicTasks(undefined)).toBe(5)
  clock.advance(5000)
  expect(await tasks.runPeriodicTasks(undefined)).toBe(10)
  clock.advance(5000)
  expect(await tasks.runPeriodicTasks(undefined)).toBe(5)
})

test('what runs immediately is due in the first round, and from then on each spacing', async () => {
  const run = vi.fn()
  const { clock, tasks } = collection({ spacing: 10, runImmediately: true }, run)
  clock.advance(3000)
  expect(await tasks.runPeriodicTasks(undefined)).toBe(10)
  expect(run).toHaveBeenCalledTimes(1)
  clock.advance(5000)
  expect(await tasks.runPeriodicTasks(undefined)).toBe(5)
  expect(run).toHaveBeenCalledTimes(1)
})

test('negative and disabled tasks are skipped, and it is said once', async () => {
  const skipped = record('periodic.skipped')
  const tasks = new PeriodicTasks({ clock: new ManualClock() })
  const run = vi.fn()
  tasks.addPeriodicTask(periodicTask({ name: 'negative', spacing: -1, runImmediately: true })(run))
  tasks.addPeriodicTask(periodicTask({ name: 'disabled', enabled: false, runImmediately: true })(() => run()))
  await tasks.runPeriodicTasks()
  await tasks.runPeriodicTasks()
  expect(run).not.toHaveBeenCalled()
  expect(skipped).toEqual([
    { task: 'negative', reason: 'its interval is negative' },
    { task: 'disabled', reason: 'it is disabled' },
  ])
})

test('external tasks are left to another process where that is asked for', async () => {
  for (const [runExternal, times] of [[true, 1], [false, 0]] as const) {
    const tasks = new PeriodicTasks({ runExternal })
    const run = vi.fn()
    tasks.addPeriodicTask(periodicTask({ external: true, runImmediately: true })(run))
    expect(await tasks.runPeriodicTasks()).toBe(60)
    expect(run).toHaveBeenCalledTimes(times)
  }
})

test('an error is reported and the next task runs, or is thrown where that is asked for', async () => {
  const failed = record('periodic.failed')
  const error = new Error('no disk')
  const next = vi.fn()
  class Manager extends PeriodicTasks {
    fail = periodicTask({ runImmediately: true })(() => Promise.reject(error))
    next = periodicTask({ runImmediately: true })(next)
  }
  await new Manager().runPeriodicTasks()
  expect(failed).toEqual([{ task: 'Manager.fail', error }])
  expect(next).toHaveBeenCalledOnce()
  await expect(new Manager().runPeriodicTasks(undefined, { raiseOnError: true })).rejects.toBe(error)
  expect(next).toHaveBeenCalledOnce()
  expect(failed).toHaveLength(1)
})

test('a round that is stopped begins no further task, and the one that ends because of it has not failed', async () => {
  const failed = record('periodic.failed')
  const stopping = new AbortController()
  const next = vi.fn()
  class Manager extends PeriodicTasks {
    first = periodicTask({ runImmediately: true })(async (_context: void, signal: AbortSignal) => {
      stopping.abort()
      signal.throwIfAborted()
    })
    next = periodicTask({ runImmediately: true })(next)
  }
  await new Manager().runPeriodicTasks(undefined, { signal: stopping.signal })
  expect(next).not.toHaveBeenCalled()
  expect(failed).toEqual([])
})

test('tasks run in turn, with the context, and their runs are told', async () => {
  const running = record('periodic.running')
  const order: string[] = []
  class Base extends PeriodicTasks<string> {
    slow = periodicTask({ runImmediately: true })(async (context: string) => {
      await Promise.resolve()
      order.push(`slow ${context}`)
    })
    fast = periodicTask({ runImmediately: true, name: 'quick' })((context: string) => order.push(`fast ${context}`))
  }
  class Manager extends Base {
    own = periodicTask({ runImmediately: true })(() => order.push('own'))
    override slow = periodicTask({ runImmediately: true })(async () => void order.push('slow of Manager'))
  }
  await new Manager().runPeriodicTasks('admin')
  expect(order).toEqual(['slow of Manager', 'fast admin', 'own'])
  expect(running).toEqual([{ task: 'Manager.slow' }, { task: 'Manager.quick' }, { task: 'Manager.own' }])
  order.length = 0
  await new Base().runPeriodicTasks('admin')
  expect(order).toEqual(['slow admin', 'fast admin'])
})

test('methods are decorated, inherited and overridden', async () => {
  const order: string[] = []
  class Base extends PeriodicTasks {
    readonly word: string = 'base'
    every(): void {
      order.push(`every ${this.word}`)
    }
    immediate(): void {
      order.push(`immediate ${this.word}`)
    }
  }
  // What `@periodicTask` and `@periodicTask({ … })` before the methods are compiled to.
  const context = { kind: 'method', static: false, private: false } as const
  periodicTask(Base.prototype.every, context)
  periodicTask({ runImmediately: true })(Base.prototype.immediate, context)
  class Manager extends Base {
    override readonly word: string = 'manager'
    override immediate(): void {
      super.immediate()
      order.push('overridden')
    }
  }
  const clock = new ManualClock()
  const manager = new Manager({ clock })
  await manager.runPeriodicTasks()
  expect(order).toEqual(['immediate manager', 'overridden'])
  clock.advance(59_000)
  await manager.runPeriodicTasks()
  expect(order).toHaveLength(2)
  clock.advance(1000)
  await manager.runPeriodicTasks()
  expect(order.slice(2)).toEqual(['every manager', 'immediate manager', 'overridden'])
})

test('tasks are decorated where they can be found', () => {
  expect(() => periodicTask({})(() => undefined, { static: true })).toThrow('a periodic task should be a public method of an instance')
  expect(() => periodicTask(() => undefined, { private: true })).toThrow('a periodic task should be a public method of an instance')
  expect(() => periodicTask({})(undefined as never)).toThrow('a periodic task should be a function')
  expect(() => new PeriodicTasks().addPeriodicTask(() => undefined)).toThrow('a periodic task should be marked by periodicTask')
})

test('options that there are not are refused with the nearest one', () => {
  expect(messageOf({ ticks_between_runs: 1 })).toBe('a periodic task has no option ticks_between_runs; did you mean "spacing"?')
  expect(messageOf({ external_process_ok: true })).toBe('a periodic task has no option external_process_ok; did you mean "external"?')
  expect(messageOf({ run_immediately: true })).toBe('a periodic task has no option run_immediately; did you mean "runImmediately"?')
  expect(messageOf({ spaceing: 1 })).toBe('a periodic task has no option spaceing; did you mean "spacing"?')
  expect(messageOf({ zzz: 1 })).toBe('a periodic task has no option zzz')
  expect(messageOf({ spacing: '10' })).toBe('spacing should be a number, not "10"')
  expect(messageOf({ enabled: 'no' })).toBe('enabled of a periodic task should be a boolean')
  expect(messageOf({ name: 1 })).toBe('name of a periodic task should be a string')
  expect(() => periodicTask({ jitter: -1 })).toThrow(RangeError)
})

test('in a group the idle time drives a timer, which counts from the start', async () => {
  const clock = new ManualClock()
  const group = new TaskGroup({ clock })
  const contexts: unknown[] = []
  let made = 0
  class Agent {
    readonly periodic = new PeriodicTasks<number>({ owner: this, clock, random: noChance })
    sync = periodicTask({ spacing: 10 })((context: number) => contexts.push(context))
  }
  const agent = new Agent()
  clock.advance(1_000_000)
  for (const before of [0, 3]) {
    const timer = agent.periodic.start(group, { context: () => (made += 1) })
    expect(timer.name).toBe('Agent.runPeriodicTasks')
    await clock.pass(9999)
    expect(contexts).toHaveLength(before)
    await clock.pass(20_001)
    expect(contexts).toHaveLength(before + 3)
    await group.stop('graceful')
    await group.wait()
  }
  expect(contexts).toEqual([2, 3, 4, 6, 7, 8])
  expect(clock.pending).toBe(0)
})

test('the first round waits for a chance of whole seconds, and none is further away than is asked for', async () => {
  const clock = new ManualClock()
  const group = new TaskGroup({ clock })
  const tasks = new PeriodicTasks({ clock, random: () => 0.999 })
  void tasks.start(group, { fuzzyDelay: 60, intervalMax: 20 })
  const sleeps = [await clock.skip(), await clock.skip(), await clock.skip()]
  expect(sleeps).toEqual([60_000, 20_000, 20_000])
  await group.stop()
  expect(() => tasks.start(group, { fuzzyDelay: -1 })).toThrow(RangeError)
})

test('with raiseOnError the timer ends at the first error', async () => {
  const failed = record('loop.failed')
  const clock = new ManualClock()
  const group = new TaskGroup({ clock })
  const tasks = new PeriodicTasks({ clock })
  tasks.addPeriodicTask(
    periodicTask({ runImmediately: true })(() => {
      throw new Error('no disk')
    }),
  )
  const timer = tasks.start(group, { raiseOnError: true })
  await expect(timer.wait()).rejects.toThrow('no disk')
  expect(failed).toHaveLength(1)
  await group.wait()
})

test('a task added after the first round counts from then', async () => {
  const clock = new ManualClock()
  const tasks = new PeriodicTasks({ clock, random: noChance })
  await tasks.runPeriodicTasks()
  clock.advance(50_000)
  const run = vi.fn()
  tasks.addPeriodicTask(periodicTask(run))
  clock.advance(59_000)
  expect(await tasks.runPeriodicTasks()).toBe(1)
  clock.advance(1000)
  await tasks.runPeriodicTasks()
  expect(run).toHaveBeenCalledOnce()
})
