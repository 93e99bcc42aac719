import type { App, Peer } from '../app.ts'
import type { Clock } from '../clock.ts'
import { Server } from './server.ts'
import type { ServerSettings } from './settings.ts'
import { createTlsServer, type TlsSettings } from './tls.ts'

export interface ApiServerOptions {
  /** The API, as `enabled_apis` names it; also the paste section it is loaded from. */
  readonly name: string
  readonly ssl: boolean
  readonly address: Peer
  readonly settings: ServerSettings & TlsSettings
  readonly loader: { loadApp(name: string): Promise<App> }
  readonly clock: Clock
  /** 48 octets, with which servers in several processes resume each other's TLS sessions. Default: random ones. */
  readonly ticketKeys?: Buffer | undefined
}

/** One API, loaded from its paste section, as a server. Rejects with ConfigError when its app or its TLS files are wrong. */
export async function createApiServer({ name, ssl, address, settings, loader, clock, ticketKeys }: ApiServerOptions): Promise<Server> {
  const tls = ssl ? createTlsServer(settings, ticketKeys) : undefined
  const app = await loader.loadApp(name)
  return new Server({ name, app, address, settings, clock, tls })
}
