import { once } from 'node:events'
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect, type NetConnectOpts, Server, type Socket } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createReuseportFd } from 'node-unix-socket'
import { expect, onTestFinished, test, vi } from 'vitest'
import { ConfigError } from '../../src/errors.ts'
import { BindError, Listener, type ListenerOptions } from '../../src/server/listener.ts'
import { listen } from '../support/server-harness.ts'
import { leaveStaleSocket } from '../support/stale-socket.ts'

async function bind(options: Partial<ListenerOptions> = {}): Promise<Listener> {
  const listener = await Listener.bind({ host: '127.0.0.1', port: 0, backlog: 10, socketMode: 0o660, ...options })
  onTestFinished(() => listener.close())
  return listener
}

/** Connects, and resolves with both ends. */
async function meet(listener: Listener, to: NetConnectOpts): Promise<{ client: Socket; server: Socket }> {
  const accepted = new Promise<Socket>((resolve) => listener.onConnection(resolve))
  const client = connect(to)
  const server = await accepted
  onTestFinished(() => {
    client.destroy()
    server.destroy()
  })
  return { client, server }
}

function socketPath(): string {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  return join(directory, 'api.sock')
}

test('port 0 is any free port, and the real one can be read', async () => {
  const listener = await bind()
  expect(listener.port).toBeGreaterThan(0)
  expect(listener.label).toBe(`127.0.0.1:${listener.port}`)
})

test('a connection is handed on unread, and may close its half first (RFC 9112 §9.6)', async () => {
  const listener = await bind()
  const { client, server } = await meet(listener, { host: '127.0.0.1', port: listener.port })
  client.end('hello')
  expect(server.isPaused()).toBe(true)
  server.resume()
  const [bytes] = (await once(server, 'data')) as [Buffer]
  await once(server, 'end')
  expect(bytes.toString()).toBe('hello')
  expect(server.writable).toBe(true)
})

test('what was accepted before anybody wanted connections is handed on, and the last to ask gets them alone', async () => {
  const listener = await bind()
  const clients = [connect(listener.port, '127.0.0.1')]
  onTestFinished(() => clients.forEach((client) => client.destroy()))
  await vi.waitFor(() => expect(listener.accepted).toBe(1))
  const taken = { first: [] as Socket[], second: [] as Socket[] }
  onTestFinished(() => [...taken.first, ...taken.second].forEach((socket) => socket.destroy()))
  listener.onConnection((socket) => taken.first.push(socket))
  expect(taken.first).toHaveLength(1)
  listener.onConnection((socket) => taken.second.push(socket))
  clients.push(connect(listener.port, '127.0.0.1'))
  await vi.waitFor(() => expect(listener.accepted).toBe(2))
  expect([taken.first.length, taken.second.length]).toEqual([1, 1])
})

test('what nobody wanted is closed with the listener', async () => {
  const listener = await bind()
  const client = connect(listener.port, '127.0.0.1')
  await vi.waitFor(() => expect(listener.accepted).toBe(1))
  listener.close()
  client.resume()
  await once(client, 'close')
})

const hasIPv6 = Object.values(networkInterfaces()).flat().some((address) => address?.address === '::1')

test.skipIf(!hasIPv6).each([['::1'], ['[::1]']])('IPv6 as %s', async (host) => {
  const listener = await bind({ host })
  expect(listener.label).toBe(`[::1]:${listener.port}`)
  const { server } = await meet(listener, { host: '::1', port: listener.port })
  expect(server.remoteAddress).toBe('::1')
})

test('a unix socket has its mode, no port, and goes when the listener closes', async () => {
  const path = socketPath()
  const listener = await Listener.bind({ host: `unix:${path}`, port: 0, backlog: 10, socketMode: 0o600 })
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect([listener.label, listener.port]).toEqual([`unix:${path}`, 0])
  const { client, server } = await meet(listener, { path })
  server.end('hello')
  const [bytes] = (await once(client, 'data')) as [Buffer]
  expect(bytes.toString()).toBe('hello')
  listener.close()
  expect(existsSync(path)).toBe(false)
})

test('a port in use is one clear error, not a silent sharer', async () => {
  const { port } = await bind()
  const failure = await bind({ port }).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(BindError)
  expect((failure as Error).message).toMatch(new RegExp(`^Could not bind to 127\\.0\\.0\\.1:${port}: .*EADDRINUSE`))
  expect((failure as Error).cause).toMatchObject({ code: 'EADDRINUSE' })
})

test('a unix socket in use is one clear error as well', async () => {
  const path = socketPath()
  await bind({ host: `unix:${path}` })
  await expect(bind({ host: `unix:${path}` })).rejects.toThrow(`Could not bind to unix:${path}: `)
})

test('a unix socket that a killed process left behind is replaced', async () => {
  const path = socketPath()
  await leaveStaleSocket(path)
  const listener = await bind({ host: `unix:${path}` })
  expect(statSync(path).mode & 0o777).toBe(0o660)
  await meet(listener, { path })
})

test('a plain file in the place of a unix socket is an error, and stays', async () => {
  const path = socketPath()
  writeFileSync(path, 'precious')
  await expect(bind({ host: `unix:${path}` })).rejects.toThrow(`Could not bind to unix:${path}: listen EADDRINUSE`)
  expect(existsSync(path)).toBe(true)
})

test('a unix socket in a folder there is not is an error', async () => {
  await expect(bind({ host: `unix:${socketPath()}/api.sock` })).rejects.toThrow(/ENOTDIR|EACCES|ENOENT/)
})

test('an address that is not ours cannot be bound', async () => {
  await expect(bind({ host: '192.0.2.1' })).rejects.toThrow(/^Could not bind to 192\.0\.2\.1:0: .*EADDRNOTAVAIL/)
})

test('a backlog below 1 is the operator\'s error (nova\'s text)', async () => {
  const failure = await bind({ backlog: 0 }).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(ConfigError)
  expect((failure as ConfigError).problem).toEqual({ message: 'The backlog must be more than 0', option: 'backlog', value: '0' })
})

test('a failed accept is told, and the listener goes on', async () => {
  const failed = listen('accept.failed')
  const listening = vi.spyOn(Server.prototype, 'listen')
  onTestFinished(() => listening.mockRestore())
  const listener = await bind()
  const meeting = meet(listener, { host: '127.0.0.1', port: listener.port })
  // What node does with EMFILE; to run out of descriptors would take other tests along.
  const [server] = listening.mock.contexts as Server[]
  server?.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' }))
  await meeting
  expect(failed).toMatchObject([{ listener: listener.label, error: { message: 'accept EMFILE' } }])
})

test('closed, it takes no new connections, and keeps those it handed on', async () => {
  const listener = await bind()
  const { client, server } = await meet(listener, { host: '127.0.0.1', port: listener.port })
  listener.close()
  const late = connect({ host: '127.0.0.1', port: listener.port })
  expect(((await once(late, 'error')) as [NodeJS.ErrnoException])[0].code).toBe('ECONNREFUSED')
  server.end('still here')
  const [bytes] = (await once(client, 'data')) as [Buffer]
  expect(bytes.toString()).toBe('still here')
})

/** A listener, and node's server in it. */
async function bindInView(): Promise<{ listener: Listener; server: Server }> {
  const listening = vi.spyOn(Server.prototype, 'listen')
  onTestFinished(() => listening.mockRestore())
  const listener = await bind()
  return { listener, server: listening.mock.contexts[0] as Server }
}

test('a connection that comes before there is a handler waits for it, unread', async () => {
  const { listener, server } = await bindInView()
  connect({ host: '127.0.0.1', port: listener.port }).end('early')
  await once(server, 'connection')
  const seen: Socket[] = []
  listener.onConnection((socket) => seen.push(socket))
  expect(seen).toHaveLength(1)
  const [bytes] = (await once(seen[0]!.resume(), 'data')) as [Buffer]
  expect(bytes.toString()).toBe('early')
  seen[0]!.destroy()
})

test('such a connection is closed with the listener when there never is one', async () => {
  const { listener, server } = await bindInView()
  const client = connect({ host: '127.0.0.1', port: listener.port })
  await once(server, 'connection')
  listener.close()
  await once(client.resume(), 'close')
  expect(client.destroyed).toBe(true)
})

test('another handler replaces the one before', async () => {
  const listener = await bind()
  listener.onConnection((socket) => socket.end('first'))
  const { client, server } = await meet(listener, { host: '127.0.0.1', port: listener.port })
  server.end('second')
  const [bytes] = (await once(client, 'data')) as [Buffer]
  expect(bytes.toString()).toBe('second')
})

test('a unix socket can be given another mode', async () => {
  const path = socketPath()
  const listener = await bind({ host: `unix:${path}` })
  listener.setMode(0o600)
  expect(statSync(path).mode & 0o777).toBe(0o600)
})

test('a TCP port has no mode', async () => {
  const listener = await bind()
  expect(() => listener.setMode(0o600)).not.toThrow()
})

async function adopt(fd: number, backlog = 10): Promise<Listener> {
  const listener = await Listener.adopt(fd, { backlog })
  onTestFinished(() => listener.close())
  return listener
}

test('a socket that was bound elsewhere tells where, and has no mode to change', async () => {
  const listener = await adopt(createReuseportFd(0, '127.0.0.1'))
  expect(listener).toMatchObject({ host: '127.0.0.1', label: `127.0.0.1:${listener.port}` })
  expect(listener.port).toBeGreaterThan(0)
  expect(() => listener.setMode(0o600)).not.toThrow()
})

test('its connections are handed on as those of any other', async () => {
  const listener = await adopt(createReuseportFd(0, '127.0.0.1'))
  const { client, server } = await meet(listener, { host: '127.0.0.1', port: listener.port })
  expect(server.isPaused()).toBe(true)
  client.end('hello')
  const [bytes] = (await once(server.resume(), 'data')) as [Buffer]
  await once(server, 'end')
  expect([bytes.toString(), server.writable]).toEqual(['hello', true])
})

test('a file descriptor that is no socket is the operator\'s error', async () => {
  const fd = openSync('/dev/null', 'r')
  onTestFinished(() => closeSync(fd))
  const failure = await adopt(fd).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(ConfigError)
  expect((failure as ConfigError).problem).toEqual({
    message: `file descriptor ${fd} is not a stream socket that listens: it is no socket`,
    expected: 'a socket of ListenStream= with Accept=no',
  })
})

test('so is one that is not open', async () => {
  await expect(adopt(999_999)).rejects.toThrow(/file descriptor 999999 is not a stream socket that listens: EBADF/)
})

test('an adopted socket needs a backlog as well', async () => {
  await expect(Listener.adopt(3, { backlog: 0 })).rejects.toThrow('The backlog must be more than 0')
})

test('a unix socket has its permissions from its first moment on, whatever the umask', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const path = join(directory, 'api.sock')
  const mask = process.umask(0)
  onTestFinished(() => void process.umask(mask))
  const bound = bind({ host: `unix:${path}`, socketMode: 0o600 })
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(process.umask()).toBe(0)
  await bound
  expect(statSync(path).mode & 0o777).toBe(0o600)
})

test('a unix path that is longer than a socket can have is refused, not cut', async () => {
  const path = `/tmp/${'x'.repeat(120)}`
  await expect(Listener.bind({ host: `unix:${path}`, port: 0, backlog: 10, socketMode: 0o600 })).rejects.toThrow('the path has more than 107 octets')
})
