import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import { type Events, subscribe } from '../../src/events.ts'
import { ControlServer } from '../../src/service/control-server.ts'
import { defer } from '../../src/service/deferred.ts'
import type { ReloadOutcome } from '../../src/service/operations.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { FakeOperations } from '../support/fake-operations.ts'
import { leaveStaleSocket } from '../support/stale-socket.ts'

function makePath(): string {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  return join(directory, 'control')
}

function keep<N extends keyof Events>(name: N): Events[N][] {
  const told: Events[N][] = []
  onTestFinished(subscribe(name, (event) => void told.push(event)))
  return told
}

interface Opened {
  readonly path: string
  readonly operations: FakeOperations
  readonly clock: FakeClock
  readonly server: ControlServer
}

async function open(path: string = makePath()): Promise<Opened> {
  const [operations, clock] = [new FakeOperations(), new FakeClock()]
  const server = await ControlServer.open({ path, operations, clock })
  onTestFinished(() => server.close())
  return { path, operations, clock, server }
}

/** What a client has of it: sends lines, reads lines. */
class Client {
  readonly socket: Socket
  readonly #lines: AsyncIterator<string>

  constructor(path: string) {
    this.socket = connect({ path, allowHalfOpen: true })
    // A server that cuts it while it sends.
    this.socket.on('error', () => {})
    this.#lines = createInterface({ input: this.socket })[Symbol.asyncIterator]()
    onTestFinished(() => void this.socket.destroy())
  }

  send(text: string): this {
    this.socket.write(text)
    return this
  }

  ask(command: string, args: object = {}, id: unknown = 1): Promise<unknown> {
    return this.send(`${JSON.stringify({ id, command, args })}\n`).read()
  }

  /** The next answer; undefined when none comes any more. */
  async read(): Promise<unknown> {
    const { value, done } = await this.#lines.next()
    return done === true ? undefined : JSON.parse(value)
  }
}

test('a socket that is its owner\'s only, and is gone when it is closed', async () => {
  const listening = keep('control.listening')
  const { path, server } = await open()
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(listening).toEqual([{ path }])
  await server.close()
  expect(existsSync(path)).toBe(false)
})

test('it is its owner\'s only before it listens, and the process\'s own mask stays', async () => {
  const path = makePath()
  const before = process.umask()
  const opening = ControlServer.open({ path, operations: new FakeOperations() })
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(process.umask()).toBe(before)
  await (await opening).close()
})

test('answers one request after the other, each with its id', async () => {
  const { path } = await open()
  const client = new Client(path).send('{"id":"a","command":"ping"}\n{"id":[2],"command":"scale","args":{"service":"compute","workers":4}}\n')
  expect(await client.read()).toEqual({ id: 'a', ok: true, result: { pid: process.pid } })
  expect(await client.read()).toEqual({ id: [2], ok: true, result: { before: 2 } })
})

test('a request may come in pieces, and octets of one character too', async () => {
  const { path } = await open()
  const client = new Client(path)
  for (const octet of Buffer.from('{"id":"ü","command":"ping"}\n')) {
    client.socket.write(Buffer.of(octet))
    await new Promise(setImmediate)
  }
  expect(await client.read()).toMatchObject({ id: 'ü', ok: true })
})

test('answers a client that has ended its side, also without an end of line', async () => {
  const { path, operations } = await open()
  const client = new Client(path)
  client.socket.end('{"command":"reload"}')
  expect(await client.read()).toEqual({ id: null, ok: true, result: { done: true, replaced: 2 } })
  expect(await client.read()).toBe(undefined)
  expect(operations.calls).toEqual([['restart']])
})

test('tells what was asked, but not what is asked all the time', async () => {
  const asked = keep('control.asked')
  const { path } = await open()
  const client = new Client(path)
  for (const command of ['ping', 'status', 'stop', 'stuck']) expect(await client.ask(command)).toMatchObject({ ok: true })
  expect(asked).toEqual([{ command: 'stop', args: { now: false } }, { command: 'stuck', args: { seconds: 1 } }])
})

test('a wrong command or argument is an error, and the connection goes on', async () => {
  const [failed, asked] = [keep('control.failed'), keep('control.asked')]
  const { path } = await open()
  const client = new Client(path)
  expect(await client.ask('statsu')).toEqual({ id: 1, ok: false, error: 'there is no command "statsu"; did you mean "status"?' })
  expect(await client.ask('drain', { service: 'image' })).toEqual({ id: 1, ok: false, error: 'there is no service image, only compute' })
  expect(await client.ask('ping')).toMatchObject({ ok: true })
  expect(failed).toEqual([])
  expect(asked).toEqual([{ command: 'drain', args: { service: 'image' } }])
})

test.each([new Error('broken'), 'broken'])('what a command throws is told to who asked, and to the log', async (error) => {
  const failed = keep('control.failed')
  const { path, operations } = await open()
  operations.restart = () => Promise.reject(error)
  expect(await new Client(path).ask('reload')).toEqual({ id: 1, ok: false, error: 'broken' })
  expect(failed).toEqual([{ error }])
})

test('reload answers when it is over; others are answered meanwhile', async () => {
  const { path, operations } = await open()
  const reload = defer<ReloadOutcome>()
  operations.outcome = reload.promise
  const first = new Client(path)
  const answer = first.ask('reload')
  expect(await new Client(path).ask('status')).toMatchObject({ ok: true })
  reload.resolve({ done: false, replaced: 0, reason: 'wrong' })
  expect(await answer).toEqual({ id: 1, ok: true, result: { done: false, replaced: 0, reason: 'wrong' } })
})

test.each([
  ['no JSON', 'GET / HTTP/1.1\r\nhost: x\r\n\r\n', 'expected JSON'],
  ['binary', Buffer.from([0, 255, 254, 10]), 'expected JSON'],
  ['a line of a megabyte', `${'x'.repeat(2 ** 20)}\n`, 'expected a line of 65536 characters at most'],
  ['a megabyte without an end', ' '.repeat(2 ** 20), 'expected a line of 65536 characters at most'],
  ['a long line behind a good one', `{"command":"ping"}\n${' '.repeat(65_537)}\n{"command":"stop"}\n`, 'expected a line of 65536 characters at most'],
])('%s: one error, and the end', async (what, text, error) => {
  const { path, operations } = await open()
  const client = new Client(path)
  client.socket.write(text)
  if (what.includes('behind')) expect(await client.read()).toMatchObject({ ok: true })
  expect(await client.read()).toEqual({ id: null, ok: false, error })
  expect(await client.read()).toBe(undefined)
  expect(operations.calls).toEqual([])
})

test('a line of 64 KiB is none too long', async () => {
  const { path } = await open()
  const line = '{"command":"ping"}'.padEnd(65_536)
  expect(await new Client(path).send(`${line}\n`).read()).toMatchObject({ ok: true })
})

test('who sends nonsense and stays is cut a second later; nothing is left to wait when it goes', async () => {
  const { path, clock } = await open()
  const stays = new Client(path).send('nonsense\n')
  expect(await stays.read()).toMatchObject({ ok: false })
  expect(await stays.read()).toBe(undefined)
  const closed = new Promise((resolve) => stays.socket.once('close', resolve))
  clock.advance(1000)
  stays.send('more\n')
  await closed
  expect(clock.pending).toBe(0)
})

test('a hundred silent clients keep nobody out', async () => {
  const { path } = await open()
  const silent = Array.from({ length: 100 }, () => new Client(path))
  await Promise.all(silent.map(({ socket }) => once(socket, 'connect')))
  const client = new Client(path)
  expect(await client.ask('ping')).toMatchObject({ ok: true })
  const ends = silent.filter(({ socket }) => socket.readableEnded)
  expect(ends.length).toBeGreaterThanOrEqual(69)
})

test('who works is not cut for who comes', async () => {
  const { path, operations } = await open()
  const reload = defer<ReloadOutcome>()
  operations.outcome = reload.promise
  const works = new Client(path)
  const answer = works.ask('reload')
  expect(await new Client(path).ask('ping')).toMatchObject({ ok: true })
  await Promise.all(Array.from({ length: 40 }, () => new Client(path).ask('ping')))
  reload.resolve({ done: true, replaced: 1 })
  expect(await answer).toMatchObject({ ok: true })
})

test('when all work the first goes', async () => {
  const { path, operations } = await open()
  operations.outcome = new Promise(() => {})
  const first = new Client(path)
  const answer = first.ask('reload')
  await expect.poll(() => operations.calls.length).toBe(1)
  for (let i = 1; i < 32; i++) new Client(path).send('{"command":"reload"}\n')
  await expect.poll(() => operations.calls.length).toBe(32)
  expect(await new Client(path).ask('ping')).toMatchObject({ ok: true })
  expect(await answer).toBe(undefined)
})

test('a client that does not read holds only itself up', async () => {
  const { path, operations } = await open()
  operations.current = { ...operations.current, services: Array.from({ length: 2000 }, () => operations.current.services[0]!) }
  const slow = connect(path)
  onTestFinished(() => void slow.destroy())
  slow.pause().on('error', () => {})
  slow.write('{"command":"status"}\n'.repeat(50))
  expect(await new Client(path).ask('ping')).toMatchObject({ ok: true })
})

test('a client that goes away without its answer is no error', async () => {
  const failed = keep('control.failed')
  const { path, operations } = await open()
  const reload = defer<ReloadOutcome>()
  operations.outcome = reload.promise
  const gone = new Client(path).send('{"command":"reload"}\n')
  await expect.poll(() => operations.calls.length).toBe(1)
  gone.socket.destroy()
  reload.resolve({ done: true, replaced: 0 })
  expect(await new Client(path).ask('ping')).toMatchObject({ ok: true })
  expect(failed).toEqual([])
})

test('close cuts who is there', async () => {
  const { path, server } = await open()
  const client = new Client(path)
  expect(await client.ask('ping')).toMatchObject({ ok: true })
  await server.close()
  expect(await client.read()).toBe(undefined)
})

test('a socket that a killed process left is replaced', async () => {
  const path = makePath()
  await leaveStaleSocket(path)
  const { server } = await open(path)
  expect(await new Client(path).ask('ping')).toMatchObject({ ok: true })
  expect(statSync(path).mode & 0o777).toBe(0o600)
  await server.close()
})

test('one on which somebody listens is left to them', async () => {
  const { path } = await open()
  await expect(open(path)).rejects.toThrow(`The control_socket ${path} has somebody who listens there: another launcher?`)
  expect(await new Client(path).ask('ping')).toMatchObject({ ok: true })
})

test('so is a file', async () => {
  const path = makePath()
  writeFileSync(path, 'precious')
  await expect(open(path)).rejects.toThrow(`The control_socket ${path} exists already and is no socket`)
  expect(readFileSync(path, 'utf8')).toBe('precious')
})

test('a folder that is not there is an error', async () => {
  const path = join(makePath(), '..', 'no', 'control')
  await expect(open(path)).rejects.toThrow(`The control_socket ${path} cannot be made: listen EACCES`)
})

test('so is a path that is longer than a socket\'s may be, which would be cut', async () => {
  const path = makePath().padEnd(108, 'x')
  await expect(open(path)).rejects.toThrow(`The control_socket ${path} cannot be made: a socket's path has 107 octets at most`)
  await open(path.slice(0, 107))
})
