import { appendFileSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, truncateSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ConfigError } from '../../src/errors.ts'
import { type Events, subscribe } from '../../src/events.ts'
import { LogFile } from '../../src/log/log-file.ts'
import { type Log, type LogSettings, openLog } from '../../src/log/logger.ts'
import type { Line } from './log-lines.ts'

function makeDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  return directory
}

async function open(settings: Partial<LogSettings> = {}): Promise<{ log: Log; file: string }> {
  const file = join(makeDirectory(), 'api.log')
  return { log: await openLog({ log_level: 'info', log_format: 'auto', log_file: file, ...settings }, 'compute'), file }
}

function messages(file: string): unknown[] {
  return readFileSync(file, 'utf8').trimEnd().split('\n').map((line) => (JSON.parse(line) as Line)['msg'])
}

function keep<N extends 'logs.reopened' | 'logs.failed' | 'logs.lost'>(name: N): Events[N][] {
  const told: Events[N][] = []
  onTestFinished(subscribe(name, (event) => void told.push(event)))
  return told
}

test('log_file is appended to, and created for its owner and group only', async () => {
  const { log, file } = await open()
  log.logger.info('one')
  log.flush()
  expect(messages(file)).toEqual(['one'])
  expect(statSync(file).mode & 0o137).toBe(0)
  const again = await openLog({ log_level: 'info', log_format: 'json', log_file: file }, 'compute')
  again.logger.info('two')
  again.flush()
  expect(messages(file)).toEqual(['one', 'two'])
})

test('after a rename and a reopening every line from before is in the old file, and every one after it in the new', async () => {
  const reopened = keep('logs.reopened')
  const { log, file } = await open()
  log.logger.info('written')
  log.handOn()
  log.logger.info('gathered')
  renameSync(file, `${file}.1`)
  log.record({ msg: 'after the rename' })
  expect(existsSync(file)).toBe(false)
  log.reopen()
  log.logger.info('new')
  log.flush()
  expect(messages(`${file}.1`)).toEqual(['written', 'gathered', 'after the rename'])
  expect(messages(file)).toEqual(['new'])
  expect(reopened).toEqual([{ file }])
})

test('a file that was copied and emptied goes on from its beginning (copytruncate)', async () => {
  const { log, file } = await open()
  log.logger.info('old')
  log.flush()
  truncateSync(file)
  log.logger.info('new')
  log.flush()
  expect(messages(file)).toEqual(['new'])
})

test('two logs share a file: whole lines, one behind the other', async () => {
  const { log, file } = await open()
  const other = await openLog({ log_level: 'info', log_format: 'json', log_file: file }, 'compute')
  for (let count = 0; count < 50; count++) {
    log.logger.info(`a ${'x'.repeat(300)}`)
    other.logger.info(`b ${'x'.repeat(300)}`)
  }
  log.flush()
  appendFileSync(file, '{"msg":"somebody else"}\n')
  other.flush()
  const told = messages(file) as string[]
  expect(told).toHaveLength(101)
  expect(told.filter((text) => text.startsWith('b'))).toHaveLength(50)
})

test('a file that cannot be opened anew leaves the old one in use, and is told', async () => {
  const failed = keep('logs.failed')
  const { log, file } = await open()
  renameSync(file, `${file}.1`)
  mkdirSync(file)
  log.reopen()
  log.logger.info('still here')
  log.flush()
  expect(messages(`${file}.1`)).toEqual(['still here'])
  expect(failed).toMatchObject([{ file, error: { code: 'EISDIR' } }])
})

test('a file that cannot be opened is the operator\'s error, with where it was asked for', async () => {
  const log_file = join(makeDirectory(), 'missing', 'api.log')
  const opening = openLog({ log_level: 'info', log_format: 'auto', log_file }, 'compute', { file: '/etc/millrace.conf', line: 7 })
  await expect(opening).rejects.toBeInstanceOf(ConfigError)
  await expect(opening).rejects.toThrow(`/etc/millrace.conf:7: [DEFAULT] log_file: the log cannot be written there: ENOENT`)
})

test.skipIf(!existsSync('/dev/full'))('what a full disk does not take is lost, told once, and counted when it takes lines again', () => {
  const failed = keep('logs.failed')
  const lost = keep('logs.lost')
  const path = join(makeDirectory(), 'api.log')
  const file = new LogFile('/dev/full')
  file.write('12345\n')
  file.write('é\n')
  expect(failed).toMatchObject([{ file: '/dev/full', error: { code: 'ENOSPC' } }])
  expect(lost).toEqual([])
  Object.assign(file, { path })
  file.reopen()
  file.write('seven\n')
  file.write('eight\n')
  expect(lost).toEqual([{ file: path, octets: 9 }])
  expect(readFileSync(path, 'utf8')).toBe('seven\neight\n')
})

test('log_format = auto is json in a file; pretty has no colours there', async () => {
  const { log, file } = await open()
  expect(log.format).toBe('json')
  await log.setFormat('pretty')
  expect(log.format).toBe('pretty')
  log.logger.warn('careful')
  expect(readFileSync(file, 'utf8')).toMatch(/^\[\d\d:\d\d:\d\d\.\d{3}\] WARN: compute\[\d+\] careful\n$/)
  await log.setFormat('auto')
  log.logger.warn('json again')
  log.flush()
  expect(JSON.parse(readFileSync(file, 'utf8').trimEnd().split('\n').at(-1)!)).toMatchObject({ msg: 'json again' })
})

test('of two changes of the format at once the last one holds', async () => {
  const { log } = await open()
  await Promise.all([log.setFormat('pretty'), log.setFormat('json')])
  expect(log.format).toBe('json')
})

test('the level is changed in place, and whoever follows is told', async () => {
  const { log, file } = await open()
  let changes = 0
  const unfollow = log.onChange(() => void changes++)
  log.setLevel('error')
  log.logger.info('too little')
  log.setLevel('silent')
  log.logger.fatal('nothing')
  log.setLevel('debug')
  log.logger.debug('heard')
  log.flush()
  expect(messages(file)).toEqual(['heard'])
  expect(changes).toBe(3)
  unfollow()
  log.setLevel('info')
  expect(changes).toBe(3)
})

test.each(['loud', 'toString', ''])('%j is no level', async (level) => {
  const { log } = await open()
  expect(() => log.setLevel(level)).toThrow(new RangeError(`there is no log level ${level}`))
  expect(log.logger.level).toBe('info')
})

test('without a file reopening does nothing', async () => {
  const reopened = keep('logs.reopened')
  const log = await openLog({ log_level: 'info', log_format: 'json', log_file: null }, 'compute')
  log.reopen()
  expect(reopened).toEqual([])
})
