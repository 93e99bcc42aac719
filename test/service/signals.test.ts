import { spawnSync } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { type Events, subscribe } from '../../src/events.ts'
import { defer } from '../../src/service/deferred.ts'
import { SignalHandler, signals } from '../../src/service/signals.ts'
import { settle } from './fakes.ts'

function make(): { source: EventEmitter; handler: SignalHandler; log: string[]; raise: (...names: string[]) => void } {
  const source = new EventEmitter()
  const raise = (...names: string[]): void => names.forEach((name) => void source.emit(name, name))
  return { source, handler: new SignalHandler(source), log: [], raise }
}

test('signals are handled one at a time, in the order they came', async () => {
  const { handler, log, raise } = make()
  const finished = defer<void>()
  handler.add('SIGTERM', async (signal) => {
    log.push(`${signal} begins`)
    await finished.promise
    log.push(`${signal} ends`)
  })
  handler.add('SIGHUP', (signal) => log.push(signal))
  raise('SIGTERM', 'SIGHUP', 'SIGHUP')
  await settle()
  expect(log).toEqual(['SIGTERM begins'])
  finished.resolve()
  await settle()
  expect(log).toEqual(['SIGTERM begins', 'SIGTERM ends', 'SIGHUP', 'SIGHUP'])
})

test('all handlers of a signal are called, the newest first, one after the other', async () => {
  const { source, handler, log, raise } = make()
  const finished = defer<void>()
  handler.add('SIGTERM', () => log.push('first added'))
  handler.add('SIGTERM', async () => {
    await finished.promise
    log.push('second added')
  })
  expect(source.listenerCount('SIGTERM')).toBe(1)
  raise('SIGTERM')
  await settle()
  expect(log).toEqual([])
  finished.resolve()
  await settle()
  expect(log).toEqual(['second added', 'first added'])
})

test('a handler that was removed is not called again, even when its turn was next', async () => {
  const { source, handler, log, raise } = make()
  const removeOld = handler.add('SIGTERM', () => log.push('old'))
  const removeNew = handler.add('SIGTERM', () => {
    log.push('new')
    removeOld()
  })
  raise('SIGTERM')
  await settle()
  expect(log).toEqual(['new'])
  removeOld()
  expect(source.listenerCount('SIGTERM')).toBe(1)
  removeNew()
  expect(source.eventNames()).toEqual([])
})

test('one function may stand twice, and each registration removes itself only', async () => {
  const { handler, log, raise } = make()
  const action = (): number => log.push('called')
  const remove = handler.add('SIGTERM', action)
  handler.add('SIGTERM', action)
  remove()
  remove()
  raise('SIGTERM')
  await settle()
  expect(log).toEqual(['called'])
})

test('a signal whose last handler went while it waited is dropped', async () => {
  const { handler, log, raise } = make()
  const finished = defer<void>()
  handler.add('SIGTERM', () => finished.promise)
  const remove = handler.add('SIGHUP', () => log.push('HUP'))
  raise('SIGTERM', 'SIGHUP')
  remove()
  finished.resolve()
  await settle()
  expect(log).toEqual([])
})

test('clearing gives the signals back and forgets what is queued; the handlers of the signal at hand all run', async () => {
  const { source, handler, log, raise } = make()
  source.on('SIGTERM', ignore)
  handler.add('SIGTERM', () => log.push('old'))
  const remove = handler.add('SIGTERM', () => {
    log.push('new')
    handler.clear()
  })
  raise('SIGTERM', 'SIGTERM')
  await settle()
  expect(log).toEqual(['new', 'old'])
  expect(source.listeners('SIGTERM')).toEqual([ignore])
  handler.add('SIGTERM', () => log.push('again'))
  remove()
  raise('SIGTERM')
  await settle()
  expect(log).toEqual(['new', 'old', 'again'])
})

test.each(['SIGKILL', 'SIGSTOP', 'SIGNONSUCH', 'toString'])('%s cannot be handled, and is ignored', (name) => {
  const { source, handler } = make()
  expect(handler.isSupported(name)).toBe(false)
  handler.add(name, () => undefined)()
  expect(source.eventNames()).toEqual([])
})

test.each(['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGTTIN', 'SIGTTOU', 'SIGWINCH', 'SIGALRM'])('%s can be', (name) => {
  expect(make().handler.isSupported(name)).toBe(true)
})

test.each<[how: string, fail: () => unknown]>([
  ['throws', () => { throw new RangeError('no luck') }],
  ['rejects', () => Promise.reject(new RangeError('no luck'))],
])('one that %s keeps neither the others nor the next signal from being handled, and is told', async (_how, fail) => {
  const { handler, log, raise } = make()
  const told: Events['signal.failed'][] = []
  onTestFinished(subscribe('signal.failed', (event) => void told.push(event)))
  handler.add('SIGTERM', () => log.push('old'))
  handler.add('SIGTERM', fail)
  raise('SIGTERM', 'SIGTERM')
  await settle()
  expect(log).toEqual(['old', 'old'])
  expect(told).toEqual([1, 2].map(() => ({ signal: 'SIGTERM', error: new RangeError('no luck') })))
})

test('when nobody listens to that, the error is an unhandled one', async () => {
  const { handler, log, raise } = make()
  const before = process.listeners('unhandledRejection')
  process.removeAllListeners('unhandledRejection')
  onTestFinished(() => before.forEach((listener) => void process.on('unhandledRejection', listener)))
  const unhandled = once(process, 'unhandledRejection')
  handler.add('SIGTERM', () => log.push('old'))
  handler.add('SIGTERM', () => { throw new RangeError('no luck') })
  raise('SIGTERM')
  expect(await unhandled).toEqual([new RangeError('no luck'), expect.anything()])
  expect(log).toEqual(['old'])
})

test('the process is the source of the one all share', () => {
  const before = process.listenerCount('SIGUSR2')
  const remove = signals.add('SIGUSR2', () => undefined)
  expect(process.listenerCount('SIGUSR2')).toBe(before + 1)
  remove()
  expect(process.listenerCount('SIGUSR2')).toBe(before)
})

const USR1_FIXTURE = fileURLToPath(new URL('take-usr1.mjs', import.meta.url))

/** What becomes of a process that takes USR1. */
function takeUsr1(...args: string[]): { status: number | null; signal: string | null; stdout: string; debugged: boolean } {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [...args.slice(1), USR1_FIXTURE, args[0]!], { encoding: 'utf8' })
  return { status, signal, stdout, debugged: stderr.includes('Debugger listening') }
}

test('a handler of SIGUSR1 keeps Node from opening its inspector', () => {
  expect(takeUsr1('handle')).toEqual({ status: 0, signal: null, stdout: 'SIGUSR1', debugged: false })
})

test('a handler of SIGUSR1 is called while the inspector is open, too', () => {
  expect(takeUsr1('handle', '--inspect=127.0.0.1:0')).toEqual({ status: 0, signal: null, stdout: 'SIGUSR1', debugged: true })
})

test('SIGUSR1 ends a process that has given it back: Node does not take it again', () => {
  expect(takeUsr1('give-back')).toEqual({ status: null, signal: 'SIGUSR1', stdout: '', debugged: false })
})

function ignore(): void {}
