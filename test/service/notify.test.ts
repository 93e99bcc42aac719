import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { notify, notifyOnce, onReady } from '../../src/service/notify.ts'
import { DatagramReceiver } from '../support/datagram-receiver.ts'
import { listen } from '../support/server-harness.ts'

const HAS_PROGRAM = spawnSync('systemd-notify', ['--version']).status === 0
const HAS_PYTHON = spawnSync('python3', ['--version']).status === 0

beforeEach(() => {
  vi.stubEnv('NOTIFY_SOCKET', undefined)
  return () => {
    vi.unstubAllEnvs()
  }
})

function folder(): string {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  return directory
}

/** As on a system the addon has no binary for. */
function withoutAddon(): void {
  vi.doMock('node-unix-socket', () => {
    throw new Error('Failed to load native binding')
  })
  onTestFinished(() => vi.doUnmock('node-unix-socket'))
}

test.each([[undefined], ['']])('tells nobody, and fails nothing, when NOTIFY_SOCKET is %j', async (address) => {
  vi.stubEnv('NOTIFY_SOCKET', address)
  const failed = listen('notify.failed')
  await notify()
  await notifyOnce()
  expect(failed).toEqual([])
})

test('READY=1 is sent, and the variable stays', async () => {
  const manager = new DatagramReceiver()
  vi.stubEnv('NOTIFY_SOCKET', manager.path)
  await notify()
  expect(await manager.next()).toBe('READY=1')
  expect(process.env['NOTIFY_SOCKET']).toBe(manager.path)
})

test('any other state is one message of lines', async () => {
  const manager = new DatagramReceiver()
  vi.stubEnv('NOTIFY_SOCKET', manager.path)
  await notify('STOPPING=1\nSTATUS=so müde')
  expect(await manager.next()).toBe('STOPPING=1\nSTATUS=so müde')
})

test('told once, the variable is gone', async () => {
  const manager = new DatagramReceiver()
  vi.stubEnv('NOTIFY_SOCKET', manager.path)
  await notifyOnce()
  expect(await manager.next()).toBe('READY=1')
  expect(process.env).not.toHaveProperty('NOTIFY_SOCKET')
})

test.each([
  ['nobody listens there', '/nowhere/notify.sock', /No such file/],
  ['the path is too long', `/${'x'.repeat(200)}`, /too long/],
])('a failure is an event and no more when %s, and the variable stays', async (_, address, message) => {
  vi.stubEnv('NOTIFY_SOCKET', address)
  const failed = listen('notify.failed')
  await notifyOnce()
  expect(failed).toMatchObject([{ error: { message: expect.stringMatching(message) } }])
  expect(process.env['NOTIFY_SOCKET']).toBe(address)
})

test.skipIf(!HAS_PROGRAM)('without the addon\'s binary it is systemd-notify that sends', async () => {
  withoutAddon()
  const manager = new DatagramReceiver()
  vi.stubEnv('NOTIFY_SOCKET', manager.path)
  await notify('READY=1\nSTATUS=serves')
  expect(await manager.next()).toBe('READY=1\nSTATUS=serves')
})

test('the program gets each line as an argument, and where to send', async () => {
  withoutAddon()
  const directory = folder()
  writeFileSync(join(directory, 'systemd-notify'), `#!/bin/sh\nprintf '%s\\n' "$NOTIFY_SOCKET" "$@" > ${directory}/told\n`)
  chmodSync(join(directory, 'systemd-notify'), 0o700)
  vi.stubEnv('PATH', `${directory}:${process.env['PATH']}`)
  vi.stubEnv('NOTIFY_SOCKET', '/run/manager')
  await notifyOnce()
  expect(readFileSync(join(directory, 'told'), 'utf8')).toBe('/run/manager\n--\nREADY=1\n')
  expect(process.env).not.toHaveProperty('NOTIFY_SOCKET')
})

test('with neither it is a failure', async () => {
  withoutAddon()
  vi.stubEnv('PATH', folder())
  vi.stubEnv('NOTIFY_SOCKET', '/run/manager')
  const failed = listen('notify.failed')
  await notify()
  expect(failed).toMatchObject([{ error: { code: 'ENOENT', path: 'systemd-notify' } }])
})

test.skipIf(!HAS_PROGRAM || !HAS_PYTHON)('an abstract name is reached as well', async () => {
  const name = `millrace-test-${process.pid}`
  const receiver = [
    'import socket, sys',
    'taken = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)',
    `taken.bind('\\0${name}')`,
    'print("bound", flush=True)',
    'print(taken.recv(512).decode(), flush=True)',
    'taken.recv(512)',
  ].join('\n')
  const manager = spawn('python3', ['-c', receiver], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void manager.kill())
  let said = ''
  manager.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
  await once(manager.stdout, 'data')
  vi.stubEnv('NOTIFY_SOCKET', `@${name}`)
  await notify()
  await vi.waitFor(() => expect(said).toBe('bound\nREADY=1\n'))
})

test('onReady resolves with 0 for READY=1, and leaves nothing behind', async () => {
  const path = join(folder(), 'ready.sock')
  const answer = onReady(path, 60)
  await vi.waitFor(() => expect(existsSync(path)).toBe(true))
  vi.stubEnv('NOTIFY_SOCKET', path)
  await notify()
  expect(await answer).toBe(0)
  expect(existsSync(path)).toBe(false)
})

test('a queue that nobody reads any more is a failure after a second', async () => {
  const directory = folder()
  const path = join(directory, 'notify.sock')
  const deaf = `const { DgramSocket } = require('node-unix-socket'); new DgramSocket().bind(${JSON.stringify(path)}); console.log('bound'); process.kill(process.pid, 'SIGSTOP')`
  const manager = spawn(process.execPath, ['-e', deaf], { stdio: ['ignore', 'pipe', 'inherit'], cwd: import.meta.dirname })
  onTestFinished(() => void manager.kill('SIGKILL'))
  await once(manager.stdout, 'data')
  vi.stubEnv('NOTIFY_SOCKET', path)
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const hurry = setInterval(() => vi.advanceTimersByTime(1000), 1)
  onTestFinished(() => {
    clearInterval(hurry)
    vi.useRealTimers()
  })
  const failed = listen('notify.failed')
  // As many as net.unix.max_dgram_qlen lets wait.
  while (failed.length === 0) await notify()
  expect(failed).toMatchObject([{ error: { message: 'nobody reads what is sent there' } }])
})

test.each([['READY=0'], ['READY=1\nSTATUS=serves'], ['READY=1 '], ['']])('onReady resolves with 1 for %j', async (state) => {
  const path = join(folder(), 'ready.sock')
  const answer = onReady(path, 60)
  await vi.waitFor(() => expect(existsSync(path)).toBe(true))
  vi.stubEnv('NOTIFY_SOCKET', path)
  await notify(state)
  expect(await answer).toBe(1)
})

test('onReady resolves with 2 when nothing has come in time', async () => {
  expect(await onReady(join(folder(), 'ready.sock'), 0)).toBe(2)
})

test('onReady rejects where it cannot bind', async () => {
  const path = join(folder(), 'ready.sock')
  writeFileSync(path, '')
  await expect(onReady(path, 60)).rejects.toThrow(/Address already in use/)
  expect(existsSync(path)).toBe(true)
  await expect(onReady('@abstract', 60)).rejects.toThrow('cannot bind @abstract: the name is abstract')
})

test('onReady rejects without the addon\'s binary', async () => {
  withoutAddon()
  await expect(onReady(join(folder(), 'ready.sock'), 60)).rejects.toThrow('node-unix-socket has no binary for this system')
})
