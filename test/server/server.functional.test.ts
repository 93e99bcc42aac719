import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, type NetConnectOpts, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { App } from '../../src/app.ts'
import { systemClock } from '../../src/clock.ts'
import { Listener } from '../../src/server/listener.ts'
import { Server } from '../../src/server/server.ts'
import type { ServerSettings } from '../../src/server/settings.ts'
import { deferred, get, listen, message, readReplies, SETTINGS } from '../support/server-harness.ts'

interface Served {
  readonly server: Server
  /** A new client. */
  open(): Promise<Socket>
}

/** The kernel's sockets, where the fake one could be wrong about them. */
async function serve(app: App, host = '127.0.0.1', changed: Partial<ServerSettings> = {}): Promise<Served> {
  const listener = await Listener.bind({ host, port: 0, backlog: 10, socketMode: 0o660 })
  const address = { address: host, port: listener.port }
  const server = new Server({ name: 'compute', app, address, settings: { ...SETTINGS, ...changed }, clock: systemClock })
  listener.onConnection((socket) => server.accept(socket))
  onTestFinished(async () => {
    listener.close()
    server.stop()
    const stopped = server.wait()
    server.abort()
    await stopped
  })
  const target: NetConnectOpts = host.startsWith('unix:') ? { path: host.slice('unix:'.length) } : { host, port: listener.port }
  const open = async (): Promise<Socket> => {
    const socket = connect({ ...target, allowHalfOpen: true })
    onTestFinished(() => void socket.destroy())
    await once(socket, 'connect')
    return socket
  }
  return { server, open }
}

async function readAll(socket: Socket): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of socket) pieces.push(piece as Buffer)
  return Buffer.concat(pieces).toString('latin1')
}

async function* failing(until?: Promise<void>): AsyncGenerator<string> {
  yield 'some'
  await until
  throw new Error('disk on fire')
}

const failOrNot: App = (request) => ({ body: request.target === '/fail' ? failing() : 'fine' })

test('requests before the client closed its half are answered, and the connection is over', async () => {
  const { server, open } = await serve(async (request) => ({ body: request.target }))
  const socket = await open()
  socket.end(get('/1') + get('/2'))
  expect(readReplies(await readAll(socket)).map(({ body }) => body)).toEqual(['/1', '/2'])
  server.stop()
  await server.wait()
})

test('a large body goes both ways, as fast as the slower side', async () => {
  const { open } = await serve((request) => ({ body: request.body }))
  const socket = await open()
  const body = 'x'.repeat(5_000_000)
  socket.end(message('POST', '/', [`Content-Length: ${body.length}`]) + body)
  expect(readReplies(await readAll(socket))[0]?.body.length).toBe(body.length)
})

test('to HTTP/1.0 a reply that fails midway ends in a reset (RFC 9112 §8)', async () => {
  const read = deferred<void>()
  const { open } = await serve(() => ({ body: failing(read.promise) }))
  const socket = await open()
  socket.write(message('GET', '/', [], '1.0'))
  await once(socket, 'data')
  // libuv takes a reset for an end when it comes together with octets.
  read.resolve()
  await expect(readAll(socket)).rejects.toMatchObject({ code: 'ECONNRESET' })
})

test('on a unix socket, which has no reset, it just ends; the server goes on', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const failed = listen('request.failed')
  const { open } = await serve(failOrNot, `unix:${join(directory, 'api.sock')}`)
  const socket = await open()
  socket.write(message('GET', '/fail', [], '1.0'))
  await readAll(socket)
  expect(failed).toMatchObject([{ target: '/fail' }])
  const next = await open()
  next.end(get('/'))
  expect(readReplies(await readAll(next))).toMatchObject([{ body: 'fine' }])
})

test('a client that resets while the app works aborts its request', async () => {
  const [asked, aborted] = [deferred<void>(), deferred<unknown>()]
  const { open } = await serve((request) => {
    request.signal.addEventListener('abort', () => aborted.resolve(request.signal.reason))
    asked.resolve()
    return new Promise(() => {})
  })
  const socket = await open()
  socket.write(get('/'))
  await asked.promise
  socket.resetAndDestroy()
  expect(await aborted.promise).toMatchObject({ name: 'TransportError' })
})

test('a client that resets together with its request aborts it, though libuv tells an end', async () => {
  const aborted = deferred<unknown>()
  const { open } = await serve((request) => {
    request.signal.addEventListener('abort', () => aborted.resolve(request.signal.reason))
    return new Promise(() => {})
  })
  const socket = await open()
  socket.write(get('/'))
  socket.resetAndDestroy()
  expect(await aborted.promise).toMatchObject({ name: 'TransportError' })
})

test('one turned away at max_connections reads why', async () => {
  const asked = deferred<void>()
  const { open } = await serve(() => {
    asked.resolve()
    return new Promise(() => {})
  }, '127.0.0.1', { max_connections: 1 })
  const busy = await open()
  busy.write(get('/'))
  await asked.promise
  const late = await open()
  late.end(get('/'))
  const replies = readReplies(await readAll(late))
  expect(replies.map(({ status }) => status)).toEqual([503])
})
