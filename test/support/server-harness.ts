import { onTestFinished } from 'vitest'
import type { App } from '../../src/app.ts'
import type { Clock, Timer } from '../../src/clock.ts'
import { type EventName, type Events, subscribe } from '../../src/events.ts'
import { Server } from '../../src/server/server.ts'
import type { ServerSettings } from '../../src/server/settings.ts'
import { FakeClock } from './fake-clock.ts'
import { FakeSocket, type FakeSocketOptions } from './fake-socket.ts'

export const SETTINGS: ServerSettings = {
  max_url_len: 8192,
  max_header_line: 16_384,
  max_header_size: 65_536,
  max_headers: 100,
  max_body_size: 0,
  keep_alive: true,
  keepalive_timeout: 75,
  headers_timeout: 15,
  body_timeout: 30,
  min_body_rate: 500,
  write_timeout: 60,
  min_write_rate: 240,
  handler_timeout: 0,
  client_socket_timeout: 900,
  max_buffered_body: 1_048_576,
  max_discard: 1_048_576,
  linger_timeout: 2,
  default_pool_size: 1000,
  pool_queue_size: 1000,
  pool_queue_timeout: 1,
  pool_bypass_paths: ['/healthcheck'],
  max_connections: 4096,
  trusted_proxies: [],
  tcp_keepidle: 120,
  ssl_handshake_timeout: 10,
  debug: false,
  idle_linger: 5,
}

/** A clock that can also jump without a tick on the way, as when the process was stopped. */
export class JumpingClock implements Clock {
  readonly #fake = new FakeClock()
  #jumped = 0

  now(): number {
    return this.#fake.now() + this.#jumped
  }

  wallTime(): number {
    return this.#fake.wallTime() + this.#jumped
  }

  setTimer(run: () => void, delay: number): Timer {
    return this.#fake.setTimer(run, delay)
  }

  setTicker(run: () => void, interval: number): Timer {
    return this.#fake.setTicker(run, interval)
  }

  get pending(): number {
    return this.#fake.pending
  }

  advance(milliseconds: number): void {
    this.#fake.advance(milliseconds)
  }

  jump(milliseconds: number): void {
    this.#jumped += milliseconds
  }
}

/** A server whose clients and whose time are the test's. */
export class TestServer {
  readonly clock = new JumpingClock()
  readonly server: Server

  constructor(app: App, settings: Partial<ServerSettings> = {}) {
    const address = { address: '192.0.2.1', port: 8774 }
    this.server = new Server({ name: 'compute', app, address, settings: { ...SETTINGS, ...settings }, clock: this.clock })
  }

  connect(options?: FakeSocketOptions): FakeSocket {
    const client = new FakeSocket(options)
    client.pause()
    this.server.accept(client.socket)
    return client
  }

  /** A client that has sent this, and what came of it. */
  async send(bytes: string, options?: FakeSocketOptions): Promise<FakeSocket> {
    const client = this.connect(options)
    client.send(bytes)
    await turn()
    return client
  }

  /** Lets so many seconds pass, and what they set off happen. */
  async pass(seconds: number): Promise<void> {
    this.clock.advance(seconds * 1000)
    await turn()
  }
}

/** A server that is torn down with the test, which proves that it leaves no connection and no ticker behind. */
export function serve(app: App, settings?: Partial<ServerSettings>): TestServer {
  const served = new TestServer(app, settings)
  onTestFinished(async () => {
    served.server.stop()
    const stopped = served.server.wait()
    served.server.abort()
    await stopped
    if (served.clock.pending > 0) throw new Error('the server left a ticker running')
  })
  return served
}

/** Until everything that follows from what happened has happened: no I/O is under way, so one turn of the loop is enough, and one for what it wrote. */
export async function turn(): Promise<void> {
  for (let turns = 0; turns < 2; turns += 1) await new Promise((resolve) => setImmediate(resolve))
}

/** The events of this name from now on, for as long as the test runs. */
export function listen<N extends EventName>(name: N): Events[N][] {
  const heard: Events[N][] = []
  onTestFinished(subscribe(name, (event) => void heard.push(event)))
  return heard
}

/** A promise, and who settles it. */
export interface Deferred<T> {
  readonly promise: Promise<T>
  resolve(value: T): void
  reject(error: unknown): void
}

export function deferred<T>(): Deferred<T> {
  let settle: Omit<Deferred<T>, 'promise'> | undefined
  const promise = new Promise<T>((resolve, reject) => (settle = { resolve, reject }))
  return { promise, ...settle! }
}

/** A GET of this path, as short as RFC 9112 allows, with these fields besides. */
export function get(path: string, ...fields: string[]): string {
  return message('GET', path, fields)
}

/** A POST of this body with its Content-Length. */
export function post(path: string, body: string, ...fields: string[]): string {
  return message('POST', path, [`Content-Length: ${body.length}`, ...fields]) + body
}

export function message(method: string, path: string, fields: readonly string[], version = '1.1'): string {
  return [`${method} ${path} HTTP/${version}`, 'Host: api.example', ...fields, '', ''].join('\r\n')
}

/** One reply as a client reads it. */
export interface ReadReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Reads every reply of `text` by RFC 9112 §6.3, and throws where it does not end as it says. `methods`: the requests', GET when absent. */
export function readReplies(text: string, methods: readonly string[] = []): ReadReply[] {
  const replies: ReadReply[] = []
  for (let rest = text, final = 0; rest !== ''; ) {
    const [reply, after] = readReply(rest, methods[final])
    if (reply.status >= 200) final += 1
    replies.push(reply)
    rest = after
  }
  return replies
}

function readReply(text: string, method: string | undefined): [reply: ReadReply, rest: string] {
  const end = text.indexOf('\r\n\r\n')
  if (end === -1) throw new Error(`not a whole head: ${JSON.stringify(text)}`)
  const [statusLine = '', ...lines] = text.slice(0, end).split('\r\n')
  const status = Number(statusLine.split(' ')[1])
  const headers = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]))
  const [body, rest] = readBody(text.slice(end + 4), headers, status < 200 || status === 204 || status === 304 || method === 'HEAD')
  return [{ status, headers, body }, rest]
}

function readBody(text: string, headers: Record<string, string>, bodyless: boolean): [body: string, rest: string] {
  if (bodyless) return ['', text]
  if (headers['transfer-encoding'] === 'chunked') return readChunks(text)
  const length = headers['content-length'] === undefined ? text.length : Number(headers['content-length'])
  if (text.length < length) throw new Error(`${text.length} octets of ${length} in the body`)
  return [text.slice(0, length), text.slice(length)]
}

function readChunks(text: string): [body: string, rest: string] {
  const size = Number.parseInt(text, 16)
  const start = text.indexOf('\r\n') + 2
  const end = start + size
  if (Number.isNaN(size) || text.slice(end, end + 2) !== '\r\n') throw new Error(`not a whole chunk: ${JSON.stringify(text)}`)
  if (size === 0) return ['', text.slice(end + 2)]
  const [more, rest] = readChunks(text.slice(end + 2))
  return [text.slice(start, end) + more, rest]
}
