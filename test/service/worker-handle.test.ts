import { Socket } from 'node:net'
import { expect, test } from 'vitest'
import type { WorkerReport } from '../../src/service/operations.ts'
import type { WorkerExit } from '../../src/service/ports.ts'
import { WorkerHandle, type WorkerObserver } from '../../src/service/worker-handle.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { FakeChild } from './fakes.ts'

class Observer implements WorkerObserver {
  readonly log: unknown[][] = []

  workerReady(): void {
    this.log.push(['ready'])
  }

  workerWantsStop(): void {
    this.log.push(['wants stop'])
  }

  workerFailed(_worker: WorkerHandle, error: Error): void {
    this.log.push(['failed', error.message])
  }

  workerExited(_worker: WorkerHandle, exit: WorkerExit, expected: boolean): void {
    this.log.push(['exited', exit, expected])
  }

  workerBeat(_worker: WorkerHandle, report: WorkerReport): void {
    this.log.push(['beat', report])
  }

  workerWantsReset(): void {
    this.log.push(['wants reset'])
  }

  workerHasRoom(): void {
    this.log.push(['has room'])
  }

  workerRefused(_worker: WorkerHandle, socket: Socket): void {
    this.log.push(['refused', socket])
  }
}

function prepare() {
  const clock = new FakeClock()
  const child = new FakeChild(7)
  const observer = new Observer()
  return { clock, child, observer, worker: new WorkerHandle(child, clock, observer) }
}

function sockets(count: number): Socket[] {
  return Array.from({ length: count }, () => new Socket())
}

test('a worker takes connections from when it says ready until it is asked to stop', () => {
  const { clock, child, observer, worker } = prepare()
  expect([worker.state, worker.accepting]).toEqual(['STARTING', false])
  clock.advance(1500)
  child.say({ verb: 'ready' })
  expect([worker.state, worker.accepting, worker.age]).toEqual(['READY', true, 1.5])
  worker.stop(null)
  expect([worker.state, worker.accepting]).toEqual(['STOPPING', false])
  child.exit(0)
  expect(worker.state).toBe('EXITED')
  expect(observer.log).toEqual([['ready'], ['exited', { code: 0, signal: null }, true]])
})

test('its load is what it told, and what is on its way to it', () => {
  const { child, worker } = prepare()
  child.say({ verb: 'ready' })
  const [first, second] = sockets(2)
  worker.hand(first!)
  worker.hand(second!)
  expect(worker.connections).toBe(2)
  child.receive([1], 1, 1)
  expect([worker.connections, worker.requests]).toEqual([2, 1])
  child.say({ verb: 'load', connections: 0, requests: 0 })
  expect([worker.connections, worker.requests]).toEqual([1, 0])
})

test('our end of a connection is closed when the worker has acknowledged its own, and not before', () => {
  const { child, worker } = prepare()
  child.say({ verb: 'ready' })
  const [first, second] = sockets(2)
  worker.hand(first!)
  worker.hand(second!)
  expect(child.heard).toEqual([{ verb: 'connection', id: 1 }, { verb: 'connection', id: 2 }])
  expect(child.sockets).toEqual([first, second])
  child.receive([1])
  expect([first!.destroyed, second!.destroyed]).toEqual([true, false])
  expect(worker.reclaim()).toEqual([second])
  expect(worker.reclaim()).toEqual([])
  expect(second!.destroyed).toBe(false)
})

test('only so many connections are on the way to one worker at once', () => {
  const { child, observer, worker } = prepare()
  child.say({ verb: 'ready' })
  for (const socket of sockets(16)) {
    expect(worker.accepting).toBe(true)
    worker.hand(socket)
  }
  expect(worker.accepting).toBe(false)
  child.receive([1])
  expect(worker.accepting).toBe(true)
  expect(observer.log.at(-1)).toEqual(['has room'])
})

test('a worker without a file descriptor gets no more until its load changes', () => {
  const { child, observer, worker } = prepare()
  child.say({ verb: 'ready' })
  const [socket] = sockets(1)
  worker.hand(socket!)
  child.say({ verb: 'refused', id: 1 })
  expect(observer.log.at(-1)).toEqual(['refused', socket])
  expect([worker.accepting, worker.connections, socket!.destroyed]).toEqual([false, 0, false])
  child.say({ verb: 'load', connections: 3, requests: 0 })
  expect(worker.accepting).toBe(true)
})

test('a number that is not on its way is nobody\'s', () => {
  const { child, observer, worker } = prepare()
  child.say({ verb: 'ready' })
  child.receive([9], 0)
  child.say({ verb: 'refused', id: 9 })
  expect(observer.log).toEqual([['ready'], ['has room']])
  expect(worker.connections).toBe(0)
})

test('a worker that is still there a second after its deadline is killed', () => {
  const { clock, child, worker } = prepare()
  child.say({ verb: 'ready' })
  worker.stop(60)
  expect(child.heard).toEqual([{ verb: 'stop', deadlineSeconds: 60 }])
  clock.advance(60_999)
  expect(child.killed).toEqual([])
  clock.advance(1)
  expect(child.killed).toEqual(['SIGKILL'])
  child.die()
  expect(clock.pending).toBe(0)
})

test('without a deadline it is not killed', () => {
  const { clock, child, worker } = prepare()
  worker.stop(null)
  clock.advance(10_000_000)
  expect([child.heard, child.killed]).toEqual([[{ verb: 'stop', deadlineSeconds: null }], []])
})

test('a second stop brings the deadline nearer', () => {
  const { clock, child, worker } = prepare()
  child.say({ verb: 'ready' })
  worker.stop(60)
  worker.stop(2)
  expect(child.heardVerbs()).toEqual(['stop', 'stop'])
  clock.advance(3000)
  expect(child.killed).toEqual(['SIGKILL'])
})

test('a worker that says it has stopped and then stays is killed', () => {
  const { clock, child, worker } = prepare()
  child.say({ verb: 'ready' })
  worker.stop(null)
  child.say({ verb: 'stopped', cut: 4 })
  expect(worker.cut).toBe(4)
  clock.advance(1000)
  expect(child.killed).toEqual(['SIGKILL'])
})

test('a worker that failed to start is told of with its error, and killed if it stays', () => {
  const { clock, child, observer, worker } = prepare()
  child.say({ verb: 'failed', error: { kind: 'Error', message: 'no app' } })
  expect([worker.state, observer.log]).toEqual(['FAILED', [['failed', 'no app']]])
  worker.stop(5)
  expect(child.heard).toEqual([])
  clock.advance(1000)
  expect(child.killed).toEqual(['SIGKILL'])
  child.exit(1)
  expect(observer.log.at(-1)).toEqual(['exited', { code: 1, signal: null }, false])
})

test('a worker that got TERM serves on until it is told to stop', () => {
  const { child, observer, worker } = prepare()
  child.say({ verb: 'ready' })
  child.say({ verb: 'stopping' })
  expect([worker.state, worker.accepting]).toEqual(['READY', true])
  expect(observer.log.at(-1)).toEqual(['wants stop'])
})

test('quiesce and kill go to the process', () => {
  const { child, worker } = prepare()
  worker.quiesce()
  worker.kill()
  expect([child.heardVerbs(), child.killed]).toEqual([['quiesce'], ['SIGKILL']])
})

test('what an app says in its worker\'s name and cannot be changes nothing', () => {
  const { child, observer, worker } = prepare()
  child.say({ verb: 'stopped', cut: 3 })
  child.say({ verb: 'ready' })
  child.say({ verb: 'ready' })
  child.say({ verb: 'failed', error: { kind: 'Error', message: 'not at all' } })
  expect(worker.state).toBe('READY')
  worker.stop(null)
  child.exit(0)
  child.say({ verb: 'ready' })
  expect(worker.state).toBe('EXITED')
  expect(observer.log).toEqual([['ready'], ['exited', { code: 0, signal: null }, true]])
})
