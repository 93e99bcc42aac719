import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'

const FIXTURE = fileURLToPath(new URL('backdoor-workers.mjs', import.meta.url))

interface Told {
  readonly pid: number
  readonly port: number | string
}

/** Two workers with these options, and how to end them. */
async function start(socket: string | null, port: string | null): Promise<{ workers: Told[]; end: () => Promise<void> }> {
  const child = spawn(process.execPath, [FIXTURE, JSON.stringify([socket, port])], { stdio: ['pipe', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  const end = async (): Promise<void> => {
    child.stdin.end()
    await exited
  }
  onTestFinished(end)
  const workers: Told[] = []
  for await (const line of createInterface(child.stdout)) {
    workers.push(JSON.parse(line) as Told)
    if (workers.length === 2) break
  }
  return { workers, end }
}

async function ask(port: number | string, line: string): Promise<string> {
  const socket = typeof port === 'string' ? connect(port) : connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  socket.end(`${line}\n`)
  let text = ''
  for await (const chunk of socket) text += String(chunk)
  return text
}

test('each worker has a socket of its own, for its owner only, and it goes with the worker', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const { workers, end } = await start(join(directory, '{pid}.sock'), null)
  for (const { pid, port } of workers) {
    expect(port).toBe(join(directory, `${pid}.sock`))
    expect(statSync(port as string).mode & 0o777).toBe(0o600)
    expect(await ask(port, 'process.pid')).toContain(`> ${pid}\n`)
  }
  await end()
  expect(readdirSync(directory)).toEqual([])
})

test('each worker has a port of its own', async () => {
  const { workers } = await start(null, '0')
  expect(new Set(workers.map(({ port }) => port)).size).toBe(2)
  for (const { pid, port } of workers) expect(await ask(port, 'process.pid')).toContain(`> ${pid}\n`)
})
