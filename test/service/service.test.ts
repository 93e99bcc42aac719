import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { ManualClock } from '../../src/manual-clock.ts'
import { Drain } from '../../src/service/drain.ts'
import { periodicTask } from '../../src/service/periodic-task.ts'
import { PeriodicTasks } from '../../src/service/periodic-tasks.ts'
import { Service, type ServiceOptions } from '../../src/service/service.ts'
import { sleep } from '../../src/service/sleep.ts'

/** Polls each second, and takes five for each task. */
class Agent extends Service {
  readonly clock: ManualClock
  polls = 0
  finished = 0

  constructor(options: ServiceOptions = {}, clock: ManualClock = new ManualClock()) {
    super({ ...options, clock })
    this.clock = clock
  }

  override start(): void {
    this.tasks.addTimer(1, () => void (this.polls += 1))
  }

  work(): void {
    this.tasks.add(
      async (signal) => {
        await sleep(this.clock, 5000, signal)
        signal.throwIfAborted()
        this.finished += 1
      },
      { name: 'work' },
    )
  }
}

test('a service is named after its class by default, and runs a thousand tasks', async () => {
  expect(new Agent().name).toBe('Agent')
  expect(new Agent({ name: 'agent' }).name).toBe('agent')
  const service = new Service()
  expect(service.name).toBe('Service')
  for (let count = 0; count < 1001; count++) service.tasks.add((signal) => new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve())))
  await nextTurn()
  expect(service.activity()).toMatchObject({ inFlight: 1000, queued: 1 })
  expect(service.abort()).toBe(1001)
  await service.wait()
})

test('a service with nothing to do starts, is quiet, resets and stops, also before it starts', async () => {
  const service = new Service()
  for (let round = 0; round < 2; round++) {
    await service.stop()
    await service.wait()
    await service.start()
    service.quiesce()
    await service.reset()
  }
  expect(service.signal.aborted).toBe(false)
})

test('its stop aborts the signal and stops timers, and tasks may finish', async () => {
  const agent = new Agent()
  agent.start()
  agent.work()
  await agent.clock.pass(2000)
  expect(agent.inProgress()).toEqual([{ id: 'work', what: 'task', seconds: 2, phase: 'running' }])
  const { signal } = agent
  await agent.stop()
  await agent.stop()
  expect(signal.aborted).toBe(true)
  const ended = agent.wait()
  await agent.clock.pass(3000)
  await ended
  expect([agent.polls, agent.finished]).toEqual([3, 1])
  expect(agent.clock.pending).toBe(0)
})

test('it can be started again after its stop, with a new signal', async () => {
  const agent = new Agent()
  for (let round = 1; round <= 3; round++) {
    agent.start()
    await agent.clock.pass(0)
    expect(agent.polls).toBe(round)
    expect(agent.signal.aborted).toBe(false)
    await agent.stop()
    await agent.wait()
    await agent.reset()
  }
})

test('a drain that is too short cuts its tasks, and counts them', async () => {
  const agent = new Agent()
  agent.start()
  agent.work()
  agent.work()
  await agent.clock.pass(0)
  const stopped = new Drain(agent, agent.clock).stop(2)
  await agent.clock.pass(2000)
  expect(await stopped).toEqual({ cut: 2, clean: false })
  expect(agent.finished).toBe(0)
  expect(agent.clock.pending).toBe(0)
})

test('periodic tasks can be those of the service itself', async () => {
  const clock = new ManualClock()
  class Reporter extends Service {
    readonly periodic = new PeriodicTasks({ owner: this, clock, random: () => 0 })
    readonly reports: number[] = []
    report = periodicTask({ spacing: 10, runImmediately: true })(() => this.reports.push(clock.now()))
    override start(): void {
      this.periodic.start(this.tasks)
    }
  }
  const reporter = new Reporter({ clock })
  for (let round = 0; round < 2; round++) {
    reporter.start()
    await clock.pass(15_000)
    await reporter.stop()
    await reporter.wait()
  }
  expect(reporter.reports).toEqual([0, 10_000, 15_000, 25_000])
})
