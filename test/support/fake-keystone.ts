import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export type Asked = { method: string; url: string; subject: string | undefined; by: string | undefined; body: unknown }
type Tls = { key: Buffer; cert: Buffer }
type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** An identity service on the loopback that knows the tokens it is told of. */
export class FakeKeystone {
  /** What `GET /v3/auth/tokens` says, by token. */
  readonly tokens = new Map<string, object>()
  readonly asked: Asked[] = []
  /** When the service's own token expires. */
  ownExpiresAt = '2026-01-01T12:00:00Z'
  /** Answers instead, when it is there. */
  instead: Handler | null = null
  readonly #server: Server
  readonly #scheme: string
  #issued = 0

  private constructor(tls: Tls | null) {
    const answer: Handler = (request, response) => void this.#answer(request, response)
    this.#scheme = tls === null ? 'http' : 'https'
    this.#server = tls === null ? createServer(answer) : createTlsServer(tls, answer)
  }

  static async start(tls: Tls | null = null): Promise<FakeKeystone> {
    const keystone = new FakeKeystone(tls)
    await new Promise<void>((resolve) => keystone.#server.listen(0, '127.0.0.1', resolve))
    return keystone
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** How often somebody asked for a token, or, `POST`, for one of the service's own. */
  count(method: string): number {
    return this.asked.filter((asked) => asked.method === method).length
  }

  /** The service's own token is known no more. */
  revokeOwn(): void {
    this.#issued += 1
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = request
    const body = await text(request)
    const subject = headers['x-subject-token']?.toString()
    const by = headers['x-auth-token']?.toString()
    this.asked.push({ method, url, subject, by, body: body === '' ? null : JSON.parse(body) })
    if (this.instead !== null) this.instead(request, response)
    else if (method === 'POST') this.#issue(response)
    else this.#tell(subject ?? '', by, response)
  }

  #issue(response: ServerResponse): void {
    this.#issued += 1
    response.writeHead(201, { 'x-subject-token': `own-${this.#issued}` }).end(JSON.stringify({ token: { expires_at: this.ownExpiresAt } }))
  }

  #tell(subject: string, by: string | undefined, response: ServerResponse): void {
    const token = this.tokens.get(subject)
    if (by !== `own-${this.#issued}`) response.writeHead(401).end()
    else if (token === undefined) response.writeHead(404).end('{}')
    else response.end(JSON.stringify({ token }))
  }
}
