import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import type { Inspection } from '../../src/service/inspection.ts'

const FIXTURE = fileURLToPath(new URL('../fixtures/apps/watched.mjs', import.meta.url))
const WORK = [{ id: 'req-1', what: 'GET /servers', seconds: 61.5, phase: 'waiting for the app', client: '192.0.2.7' }]

/** What inspections of a worker that behaves so find, until its stack had each of these texts in turn. Its standard input is closed when it had the first. */
async function inspect(behaviour: string, ...texts: string[]) {
  const child = spawn(process.execPath, [FIXTURE, behaviour, ...texts], { stdio: ['pipe', 'pipe', 'ignore'] })
  const lines: Record<string, unknown>[] = []
  onTestFinished(() => endBoth(child, lines))
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(JSON.parse(line) as Record<string, unknown>)
    if (lines.length > 1) child.stdin.end()
  }
  return { found: lines.slice(1, -1) as unknown as Inspection[], end: lines.at(-1) }
}

/** Of a test that failed: a worker that spins does not end with its primary. */
function endBoth(child: ChildProcess, lines: readonly Record<string, unknown>[]): void {
  child.kill('SIGKILL')
  const [first, last] = [lines[0], lines.at(-1)]
  if (first !== undefined && last !== undefined && !('afterwards' in last)) process.kill(Number(first['pid']), 'SIGKILL')
}

test.each([
  ['an endless loop', 'spins', /^ {4}at .*spinForEver .*\(\/.*watched\.mjs:\d+:\d+\)\n/],
  ['a regular expression that backtracks', 'backtracks', /^ {4}at RegExp\.test .*\n {4}at .*backtracks .*watched\.mjs/],
  ['a lock', 'waits', /^ {4}at Atomics\.wait .*\n {4}at .*waits .*watched\.mjs/],
  ['an endless loop in a process with a format of its own for stacks', 'formatsStacks', /^ {4}at spinForEver \(\/.*watched\.mjs/],
])('%s is found, with its stack and the work in flight', async (_, behaviour, stack) => {
  const { found, end } = await inspect(behaviour, 'watched.mjs')
  expect(found).toEqual([{ stack: expect.stringMatching(stack) as string, work: WORK }])
  expect(end).toEqual({ code: null, signal: 'SIGKILL', afterwards: null })
})

test('a call that is blocked in native code is told of in words, and goes on undisturbed', async () => {
  const { found } = await inspect('calls', 'native code', 'waits for events')
  expect(found).toEqual([
    { stack: expect.stringContaining('native code') as string, work: [] },
    { stack: 'it waits for events', work: WORK, spared: 'idle' },
  ])
})

test('a loop that is open to a debugger is told of as such', async () => {
  const { found } = await inspect('spinsForDebugger', 'spinForEver')
  expect(found).toEqual([{ stack: expect.stringContaining('spinForEver') as string, work: WORK, spared: 'debugged' }])
})

test('one that a debugger has paused is, and stays paused', async () => {
  const { found } = await inspect('isPaused', ' at ', ' at ')
  expect(found).toMatchObject([{ work: WORK, spared: 'debugged' }, { work: WORK, spared: 'debugged' }])
})

test('a service that fails to say what is in flight has a stack all the same', async () => {
  const { found } = await inspect('failsToSay', 'spinForEver')
  expect(found).toEqual([{ stack: expect.stringContaining('spinForEver') as string, work: [] }])
})

test('the thread has none of what the process was started with', async () => {
  const { found } = await inspect('tellsOfPreloads', 'waits for events')
  expect(found).toMatchObject([{ preloadedInMain: true }, { spared: 'idle', work: WORK }])
})

test('the thread does not keep a process alive that has nothing else to do', async () => {
  const { end } = await inspect('leaves')
  expect(end).toEqual({ code: 0, signal: null, afterwards: null })
})
