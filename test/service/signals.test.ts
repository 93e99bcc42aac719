import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { defer } from '../../src/service/deferred.ts'
import { SignalHandler } from '../../src/service/signals.ts'
import { settle } from './fakes.ts'

test('signals are handled one at a time, in the order they came', async () => {
  const source = new EventEmitter()
  const log: string[] = []
  const finished = defer<void>()
  const handler = new SignalHandler(
    {
      SIGTERM: async (signal) => {
        log.push(`${signal} begins`)
        await finished.promise
        log.push(`${signal} ends`)
      },
      SIGHUP: (signal) => void log.push(signal),
    },
    source,
  )
  handler.install()
  source.emit('SIGTERM', 'SIGTERM')
  source.emit('SIGHUP', 'SIGHUP')
  source.emit('SIGHUP', 'SIGHUP')
  await settle()
  expect(log).toEqual(['SIGTERM begins'])
  finished.resolve()
  await settle()
  expect(log).toEqual(['SIGTERM begins', 'SIGTERM ends', 'SIGHUP', 'SIGHUP'])
})

test('uninstalling gives the signals back and forgets what is queued', async () => {
  const source = new EventEmitter()
  source.on('SIGTERM', ignore)
  const log: string[] = []
  const finished = defer<void>()
  const handler = new SignalHandler(
    {
      SIGTERM: async (signal) => {
        log.push(signal)
        await finished.promise
      },
    },
    source,
  )
  handler.install()
  source.emit('SIGTERM', 'SIGTERM')
  source.emit('SIGTERM', 'SIGTERM')
  handler.uninstall()
  finished.resolve()
  await settle()
  expect(log).toEqual(['SIGTERM'])
  expect(source.listeners('SIGTERM')).toEqual([ignore])
})

test('a signal without a row is left alone', () => {
  const source = new EventEmitter()
  new SignalHandler({ SIGTERM: () => undefined }, source).install()
  expect(source.eventNames()).toEqual(['SIGTERM'])
})

test('the process is the default source', () => {
  const handler = new SignalHandler({ SIGUSR2: () => undefined })
  const before = process.listenerCount('SIGUSR2')
  handler.install()
  expect(process.listenerCount('SIGUSR2')).toBe(before + 1)
  handler.uninstall()
  expect(process.listenerCount('SIGUSR2')).toBe(before)
})

function ignore(): void {}
