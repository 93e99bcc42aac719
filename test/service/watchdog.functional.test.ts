import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'

const FIXTURE = fileURLToPath(new URL('../fixtures/apps/orphan.mjs', import.meta.url))

/** When it can be left alone: its watchdog answers. */
async function startChild(how: 'blocked' | 'alive') {
  const child = spawn(process.execPath, [FIXTURE, how], { stdio: ['pipe', 'pipe', 'inherit', 'ignore', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [stdin, stdout, , , line] = child.stdio as [Socket, Socket, null, null, Socket]
  await once(stdout, 'data')
  line.write('?')
  await once(line, 'data')
  return { child, stdin, line }
}

test('a process whose main loop is blocked for ever is killed when its primary has gone', async () => {
  const { child, stdin, line } = await startChild('blocked')
  stdin.write('now')
  line.destroy()
  expect(await once(child, 'exit')).toEqual([null, 'SIGKILL'])
})

test('one whose main loop runs is left to end as it likes', async () => {
  const { child, stdin, line } = await startChild('alive')
  line.destroy()
  // Longer than a blocked one has.
  await pause(3000)
  stdin.end()
  expect(await once(child, 'exit')).toEqual([0, null])
})
