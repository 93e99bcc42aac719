import { once } from 'node:events'
import type { Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { unsentOf, writeText } from '../../src/server/socket-writer.ts'
import { socketPair } from '../support/socket-pair.ts'

/** Numbered lines are written until the kernel takes no more. Returns what was written. */
function fill(socket: Socket): string {
  let written = ''
  for (let line = 0; ; line += 1) {
    const text = `${line}${'.'.repeat(9000)}\n`
    written += text
    if (!writeText(socket, text)) return written
  }
}

async function readAll(socket: Socket): Promise<string> {
  return (await buffer(socket)).toString('latin1')
}

describe('text written to a socket', () => {
  it('arrives as latin1, in order, and nothing of it is left in the stream', async () => {
    const [server, client] = await socketPair()
    expect(writeText(server, 'caf\u00e9 ')).toBe(true)
    expect(writeText(server, '\u00ff')).toBe(true)
    expect([server.writableLength, unsentOf(server)]).toEqual([0, 0])
    server.end()
    expect(await readAll(client)).toBe('caf\u00e9 \u00ff')
  })

  it('that the kernel does not take waits, drain tells when it has been taken, and none of it is lost', async () => {
    const [server, client] = await socketPair()
    const written = fill(server)
    expect(unsentOf(server)).toBeGreaterThan(0)
    const drained = once(server, 'drain')
    const came = readAll(client)
    await drained
    expect(unsentOf(server)).toBe(0)
    server.end()
    expect((await came) === written).toBe(true)
  })

  it('written while other text waits comes behind it, and drain comes when all of it has been taken', async () => {
    const [server, client] = await socketPair()
    const first = fill(server)
    expect(writeText(server, 'second ')).toBe(false)
    const left = once(server, 'drain').then(() => unsentOf(server))
    const came = readAll(client)
    expect(await left).toBe(0)
    server.end('third')
    expect((await came) === `${first}second third`).toBe(true)
  })

  it('with octets behind it that the stream keeps: drain comes when these have been taken, too', async () => {
    const [server, client] = await socketPair()
    const first = fill(server)
    const octets = Buffer.alloc(1_000_000, 'o')
    expect(server.write(octets)).toBe(false)
    const drained = once(server, 'drain').then(() => server.writableLength)
    const came = readAll(client)
    expect(await drained).toBe(0)
    server.end()
    expect((await came) === `${first}${octets.toString('latin1')}`).toBe(true)
  })

  it('behind octets that the stream still keeps goes after them', async () => {
    const [server, client] = await socketPair()
    server.cork()
    server.write('octets ')
    writeText(server, 'text')
    server.uncork()
    server.end()
    expect(await readAll(client)).toBe('octets text')
  })

  it('to a client that has reset the connection closes the socket', async () => {
    const [server, client] = await socketPair()
    // As for every observed socket; the stream's own write throws it else.
    server.on('error', () => {})
    const closed = new Promise<void>((resolve) => server.once('close', () => resolve()))
    const gone = once(client, 'close')
    client.resetAndDestroy()
    await gone
    // The first one may still be taken, and the stream tells of an error in the next turn only.
    for (; !server.destroyed; await turn()) writeText(server, 'text')
    await closed
  })

  it.each([
    ['is reset by its client', (client: Socket) => client.resetAndDestroy()],
    ['is destroyed here', (_client: Socket, server: Socket) => server.destroy()],
  ])('that still waits when the socket %s: the socket closes, and nothing drains', async (_how, end) => {
    const [server, client] = await socketPair()
    server.on('error', () => {})
    const events: string[] = []
    server.on('drain', () => events.push('drain'))
    const closed = new Promise<void>((resolve) => server.once('close', () => resolve()))
    fill(server)
    // As for every client that does not keep up: what the kernel would tell by reading is not told.
    server.pause()
    end(client, server)
    await closed
    expect(events).toEqual([])
  })

  it('after the end is an error of the stream, as with any other write', async () => {
    const [server, client] = await socketPair()
    client.resume()
    const failed = once(server, 'error')
    server.end()
    expect(writeText(server, 'late')).toBe(false)
    expect((await failed)[0]).toMatchObject({ code: 'ERR_STREAM_WRITE_AFTER_END' })
  })

  it('of a socket that was destroyed goes nowhere', async () => {
    const [server] = await socketPair()
    server.destroy()
    expect(writeText(server, 'late')).toBe(false)
    expect(unsentOf(server)).toBe(0)
  })
})
