import type { IncomingMessage, ServerResponse } from 'node:http'
import type { HttpReply, HttpRequest } from '../../app.ts'
import { emit } from '../../events.ts'
import { makeNodeRequest } from './node-request.ts'
import { makeNodeResponse } from './node-response.ts'
import { ReplyOutlet, type ReplyTaker } from './reply-outlet.ts'
import { RequestFeed } from './request-feed.ts'
import { type SocketOwner, StandInSocket, type Written } from './stand-in-socket.ts'

/** A listener of node:http's `request`. What it returns matters only when it is a promise that rejects. */
export type NodeHandler = (req: IncomingMessage, res: ServerResponse) => unknown

type Settlement = { readonly reply: HttpReply } | { readonly error: unknown }

interface Waiting {
  resolve(reply: HttpReply): void
  reject(error: unknown): void
}

/** One request to a handler that was written for node:http, and its reply. */
export class NodeExchange implements SocketOwner, ReplyTaker {
  readonly #request: HttpRequest
  readonly #socket: StandInSocket
  readonly #req: IncomingMessage
  readonly #res: ServerResponse
  readonly #feed: RequestFeed
  readonly #outlet: ReplyOutlet
  #settlement: Settlement | null = null
  #waiting: Waiting | null = null

  constructor(request: HttpRequest, stripsMount: boolean) {
    this.#request = request
    this.#socket = new StandInSocket(request, this)
    this.#req = makeNodeRequest(request, this.#socket, stripsMount)
    this.#res = makeNodeResponse(this.#req, this.#socket)
    this.#feed = new RequestFeed(this.#req, request.body, (error) => this.#bodyFailed(error))
    this.#outlet = new ReplyOutlet(this.#res, this.#socket, this)
  }

  /** The handler's reply: at once when it answers at once. */
  answer(handler: NodeHandler): HttpReply | Promise<HttpReply> {
    this.#call(handler)
    if (this.#settlement === null) return this.#wait()
    if ('error' in this.#settlement) throw this.#settlement.error
    return this.#settlement.reply
  }

  octetsWanted(): void {
    this.#feed.pull()
  }

  octetsGiven(data: string | Uint8Array, encoding: BufferEncoding | null | undefined, written: Written): boolean {
    return this.#outlet.write(data, encoding, written)
  }

  replied(reply: HttpReply): void {
    this.#settle({ reply })
  }

  /** `finish` comes first: its tick is due already. */
  taken(): void {
    process.nextTick(conclude, this)
  }

  /** As at the end of node:http's: a body that nobody read is let go, then both messages close. */
  conclude(): void {
    this.#socket.shut()
    if (!this.#feed.asked) this.#feed.dump()
    else if (!this.#req.complete) this.#req.destroy()
    this.#close()
  }

  unwanted(): void {
    this.#socket.destroy(connectionReset())
  }

  destroyed(error: Error = new Error('the handler has destroyed its connection')): void {
    this.#settle({ error })
    this.#outlet.fail(error)
    this.#req.destroy(connectionReset())
    process.nextTick(() => this.#close())
  }

  #call(handler: NodeHandler): void {
    try {
      const returned = handler(this.#req, this.#res)
      if (isThenable(returned)) Promise.resolve(returned).catch((error: unknown) => this.#failed(error))
    } catch (error) {
      this.#failed(error)
    }
  }

  #wait(): Promise<HttpReply> {
    this.#feed.begun()
    setImmediate(watch, this)
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
    })
  }

  /**
   * Only who has not begun to answer needs to be told that the client has gone; later the server says so itself. Most have by now, and a
   * signal costs more than the rest of the two messages (Node 20).
   */
  watch(): void {
    if (this.#settlement !== null) return
    const { signal } = this.#request
    if (signal.aborted) this.#abandoned(signal.reason)
    else signal.addEventListener('abort', () => this.#abandoned(signal.reason), { once: true })
  }

  #settle(settlement: Settlement): void {
    if (this.#settlement !== null) return
    this.#settlement = settlement
    if ('error' in settlement) this.#waiting?.reject(settlement.error)
    else this.#waiting?.resolve(settlement.reply)
  }

  /** The client has gone, or the server waits no longer. Handlers then see both messages close, and many never end their reply. */
  #abandoned(reason: unknown): void {
    this.#settle({ error: reason })
    this.#socket.destroy(connectionReset())
  }

  /** The server knows best what to answer: 413, 400, 408. A reply that is complete needs no more of the request. */
  #bodyFailed(error: unknown): void {
    if (this.#res.writableEnded) return
    this.#settle({ error })
    this.#socket.destroy(asError(error))
  }

  #failed(error: unknown): void {
    if (this.#res.writableEnded) {
      this.#tell(error)
      return
    }
    this.#settle({ error })
    this.#socket.destroy(asError(error))
  }

  /** The client has its reply and reads nothing of this. */
  #tell(error: unknown): void {
    const { server, id, method, target } = this.#request
    emit('request.failed', { api: server.name, id, method, target, status: this.#res.statusCode, error })
  }

  /** The message hears of the socket's end only when it is its own. */
  #close(): void {
    this.#socket._httpMessage = this.#res
    this.#socket.emit('close')
  }
}

function conclude(exchange: NodeExchange): void {
  exchange.conclude()
}

function watch(exchange: NodeExchange): void {
  exchange.watch()
}

function isThenable(value: unknown): boolean {
  return typeof (Object(value) as { then?: unknown }).then === 'function'
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}

/** What node:http's messages fail with when their client has gone. */
function connectionReset(): Error {
  return Object.assign(new Error('aborted'), { code: 'ECONNRESET' })
}
