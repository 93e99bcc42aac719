import { expect, onTestFinished, test } from 'vitest'
import { HangDetector, type HangLimits } from '../../src/service/hang-detector.ts'
import type { WorkerState } from '../../src/service/worker-state.ts'
import { FakeClock } from '../support/fake-clock.ts'

/** Time can pass without a timer of this process, as when it is stopped or the machine sleeps; the next look is that much late. */
class StallingClock extends FakeClock {
  #stalled = 0

  override now(): number {
    return super.now() + this.#stalled
  }

  stall(milliseconds: number): void {
    this.#stalled += milliseconds
  }
}

interface FakeWorker {
  readonly name: string
  state: WorkerState
  readonly forkedAt: number
  heardAt: number
}

/** Workers are added by the test; what is told is `[name, seconds]`. */
function prepare(given: Partial<HangLimits> = {}) {
  const clock = new StallingClock()
  const limits = { worker_timeout: 5, worker_start_timeout: 10, ...given }
  const workers: FakeWorker[] = []
  const hung: [string, number][] = []
  const late: [string, number][] = []
  const detector = new HangDetector({
    clock,
    limits: () => limits,
    workers,
    onHung: ({ name }, seconds) => hung.push([name, seconds]),
    onLate: ({ name }, seconds) => late.push([name, seconds]),
  })
  onTestFinished(() => detector.close())
  const add = (name: string, state: WorkerState): FakeWorker => {
    const worker = { name, state, forkedAt: clock.now(), heardAt: clock.now() }
    workers.push(worker)
    return worker
  }
  /** Second by second, as a process does that runs. */
  const pass = (seconds: number, each: () => void = () => undefined): void => {
    for (let second = 0; second < seconds; second++) {
      each()
      clock.advance(1000)
    }
  }
  return { clock, limits, hung, late, detector, add, pass }
}

test('a ready worker that is silent for worker_timeout is told, once for that silence', () => {
  const { hung, late, add, pass } = prepare()
  add('a', 'READY')
  pass(4)
  expect(hung).toEqual([])
  pass(20)
  expect([hung, late]).toEqual([[['a', 5]], []])
})

test('a worker that comes back and is silent again is told again', () => {
  const { clock, hung, add, pass } = prepare()
  const worker = add('a', 'READY')
  pass(6)
  worker.heardAt = clock.now()
  pass(6)
  expect(hung).toEqual([['a', 5], ['a', 5]])
})

test('a worker that speaks each second is not told, the silent one beside it is', () => {
  const { clock, hung, add, pass } = prepare()
  const lively = add('lively', 'READY')
  add('silent', 'READY')
  pass(20, () => (lively.heardAt = clock.now()))
  expect(hung).toEqual([['silent', 5]])
})

test('a worker that does not get ready within worker_start_timeout is late, once', () => {
  const { hung, late, add, pass } = prepare()
  add('a', 'STARTING')
  pass(9)
  expect(late).toEqual([])
  pass(20)
  expect([hung, late]).toEqual([[], [['a', 10]]])
})

test.each<WorkerState>(['FAILED', 'EXITED'])('a worker that is %s is not looked at', (state) => {
  const { hung, late, add, pass } = prepare()
  add('a', state)
  pass(30)
  expect([hung, late]).toEqual([[], []])
})

test('0 turns each limit off', () => {
  const { hung, late, add, pass } = prepare({ worker_timeout: 0, worker_start_timeout: 0 })
  add('a', 'READY')
  add('b', 'STARTING')
  pass(1000)
  expect([hung, late]).toEqual([[], []])
})

test('limits are those of the moment', () => {
  const { limits, hung, add, pass } = prepare({ worker_timeout: 0 })
  add('a', 'READY')
  pass(7)
  limits.worker_timeout = 8
  pass(1)
  expect(hung).toEqual([['a', 8]])
})

test('after a stall of its own process, or a sleep of the machine, nobody is blamed for what was before', () => {
  const { clock, hung, late, add, pass } = prepare()
  add('a', 'READY')
  add('b', 'STARTING')
  pass(2)
  clock.stall(3_600_000)
  pass(5)
  expect([hung, late]).toEqual([[], []])
  pass(1)
  expect(hung).toEqual([['a', 5]])
  pass(5)
  expect([hung, late]).toEqual([[['a', 5]], [['b', 10]]])
})

test('a look that is a little late is none', () => {
  const { clock, hung, add, pass } = prepare()
  add('a', 'READY')
  pass(3)
  clock.stall(1000)
  pass(1)
  expect(hung).toEqual([['a', 5]])
})

test('a closed detector looks no more', () => {
  const { detector, hung, add, pass } = prepare()
  add('a', 'READY')
  detector.close()
  pass(30)
  expect(hung).toEqual([])
})
