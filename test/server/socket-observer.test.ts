import { once } from 'node:events'
import type { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { observe } from '../../src/server/socket-observer.ts'
import { FakeSocket } from '../support/fake-socket.ts'
import { socketPair } from '../support/socket-pair.ts'

/** What came, and a promise for when it has come to be `expected`. */
function gather(socket: Socket) {
  let text = ''
  let waiting: { expected: string; resolve(): void } | null = null
  const events: string[] = []
  const received = (buffer: Buffer, length: number): void => {
    text += buffer.toString('latin1', 0, length)
    if (text === waiting?.expected) waiting.resolve()
  }
  observe(socket, { received, ended: () => events.push('ended'), drained: () => events.push('drained'), closed: () => events.push('closed') })
  const becomes = (expected: string) => new Promise<void>((resolve) => (text === expected ? resolve() : (waiting = { expected, resolve })))
  return { becomes, events, text: () => text }
}

describe('an observed socket', () => {
  it('takes what the kernel has, with no stream between', async () => {
    const [server, client] = await socketPair()
    const came = gather(server)
    server.resume()
    client.write('one')
    await came.becomes('one')
    client.write('two')
    await came.becomes('onetwo')
    expect(server.listenerCount('data')).toBe(0)
  })

  it('nothing is read before the socket is resumed, nor while it is paused', async () => {
    const [server, client] = await socketPair()
    const came = gather(server)
    client.write('one')
    server.resume()
    await came.becomes('one')
    server.pause()
    await new Promise<void>((resolve) => client.write('two', () => resolve()))
    // Another connection's octets, written later, are read: ours would have been, too.
    const [other, otherClient] = await socketPair()
    const otherCame = gather(other)
    other.resume()
    otherClient.write('x')
    await otherCame.becomes('x')
    expect(came.text()).toBe('one')
    server.resume()
    await came.becomes('onetwo')
  })

  it('a hundred sockets that read into one buffer do not mix their octets', async () => {
    const pairs = await Promise.all(Array.from({ length: 100 }, socketPair))
    const came = pairs.map(([server]) => gather(server))
    for (const [index, [server, client]] of pairs.entries()) {
      server.resume()
      client.write(`${index};`.repeat(1000))
    }
    await Promise.all(came.map(({ becomes }, index) => becomes(`${index};`.repeat(1000))))
  })

  it('the observer is told of the end, and of the close, and no error is thrown', async () => {
    const [server, client] = await socketPair()
    const came = gather(server)
    server.resume()
    client.end('last')
    await once(server, 'end')
    expect(came.text()).toBe('last')
    expect(came.events).toEqual(['ended'])
    server.destroy(new Error('broken'))
    await new Promise((resolve) => server.once('close', resolve))
    expect(came.events).toEqual(['ended', 'closed'])
  })

  it('a socket that is none of the kernel gives its data events', async () => {
    const fake = new FakeSocket()
    const came = gather(fake.socket)
    fake.resume()
    fake.send('one')
    await came.becomes('one')
    expect(fake.listenerCount('data')).toBe(1)
  })
})
