import { once } from 'node:events'
import { connect, type NetConnectOpts, type Socket } from 'node:net'
import { connect as connectTls, type ConnectionOptions } from 'node:tls'

export interface RawResponse {
  readonly status: number
  /** Names in lower case; repeated fields are joined with `, `. */
  readonly headers: Readonly<Record<string, string>>
  /** One character for each octet. */
  readonly body: string
}

/** What was read, and where the next begins. */
interface Parsed<T> {
  readonly value: T
  readonly end: number
}

/** What an answer's end depends on besides itself. */
interface Context {
  /** The request was a HEAD. */
  readonly bodyless: boolean
  /** Nothing more will come. */
  readonly ended: boolean
}

/** HTTP/1.1 by hand: sends the octets it is told to, takes answers apart, and sees how the connection ends. */
export class RawClient {
  readonly #socket: Socket
  #received = ''
  #ending: 'closed' | 'reset' | null = null
  #heard: () => void = () => undefined

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setEncoding('latin1').setNoDelay(true)
    socket.on('data', (text: string) => {
      this.#received += text
      this.#heard()
    })
    socket.on('error', () => this.#end('reset'))
    socket.on('end', () => this.#end('closed'))
    socket.on('close', () => this.#end('closed'))
  }

  /** Rejects with the socket's error, for instance ECONNREFUSED. */
  static async connect(target: number | NetConnectOpts): Promise<RawClient> {
    const socket = connect(typeof target === 'number' ? { port: target, host: '127.0.0.1' } : target)
    await once(socket, 'connect')
    return new RawClient(socket)
  }

  /** Resolves when the handshake is done on this side; in TLS 1.3 the server may still refuse our certificate. */
  static async connectTls(options: ConnectionOptions): Promise<RawClient> {
    const socket = connectTls({ host: '127.0.0.1', ...options })
    await once(socket, 'secureConnect')
    return new RawClient(socket)
  }

  /** The client's end. */
  get localPort(): number {
    return this.#socket.localPort!
  }

  /** A string's characters are octets. */
  write(data: string | Uint8Array): this {
    this.#socket.write(typeof data === 'string' ? Buffer.from(data, 'latin1') : data)
    return this
  }

  /** A request in one piece, with `Host` and, when it has a body, its length. */
  send(method: string, path: string, { headers = {}, body = '' }: { headers?: Record<string, string>; body?: string } = {}): this {
    const fields = { host: 'api.example', ...(body !== '' && { 'content-length': String(body.length) }), ...headers }
    const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`)
    return this.write(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`)
  }

  /** One request and its answer. */
  ask(method: string, path: string, options?: { headers?: Record<string, string>; body?: string }): Promise<RawResponse> {
    return this.send(method, path, options).response(method)
  }

  /** The next complete answer but for interim ones; `method` is what it answers. Rejects when the connection ends before that. */
  async response(method = 'GET'): Promise<RawResponse> {
    for (;;) {
      const parsed = parseResponse(this.#received, { bodyless: method === 'HEAD', ended: this.#ending === 'closed' })
      if (parsed !== null) {
        this.#received = this.#received.slice(parsed.end)
        if (parsed.value.status >= 200) return parsed.value
      } else {
        await this.#more()
      }
    }
  }

  /** The next `count` answers, all to GET and the like. */
  async responses(count: number): Promise<RawResponse[]> {
    const found: RawResponse[] = []
    while (found.length < count) found.push(await this.response())
    return found
  }

  /** Resolves when this text has come; what came stays to be read. */
  async received(text: string): Promise<void> {
    while (!this.#received.includes(text)) await this.#more()
  }

  /** Resolves when the server has ended the connection, with how it did, and what nobody had read till then. */
  async ended(): Promise<{ how: 'closed' | 'reset'; rest: string }> {
    while (this.#ending === null) await new Promise<void>((resolve) => (this.#heard = resolve))
    return { how: this.#ending, rest: this.#received }
  }

  close(): void {
    this.#socket.destroy()
  }

  /** Resolves when something came or the connection ended; rejects when it has ended already. */
  async #more(): Promise<void> {
    if (this.#ending !== null) throw new Error(`the connection was ${this.#ending} after ${JSON.stringify(this.#received)}`)
    await new Promise<void>((resolve) => (this.#heard = resolve))
  }

  #end(how: 'closed' | 'reset'): void {
    this.#ending ??= how
    this.#heard()
  }
}

/** Null while it is incomplete. */
function parseResponse(text: string, context: Context): Parsed<RawResponse> | null {
  const headEnd = text.indexOf('\r\n\r\n')
  if (headEnd === -1) return null
  const [statusLine = '', ...lines] = text.slice(0, headEnd).split('\r\n')
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(statusLine)?.[1])
  const headers = parseFields(lines)
  const bodyless = context.bodyless || status < 200 || status === 204 || status === 304
  const body = bodyless ? { value: '', end: headEnd + 4 } : parseBody(text, headEnd + 4, headers, context.ended)
  return body === null ? null : { value: { status, headers, body: body.value }, end: body.end }
}

function parseFields(lines: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const [, name = '', value = ''] = /^([^:]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? []
    const before = headers[name.toLowerCase()]
    headers[name.toLowerCase()] = before === undefined ? value : `${before}, ${value}`
  }
  return headers
}

function parseBody(text: string, start: number, headers: RawResponse['headers'], ended: boolean): Parsed<string> | null {
  const length = headers['content-length']
  if (headers['transfer-encoding'] === 'chunked') return parseChunks(text, start)
  if (length === undefined) return ended ? { value: text.slice(start), end: text.length } : null
  const end = start + Number(length)
  return text.length < end ? null : { value: text.slice(start, end), end }
}

function parseChunks(text: string, start: number): Parsed<string> | null {
  let body = ''
  for (let at = start; ;) {
    const lineEnd = text.indexOf('\r\n', at)
    const size = Number.parseInt(text.slice(at, lineEnd), 16)
    const end = lineEnd + 2 + size + 2
    if (lineEnd === -1 || text.length < end) return null
    if (size === 0) return { value: body, end }
    body += text.slice(lineEnd + 2, end - 2)
    at = end
  }
}
