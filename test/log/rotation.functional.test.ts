import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import type { Line } from './log-lines.ts'

const FIXTURE = fileURLToPath(new URL('write-many.mjs', import.meta.url))

interface Writer {
  readonly name: string
  readonly child: ChildProcessByStdio<Writable, Readable, null>
  /** What it says next. */
  readonly next: () => Promise<string>
}

function startWriter(file: string, name: string): Writer {
  const child = spawn(process.execPath, [FIXTURE, file, name], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void child.stdin.end())
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  return { name, child, next: async () => String((await lines.next()).value) }
}

function readLines(file: string): Line[] {
  return readFileSync(file, 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as Line)
}

test('a file that is renamed and opened anew while several processes write loses no line, and none comes to the old one afterwards', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const file = join(directory, 'api.log')
  const writers = ['one', 'two'].map((name) => startWriter(file, name))
  for (const { next } of writers) expect(await next()).toBe('writing')
  renameSync(file, `${file}.1`)
  for (const { child } of writers) child.kill('SIGUSR1')
  for (const { next } of writers) expect(await next()).toBe('reopened')
  for (const { child } of writers) child.stdin.end()
  const counts = new Map<string, number>()
  for (const { name, next } of writers) counts.set(name, Number(await next()))

  const [before, after] = [readLines(`${file}.1`), readLines(file)]
  for (const { name } of writers) {
    const numbers = [...before, ...after].filter((line) => line['name'] === name && 'number' in line).map((line) => line['number'])
    expect(numbers).toEqual(Array.from({ length: counts.get(name)! }, (_, number) => number))
    expect(after.find((line) => line['name'] === name)).toMatchObject({ event: 'logs.reopened', file })
  }
})
