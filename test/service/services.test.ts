import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { defer, type Deferred } from '../../src/service/deferred.ts'
import type { Activity, ServiceBase, WorkItem } from '../../src/service/service-base.ts'
import { Services } from '../../src/service/services.ts'

const calls: string[] = []

function prepare(...names: string[]): { one: Services; parts: Part[] } {
  calls.length = 0
  const parts = names.map((name) => new Part(name))
  return { one: new Services('all', parts), parts }
}

/** Writes down what is asked of it, and fails on demand. */
class Part implements ServiceBase {
  readonly name: string
  fails: string | undefined
  starting: Deferred<void> | undefined

  constructor(name: string) {
    this.name = name
  }

  start(): void | Promise<void> {
    this.#did('start')
    return this.starting?.promise
  }
  stop(): void {
    this.#did('stop')
  }
  async wait(): Promise<void> {
    this.#did('wait')
  }
  reset(): void {
    this.#did('reset')
  }
  quiesce(): void {
    this.#did('quiesce')
  }
  mutate(settings: unknown): void {
    this.#did(`mutate ${JSON.stringify(settings)}`)
  }
  abort(): number {
    return this.name.length
  }
  activity(): Activity {
    return { done: 1, inFlight: 2, queued: 3, connections: { IDLE: 4, REQUEST: 5, CLOSE: 6 } }
  }
  inProgress(): WorkItem[] {
    return [{ id: this.name, what: 'task', seconds: this.name.length, phase: 'running' }]
  }

  #did(what: string): void {
    calls.push(`${this.name} ${what}`)
    if (this.fails === what) throw new Error(`${this.name} cannot ${what}`)
  }
}

/** Has nothing but what it must. */
const bare: ServiceBase = { start: () => undefined, stop: () => undefined, wait: () => undefined, reset: () => undefined }

test('several services are one', async () => {
  const { one } = prepare('a', 'bb')
  one.add(bare)
  expect(one.name).toBe('all')
  await one.start()
  one.quiesce()
  one.mutate({ debug: true })
  expect(one.activity()).toEqual({ done: 2, inFlight: 4, queued: 6, connections: { IDLE: 8, REQUEST: 10, CLOSE: 12 } })
  expect(one.inProgress().map(({ id }) => id)).toEqual(['bb', 'a'])
  expect(one.abort()).toBe(3)
  await one.stop()
  await one.stop()
  await one.wait()
  await one.reset()
  const asked = ['start', 'quiesce', 'mutate {"debug":true}', 'stop', 'stop', 'wait', 'reset']
  expect(calls).toEqual(asked.flatMap((what) => [`a ${what}`, `bb ${what}`]))
})

test('they start one after the other', async () => {
  const { one, parts } = prepare('a', 'b')
  parts[0]!.starting = defer()
  const started = one.start()
  await nextTurn()
  expect(calls).toEqual(['a start'])
  parts[0]!.starting.resolve()
  await started
  expect(calls).toEqual(['a start', 'b start'])
})

test('a service can be added before the start and after the stop', async () => {
  const { one } = prepare('a')
  await one.start()
  expect(() => one.add(bare)).toThrow('all has started: no service can be added')
  await one.stop()
  one.add(new Part('b'))
  await one.start()
  expect(calls).toEqual(['a start', 'a stop', 'a start', 'b start'])
})

test('when one cannot start, all are stopped, and that is why', async () => {
  const { one, parts } = prepare('a', 'b', 'c')
  parts[1]!.fails = 'start'
  parts[0]!.fails = 'stop'
  parts[2]!.fails = 'wait'
  await expect(one.start()).rejects.toThrow('b cannot start')
  expect(calls).toEqual(['a start', 'b start', 'a stop', 'b stop', 'c stop', 'a wait', 'b wait', 'c wait'])
})

test('a stop ends a start, and stops again what had not yet started', async () => {
  const { one, parts } = prepare('a', 'b')
  parts[0]!.starting = defer()
  const started = one.start()
  await one.stop()
  parts[0]!.starting.resolve()
  await started
  expect(calls).toEqual(['a start', 'a stop', 'b stop', 'a stop', 'b stop'])
})

test('when one cannot stop the others do; of several errors all are told', async () => {
  const { one, parts } = prepare('a', 'b', 'c')
  parts[1]!.fails = 'stop'
  await expect(one.stop()).rejects.toThrow('b cannot stop')
  parts[0]!.fails = 'stop'
  const error: unknown = await one.stop().catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(AggregateError)
  expect((error as AggregateError).message).toBe('2 services of all failed')
  expect((error as AggregateError).errors.map(({ message }: Error) => message)).toEqual(['a cannot stop', 'b cannot stop'])
})
