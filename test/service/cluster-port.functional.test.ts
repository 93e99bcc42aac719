import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const FIXTURE = fileURLToPath(new URL('../fixtures/apps/waiting-message.mjs', import.meta.url))

test('the channel to a worker keeps the primary alive, also after a message that had to wait to be written', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [FIXTURE])
  const { before, after, signal } = JSON.parse(stdout) as { before: number; after: number; signal: string }
  expect(before).toBeGreaterThan(0)
  expect(after).toBe(before)
  expect(signal).toBe('SIGKILL')
})

const FAILING = fileURLToPath(new URL('../fixtures/apps/failing-fork.mjs', import.meta.url))

test.each(['EMFILE', 'ENOENT'])('a process that cannot be made (%s) has ended, once, and costs the primary nothing', async (way) => {
  // A group of its own: the signal for a process that was never made once went to the whole of it.
  const { stdout } = await promisify(execFile)('setsid', ['-w', 'sh', '-c', 'ulimit -n 100; exec "$@"', 'sh', process.execPath, FAILING, way])
  expect(JSON.parse(stdout)).toSatisfy((told: unknown[]) => told.length === 2 && told.includes(way) && told.includes(null))
})
