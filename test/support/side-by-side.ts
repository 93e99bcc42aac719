import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import type { App, CompositeFactory, CompositeLoader, Conf } from '../../src/app.ts'
import { systemClock } from '../../src/clock.ts'
import { lintApp } from '../../src/compose/lint.ts'
import { URLMap } from '../../src/compose/urlmap.ts'
import { Listener } from '../../src/server/listener.ts'
import { Server } from '../../src/server/server.ts'
import type { ServerSettings } from '../../src/server/settings.ts'
import { RawClient } from './raw-client.ts'
import { SETTINGS } from './server-harness.ts'

/** A composite's loader that imports only this, whatever it is asked for. */
export function exporting(exported: unknown): CompositeLoader {
  return { getApp: notAsked, getFilter: notAsked, getServer: notAsked, getExport: () => Promise.resolve(exported) }
}

function notAsked(): Promise<never> {
  return Promise.reject(new Error('not asked for'))
}

/** The app that a built-in factory makes of `exported`, mounted where it is told to be, and held to the contract. */
export async function mount(factory: CompositeFactory, exported: unknown, { at = '/', ...conf }: Conf & { at?: string } = {}): Promise<App> {
  const map = new URLMap()
  map.add(at, lintApp(await factory(exporting(exported), {}, { handler: './app.js:app', ...conf })))
  return map.app
}

/** Serves an app by Millrace on a port of its own, for as long as the test runs. */
export async function serveByMillrace(app: App, changed: Partial<ServerSettings> = {}): Promise<number> {
  const listener = await Listener.bind({ host: '127.0.0.1', port: 0, backlog: 10, socketMode: 0o660 })
  const settings = { ...SETTINGS, trusted_proxies: [], ...changed }
  const server = new Server({ name: 'mixed', app, address: { address: '127.0.0.1', port: listener.port }, settings, clock: systemClock })
  listener.onConnection((socket) => server.accept(socket))
  onTestFinished(async () => {
    listener.close()
    server.stop()
    const stopped = server.wait()
    server.abort()
    await stopped
  })
  return listener.port
}

/** The same by node:http. */
export async function serveByNode(listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return (server.address() as AddressInfo).port
}

/** A client that goes with the test. */
export async function open(port: number): Promise<RawClient> {
  const client = await RawClient.connect(port)
  onTestFinished(() => client.close())
  return client
}
