import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http'
import { Duplex } from 'node:stream'
import { fieldLines, type Reading, type ReadRequest } from './reading.ts'

/** A connection in memory, and what node:http says of it. */
class Connection extends Duplex {
  readonly requests: ReadRequest[] = []
  refusal = ''

  override _read(): void {
    // All octets are pushed at once.
  }

  override _write(_chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    done()
  }

  refuse(why: string): void {
    if (this.refusal === '') this.refusal = why
  }
}

/** The server answers by itself only what it refuses: a missing Host, an unknown expectation. */
class OwnAnswer extends ServerResponse {
  override writeHead(status: number, ...rest: unknown[]): this {
    connectionOf(this.req).refuse(`answered ${status}`)
    return super.writeHead(status, ...(rest as []))
  }
}

/** The parser of node:http, as strict as it is by default, reached as applications reach it: through a server, here without a socket. */
export class NodeReader {
  readonly #server: Server

  constructor() {
    this.#server = createServer({ ServerResponse: OwnAnswer as typeof ServerResponse, maxHeaderSize: 1_000_000 })
    this.#server.on('request', noted)
    this.#server.on('checkContinue', noted)
    this.#server.on('connect', (request) => connectionOf(request).refuse('CONNECT'))
    this.#server.on('clientError', (error: NodeJS.ErrnoException, socket) =>
      (socket as unknown as Connection).refuse(error.code ?? error.message),
    )
  }

  async read(octets: Buffer): Promise<Reading> {
    const connection = new Connection()
    this.#server.emit('connection', connection)
    connection.push(octets)
    // Bodies come by way of streams, a few ticks later; nothing waits for I/O.
    await new Promise((resolve) => setImmediate(resolve))
    const { requests, refusal } = connection
    connection.destroy()
    const last = requests.at(-1)
    if (last?.ended === true && !last.persistent) return { requests, end: 'closed' }
    return refusal === '' ? { requests, end: 'waiting' } : { requests: requests.filter((one) => one.ended), end: refusal }
  }
}

function noted(request: IncomingMessage, response: ServerResponse): void {
  const connection = connectionOf(request)
  const before = connection.requests.at(-1)
  if (connection.refusal !== '' || before?.persistent === false) return
  const { method = '', url = '', httpVersion, rawHeaders } = request
  const noting: ReadRequest = {
    method,
    target: url,
    version: httpVersion,
    fields: fieldLines(joined(rawHeaders)),
    persistent: response.shouldKeepAlive,
    body: '',
    ended: false,
  }
  connection.requests.push(noting)
  request.on('data', (piece: Buffer) => (noting.body += piece.toString('latin1')))
  request.on('end', () => (noting.ended = true))
}

function connectionOf({ socket }: IncomingMessage): Connection {
  return socket as unknown as Connection
}

/** node:http joins by its own rules, and drops some repeated fields. What its parser read are the raw ones. */
function joined(raw: readonly string[]): Map<string, string> {
  const values = new Map<string, string>()
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at]?.toLowerCase() ?? ''
    const value = raw[at + 1] ?? ''
    const before = values.get(name)
    values.set(name, before === undefined ? value : `${before}${name === 'cookie' ? ';' : ','} ${value}`)
  }
  return values
}
