import { once } from 'node:events'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { onTestFinished } from 'vitest'
import type { App } from '../../src/app.ts'
import { systemClock } from '../../src/clock.ts'
import { createApiServer } from '../../src/server/api-server.ts'
import { Listener } from '../../src/server/listener.ts'
import type { Server } from '../../src/server/server.ts'
import type { TlsSettings } from '../../src/server/tls.ts'
import { SETTINGS } from '../support/server-harness.ts'

export interface Served {
  readonly service: Server
  connect(options?: ConnectionOptions): Promise<TLSSocket>
  /** Without TLS. */
  connectPlain(): Promise<Socket>
}

/** An HTTPS server for this test, and clients of it that believe in `ca`. */
export async function serveTls(app: App, tls: TlsSettings, { ca, ticketKeys }: { ca: string; ticketKeys?: Buffer }): Promise<Served> {
  const listener = await Listener.bind({ host: '127.0.0.1', port: 0, backlog: 10, socketMode: 0o660 })
  const address = { address: '127.0.0.1', port: listener.port }
  const loader = { loadApp: (name: string) => Promise.resolve(name === 'compute' ? app : () => ({ status: 500 })) }
  const settings = { ...SETTINGS, ...tls }
  const service = await createApiServer({ name: 'compute', ssl: true, address, settings, loader, clock: systemClock, ticketKeys })
  listener.onConnection((socket) => service.accept(socket))
  onTestFinished(async () => {
    listener.close()
    service.stop()
    const stopped = service.wait()
    service.abort()
    await stopped
  })
  const target = { host: '127.0.0.1', port: listener.port, servername: 'localhost', ca }
  return {
    service,
    connect: (options) => opened(connect({ ...target, ...options }), 'secureConnect'),
    connectPlain: () => opened(connectTcp(target), 'connect'),
  }
}

/** The client's end, once `event` has come; it goes with the test. */
async function opened<S extends Socket>(socket: S, event: string): Promise<S> {
  onTestFinished(() => void socket.destroy())
  await once(socket, event)
  return socket
}

/** Everything until the server ends. */
export async function readAll(socket: Socket): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of socket) pieces.push(piece as Buffer)
  return Buffer.concat(pieces).toString('latin1')
}
