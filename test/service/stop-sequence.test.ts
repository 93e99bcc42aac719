import { expect, test } from 'vitest'
import { defer } from '../../src/service/deferred.ts'
import { StopSequence } from '../../src/service/stop-sequence.ts'
import type { StopOutcome } from '../../src/service/stop-outcome.ts'
import type { Unit } from '../../src/service/unit.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { record, settle } from './fakes.ts'

type StoppedUnit = Pick<Unit, 'name' | 'accepted' | 'quiesce' | 'close' | 'stop' | 'abort'>

class FakeUnit implements StoppedUnit {
  readonly name: string
  readonly ended = defer<StopOutcome>()
  readonly #log: string[]
  /** Connections the kernel still holds: one is accepted each time somebody looks. */
  queued = 0
  #accepted = 0

  constructor(name: string, log: string[]) {
    this.name = name
    this.#log = log
  }

  get accepted(): number {
    if (this.queued > 0) {
      this.queued -= 1
      this.#accepted += 1
    }
    return this.#accepted
  }

  quiesce(): void {
    this.#log.push(`${this.name} quiesce`)
  }

  close(): void {
    this.#log.push(`${this.name} close`)
  }

  stop(seconds: number | null): Promise<StopOutcome> {
    this.#log.push(`${this.name} stop ${seconds}`)
    return this.ended.promise
  }

  abort(): void {
    this.#log.push(`${this.name} abort`)
    this.ended.resolve({ cut: 1, clean: false })
  }
}

function prepare(options: { drainDelay?: number; gracefulTimeout?: number } = {}) {
  const clock = new FakeClock()
  const log: string[] = []
  const units = [new FakeUnit('a', log), new FakeUnit('b', log)] as const
  const { drainDelay = 0, gracefulTimeout = 60 } = options
  return { clock, log, units, sequence: new StopSequence({ units, clock, times: { drainDelay, gracefulTimeout } }) }
}

const CLEAN = { cut: 0, clean: true }

test('all are told, the delay passes, all listeners close, all finish within the time that is left', async () => {
  const { clock, log, units, sequence } = prepare({ drainDelay: 5 })
  const told = [record('stopping'), record('stopped')]
  const code = sequence.run('SIGTERM')
  await settle()
  expect(log).toEqual(['a quiesce', 'b quiesce'])
  clock.advance(4999)
  await settle()
  expect(log).toHaveLength(2)
  clock.advance(1)
  await settle()
  expect(log.slice(2)).toEqual(['a close', 'b close', 'a stop 55', 'b stop 55'])
  clock.advance(1000)
  for (const unit of units) unit.ended.resolve(CLEAN)
  expect(await code).toBe(0)
  expect(told).toEqual([[{ reason: 'SIGTERM', seconds: 60 }], [{ code: 0, cut: 0, seconds: 6 }]])
  expect(clock.pending).toBe(0)
})

test('one thing cut anywhere makes the exit code 1', async () => {
  const { units, sequence } = prepare()
  const stopped = record('stopped')
  const code = sequence.run('SIGTERM')
  units[0].ended.resolve({ cut: 2, clean: false })
  units[1].ended.resolve({ cut: 1, clean: false })
  expect(await code).toBe(1)
  expect(stopped).toEqual([{ code: 1, cut: 3, seconds: 0 }])
})

test('without a timeout nothing has a deadline', async () => {
  const { clock, log, sequence } = prepare({ gracefulTimeout: 0, drainDelay: 5 })
  void sequence.run('SIGTERM')
  await settle()
  clock.advance(5000)
  await settle()
  expect(log.slice(-2)).toEqual(['a stop null', 'b stop null'])
})

test('the delay never lasts longer than the whole stop may', async () => {
  const { clock, log, sequence } = prepare({ gracefulTimeout: 2, drainDelay: 30 })
  void sequence.run('SIGTERM')
  await settle()
  clock.advance(2000)
  await settle()
  expect(log.slice(-2)).toEqual(['a stop 0', 'b stop 0'])
})

test('listeners close only when the kernel has no connection queued any more', async () => {
  const { log, units, sequence } = prepare()
  units[0].queued = 50
  void sequence.run('SIGTERM')
  await settle()
  expect(log).not.toContain('a close')
  for (let i = 0; i < 10; i++) await settle()
  expect(units[0].queued).toBe(0)
  expect(log).toContain('a close')
})

test('clients that keep coming do not keep the listeners open for ever', async () => {
  const { log, units, sequence } = prepare()
  units[0].queued = Infinity
  void sequence.run('SIGTERM')
  for (let i = 0; i < 250; i++) await settle()
  expect(log).toContain('a close')
})

test('cut short during the delay, everything ends at once with 1', async () => {
  const { clock, log, sequence } = prepare({ drainDelay: 30 })
  const code = sequence.run('SIGTERM')
  await settle()
  sequence.cutShort()
  expect(await code).toBe(1)
  expect(log.slice(2)).toEqual(['a close', 'b close', 'a stop 60', 'b stop 60', 'a abort', 'b abort'])
  expect(clock.pending).toBe(0)
})

test('cut short while requests finish, they are aborted', async () => {
  const { log, sequence } = prepare()
  const code = sequence.run('SIGTERM')
  await settle()
  sequence.cutShort()
  expect(await code).toBe(1)
  expect(log.slice(-2)).toEqual(['a abort', 'b abort'])
})

test('cut short before it began, it waits for nothing, and a clean end still exits with 1', async () => {
  const { units, sequence } = prepare({ drainDelay: 30 })
  for (const unit of units) unit.ended.resolve(CLEAN)
  sequence.cutShort()
  expect(await sequence.run('SIGINT')).toBe(1)
})
