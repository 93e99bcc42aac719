import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { connect, createServer, type AddressInfo, type Server } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Listeners } from '../../src/cli/listeners.ts'
import type { ApiConfig } from '../../src/config/api-config.ts'
import { BindError } from '../../src/server/listener.ts'
import type { ConnectionSource } from '../../src/service/service-base.ts'

function api(name: string, listen: string, port: number, wsgi: Partial<ApiConfig['wsgi']> = {}): ApiConfig {
  return { name, listen, listen_port: port, ssl: false, workers: 1, wsgi: { backlog: 16, socket_mode: 0o660, ...wsgi } } as ApiConfig
}

function make(): Listeners {
  const listeners = new Listeners()
  onTestFinished(() => listeners.closeAllBut([]))
  return listeners
}

async function opened(listeners: Listeners, ...apis: ApiConfig[]): Promise<ConnectionSource[]> {
  await listeners.openFor(apis)
  return apis.map((each) => listeners.boundFor(each).source)
}

async function somebodyElse(host: string, port = 0): Promise<Server> {
  const server = createServer().listen(port, host)
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return server
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const port = portOf(server)
  server.close()
  await once(server, 'close')
  return port
}

/** Whether somebody listens there. */
async function answers(host: string, port: number): Promise<boolean> {
  const socket = connect(port, host)
  const open = await new Promise<boolean>((resolve) => socket.once('connect', () => resolve(true)).once('error', () => resolve(false)))
  socket.destroy()
  return open
}

function mode(path: string): number {
  return statSync(path).mode & 0o777
}

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'millrace-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  return path
}

describe('what is listened on', () => {
  test('a place is kept, whichever API is to have it now', async () => {
    const listeners = make()
    const [first, second] = [await freePort(), await freePort()]
    const [a, b] = await opened(listeners, api('a', '127.0.0.1', first), api('b', '127.0.0.1', second))
    const swapped = await opened(listeners, api('a', '127.0.0.1', second), api('b', '127.0.0.1', first))
    expect(swapped[0]).toBe(b)
    expect(swapped[1]).toBe(a)
  })

  test('with port 0 each API has one of its own, and keeps it', async () => {
    const listeners = make()
    const apis = [api('a', '127.0.0.1', 0), api('b', '127.0.0.1', 0)] as const
    const before = await opened(listeners, ...apis)
    expect(before[0]).not.toBe(before[1])
    expect(await opened(listeners, ...apis)).toEqual(before)
  })

  test.for([['127.0.0.1', '0.0.0.0'], ['0.0.0.0', '127.0.0.1'], ['[::1]', '[::]']] as const)('%s gives way to %s on the same port, and back when that is undone', async ([from, to]) => {
    const listeners = make()
    const first = await opened(listeners, api('a', from, 0))
    const { port } = listeners.boundFor(api('a', from, 0)).place
    const moved = await opened(listeners, api('a', to, port))
    expect(moved).toEqual(first)
    expect(listeners.boundFor(api('a', to, port)).place).toMatchObject({ host: to, port })
    expect(() => listeners.boundFor(api('a', from, 0))).toThrow('nothing is bound for a')
    await listeners.undo()
    expect(listeners.boundFor(api('a', from, 0)).place).toMatchObject({ host: from, port })
    expect(() => listeners.boundFor(api('a', to, port))).toThrow('nothing is bound for a')
    await listeners.undo()
    expect(listeners.boundFor(api('a', from, 0)).source.label).toBe(`${from}:${port}`)
  })

  test('a move that fails, as somebody else has the port at another address, leaves all as it was', async () => {
    const listeners = make()
    const other = await somebodyElse('127.0.0.2')
    const port = portOf(other)
    const [a] = await opened(listeners, api('a', '127.0.0.1', port))
    await expect(listeners.openFor([api('new', '127.0.0.1', 0), api('a', '0.0.0.0', port)])).rejects.toThrow(BindError)
    expect(listeners.boundFor(api('a', '127.0.0.1', port)).source).toBe(a)
    expect(await answers('127.0.0.1', port)).toBe(true)
    expect(() => listeners.boundFor(api('new', '127.0.0.1', 0))).toThrow('nothing is bound for new')
  })

  test('a move is undone when the place of a later API cannot be had', async () => {
    const listeners = make()
    const taken = portOf(await somebodyElse('127.0.0.1'))
    const port = await freePort()
    const [a] = await opened(listeners, api('a', '127.0.0.1', port))
    await expect(listeners.openFor([api('a', '0.0.0.0', port), api('b', '127.0.0.1', taken)])).rejects.toThrow(`Could not bind to 127.0.0.1:${taken}`)
    expect(listeners.boundFor(api('a', '127.0.0.1', port)).source).toBe(a)
    expect(a?.label).toBe(`127.0.0.1:${port}`)
    expect(await answers('127.0.0.1', port)).toBe(true)
  })

  test('what is not used any more is closed, and the rest is not', async () => {
    const listeners = make()
    const [one, two] = [await freePort(), await freePort()]
    const [a] = await opened(listeners, api('a', '127.0.0.1', one), api('b', '127.0.0.1', two))
    await listeners.closeAllBut(a === undefined ? [] : [a])
    expect([await answers('127.0.0.1', one), await answers('127.0.0.1', two)]).toEqual([true, false])
  })

  test('what was closed as its API was drained is bound anew', async () => {
    const listeners = make()
    const port = await freePort()
    const [before] = await opened(listeners, api('a', '127.0.0.1', port))
    before?.close()
    expect(await answers('127.0.0.1', port)).toBe(false)
    const [after] = await opened(listeners, api('a', '127.0.0.1', port))
    expect(after).not.toBe(before)
    expect(await answers('127.0.0.1', port)).toBe(true)
  })

  test('a unix socket gets another mode, and another path', async () => {
    const listeners = make()
    const folder = directory()
    const [old, other] = [join(folder, 'old'), join(folder, 'other')]
    const [before] = await opened(listeners, api('a', `unix:${old}`, 0))
    expect(mode(old)).toBe(0o660)
    expect((await opened(listeners, api('a', `unix:${old}`, 0, { socket_mode: 0o600 })))[0]).toBe(before)
    expect(mode(old)).toBe(0o600)
    const [after] = await opened(listeners, api('a', `unix:${other}`, 0))
    await listeners.closeAllBut(after === undefined ? [] : [after])
    expect(mode(other)).toBe(0o660)
    expect(() => mode(old)).toThrow('ENOENT')
  })

  test('a unix socket whose path was removed is bound anew, by the same listener', async () => {
    const listeners = make()
    const path = join(directory(), 'api.sock')
    const [before] = await opened(listeners, api('a', `unix:${path}`, 0))
    rmSync(path)
    const [after] = await opened(listeners, api('a', `unix:${path}`, 0))
    expect(after).toBe(before)
    expect(statSync(path).isSocket()).toBe(true)
  })
})
