import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { askLauncher, ControlError } from '../../src/cli/control-client.ts'
import { ControlServer } from '../../src/service/control-server.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { FakeOperations } from '../support/fake-operations.ts'
import { leaveStaleSocket } from '../support/stale-socket.ts'

function makePath(): string {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  return join(directory, 'control')
}

/** Something else that listens there. */
async function listen(onConnection: (socket: Socket) => void): Promise<string> {
  const path = makePath()
  const server = createServer(onConnection).listen(path)
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  return path
}

async function open(): Promise<{ path: string; operations: FakeOperations }> {
  const [path, operations] = [makePath(), new FakeOperations()]
  const server = await ControlServer.open({ path, operations })
  onTestFinished(() => server.close())
  return { path, operations }
}

test('resolves with the answer, however long it is', async () => {
  const { path, operations } = await open()
  operations.current = { ...operations.current, services: Array.from({ length: 5000 }, () => operations.current.services[0]!) }
  expect(await askLauncher({ path, command: 'status' })).toEqual(operations.current)
  expect(await askLauncher({ path, command: 'stop', args: { now: true } })).toBe(null)
  expect(operations.calls).toEqual([['stop', 'immediate']])
})

test('rejects with what the launcher says against it', async () => {
  const { path } = await open()
  await expect(askLauncher({ path, command: 'drain', args: { service: 'x' } })).rejects.toThrow(new ControlError('there is no service x, only compute'))
})

test('where nobody is, it says so', async () => {
  const path = makePath()
  await expect(askLauncher({ path, command: 'ping' })).rejects.toThrow(`${path}: nobody listens there: the launcher does not run, or has another control_socket`)
  await leaveStaleSocket(path)
  await expect(askLauncher({ path, command: 'ping' })).rejects.toThrow(`${path}: nobody listens there: the launcher does not run, or was killed`)
})

test('what cannot be explained is told as it is', async () => {
  await expect(askLauncher({ path: '/dev/null/control', command: 'ping' })).rejects.toThrow('/dev/null/control: connect ENOTDIR')
})

test.each(['HTTP/1.1 400 Bad Request\r\n', 'null\n', '{}\n', '"ok"\n'])('who answers %j is no launcher', async (text) => {
  const path = await listen((socket) => void socket.end(text))
  await expect(askLauncher({ path, command: 'ping' })).rejects.toThrow(`${path}: whoever listens there is no launcher`)
})

test.each<[text: string, result: unknown]>([['{"ok":true}\n', null], ['{"ok":true,"result":1}\nmore\n', 1]])('%j is an answer', async (text, result) => {
  const path = await listen((socket) => void socket.end(text))
  expect(await askLauncher({ path, command: 'ping' })).toBe(result)
})

test('a refusal without a reason is one', async () => {
  const path = await listen((socket) => void socket.end('{"ok":false}\n'))
  await expect(askLauncher({ path, command: 'ping' })).rejects.toThrow('refused')
})

test.each([['ends', ''], ['ends in the middle of an answer', '{"ok":tr']])('a launcher that %s before it answers', async (_what, text) => {
  const path = await listen((socket) => void socket.end(text))
  await expect(askLauncher({ path, command: 'ping' })).rejects.toThrow(/the launcher ended, .* before it answered/)
})

test('gives up after five seconds', async () => {
  const clock = new FakeClock()
  const path = await listen((socket) => void socket.on('data', () => clock.advance(5000)))
  await expect(askLauncher({ path, command: 'ping' }, clock)).rejects.toThrow(`${path}: no answer within 5 s`)
  expect(clock.pending).toBe(0)
})

test('but not where it is to wait', async () => {
  const clock = new FakeClock()
  const path = await listen((socket) => void socket.on('data', () => {
    clock.advance(3_600_000)
    socket.end('{"ok":true}\n')
  }))
  expect(await askLauncher({ path, command: 'reload', timeoutSeconds: null }, clock)).toBe(null)
})
