import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { type LogSettings, openLog } from '../../src/log/logger.ts'
import type { Line } from './log-lines.ts'

const FIXTURE = fileURLToPath(new URL('write-log.mjs', import.meta.url))

/** What a process that logs leaves on its standard output. */
async function output(format: LogSettings['log_format'], level = 'info'): Promise<string[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [FIXTURE, format, level])
  return stdout.trimEnd().split('\n')
}

test.each(['json', 'auto'] as const)('log_format = %s without a terminal: JSON lines, written when the process ends', async (format) => {
  const lines = (await output(format)).map((line) => JSON.parse(line) as Line)
  expect(lines).toMatchObject([
    { level: 'info', name: 'compute', event: 'signal.caught', signal: 'SIGHUP', msg: 'Caught SIGHUP signal, reloading' },
    { level: 'error', event: 'request.failed', status: 500, err: { type: 'RangeError', message: 'no luck\u001b[2J' }, msg: 'GET / failed with 500' },
    { level: 'info', name: 'compute', event: 'request', request_line: 'GET /" HTTP/1.1', status_code: 500 },
  ])
  for (const { time, pid } of lines) {
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
    expect(pid).toBeGreaterThan(0)
  }
})

test('log_format = pretty: one readable line each, with the error\'s stack and without colours where there is no terminal', async () => {
  const lines = await output('pretty')
  expect(lines[0]).toMatch(/^\[\d\d:\d\d:\d\d\.\d{3}\] INFO: compute\[\d+\] Caught SIGHUP signal, reloading$/)
  expect(lines[1]).toMatch(/ERROR: compute\[\d+\] GET \/ failed with 500$/)
  expect(lines.join('\n')).toContain('RangeError: no luck\\u001b[2J')
  expect(lines.at(-1)).toMatch(/INFO: compute\[\d+\] 192\.0\.2\.7 "GET \/\\" HTTP\/1\.1" 500$/)
  expect(lines.join('')).not.toContain('\u001b')
})

test('log_level keeps the rest away', async () => {
  expect((await output('json', 'error')).map((line) => (JSON.parse(line) as Line)['event'])).toEqual(['request.failed'])
})

test.each<[isTerminal: boolean, asked: LogSettings['log_format'], format: string]>([
  [true, 'auto', 'pretty'],
  [false, 'auto', 'json'],
  [true, 'json', 'json'],
  [false, 'pretty', 'pretty'],
])('terminal %s: log_format = %s is %s', async (isTerminal, asked, format) => {
  const before = process.stdout.isTTY
  process.stdout.isTTY = isTerminal
  onTestFinished(() => void (process.stdout.isTTY = before))
  const log = await openLog({ log_format: asked, log_level: 'silent' }, 'compute')
  expect(log.format).toBe(format)
  expect(log.logger.bindings()).toEqual({ name: 'compute' })
  log.flush()
})
