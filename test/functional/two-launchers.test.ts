import { expect } from 'vitest'
import { test } from '../support/program.ts'

test('a ServiceLauncher runs its service in the first process, and nothing at all in a worker of another launcher', async ({ run }) => {
  const running = run('two-launchers.mjs', {})
  const { pid: worker } = await running.line('started', ({ service }) => service === 'there')
  await running.line('ready', ({ apis }) => (apis as { api: string }[])[0]?.api === 'there')
  running.signal('SIGTERM')
  expect(await running.exited()).toBe(0)
  await running.allEnded()
  const said = (pid: number): (string | undefined)[] => running.log().filter((line) => line.pid === pid).map(({ event }) => event)
  expect(worker).not.toBe(running.pid)
  expect(said(worker)).toEqual(['went on', 'started', 'stop'])
  expect(running.log('started').filter(({ service }) => service === 'here')).toMatchObject([{ pid: running.pid }])
  expect(running.log('ready').map(({ pid }) => pid)).toEqual([running.pid, running.pid])
}, 60_000)
