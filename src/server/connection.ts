import type { Socket } from 'node:net'
import { TransportError } from '../errors.ts'
import { emit } from '../events.ts'
import type { BodyEvent } from '../http/body-decoder.ts'
import { type ConnectionEvent, type ConnectionState, nextState } from '../http/connection-state.ts'
import { type ProtocolError, protocolErrors } from '../http/protocol-errors.ts'
import type { RequestOrigin } from '../http/request.ts'
import { RequestHead } from '../http/request-head.ts'
import { RequestParser } from '../http/request-parser.ts'
import { bodyError } from './body-reader.ts'
import { DataRate } from './data-rate.ts'
import { Deadline, type Expirable } from './deadlines.ts'
import { Exchange } from './exchange.ts'
import { faultReply } from '../fault-reply.ts'
import { originOf } from './origin.ts'
import { Outflow, type OutflowObserver } from './outflow.ts'
import { observe, type SocketObserver } from './socket-observer.ts'
import { ReplyWriter } from './reply-writer.ts'
import type { ServerState } from './server-state.ts'
import type { Wire } from './wire.ts'

/** One client's connection, from accept to close: bytes in, requests answered in order, replies out. */
export class Connection implements Wire, Expirable, OutflowObserver, SocketObserver {
  readonly origin: RequestOrigin
  readonly out: Outflow
  readonly #socket: Socket
  readonly #server: ServerState
  readonly #parser: RequestParser
  readonly #onGone: (connection: Connection) => void
  /** For what the client owes us: a request, the rest of a head, a body. */
  readonly #readDeadline: Deadline
  /** Made with the first body. */
  #bodyRate: DataRate | null = null
  #state: ConnectionState = 'IDLE'
  #exchange: Exchange | null = null
  /** True inside {@link #advance}, so that a request answered at once does not start the next one from within. */
  #advancing = false
  /** The client asked for the connection to end with its last request. */
  #saidLast = false
  /** The client has sent all it will (RFC 9112 §9.6). */
  #inputEnded = false
  /** What the socket would say of itself, kept here: asking it costs more than the loop below. */
  #paused = false

  constructor(socket: Socket, server: ServerState, onGone: (connection: Connection) => void) {
    this.#socket = socket
    this.#server = server
    this.#onGone = onGone
    this.origin = originOf(socket, server.info)
    this.#parser = new RequestParser(server.settings)
    this.#readDeadline = new Deadline(this)
    this.out = new Outflow(socket, server, this)
    observe(socket, this)
    server.waits.idle.arm(this.#readDeadline)
    socket.resume()
  }

  get state(): ConnectionState {
    return this.#state
  }

  /** The request that is not finished, if there is one. */
  get exchange(): Exchange | null {
    return this.#exchange
  }

  get over(): boolean {
    return this.#inputEnded && this.#parser.allRead
  }

  /** The server stops: an idle connection is kept a little for a request that is already on its way. */
  linger(): void {
    if (this.#state === 'IDLE') this.#server.waits.stop.arm(this.#readDeadline)
  }

  /** The process must stop now. Returns the request this cost, if any. */
  cut(reason: TransportError): Exchange | null {
    const cost = this.#exchange?.answered === true ? null : this.#exchange
    this.breakOff(reason)
    return cost
  }

  /** Closes our half behind what is written. The client has `write_timeout` for what it has not taken yet. */
  close(): void {
    this.#transit('close')
    this.#readDeadline.disarm()
    if (this.#socket.destroyed) return
    this.out.end()
    this.#socket.resume()
  }

  /**
   * RFC 9112 §9.6: what the client still sends is taken for a while; unread, it would make the kernel reset the last answer away. Who said
   * himself that this request was his last, and has sent it whole, sends no more.
   */
  flushed(): void {
    if (this.#saidLast && this.#parser.allRead) this.#socket.destroy()
    else this.#server.waits.linger.arm(this.#readDeadline)
  }

  #transit(event: ConnectionEvent): void {
    this.#state = nextState(this.#state, event)
  }

  received(buffer: Buffer, length: number): void {
    if (this.#state === 'CLOSE') return
    this.#parser.feed(buffer, length)
    if (this.#state === 'IDLE') this.#advance()
    else this.#bodyArrived(length)
    // What comes behind the last message is of no use to anybody, and a flood of it must not be kept.
    if (this.state !== 'CLOSE') this.#parser.keep()
  }

  #bodyArrived(octets: number): void {
    this.#readDeadline.disarm()
    const tooSlow = this.#bodyRate?.tooSlow(octets, this.#server.deadlines.now) === true
    if (tooSlow) this.expired('min_body_rate')
    else if (this.#exchange?.bodyArrived() !== true) this.#pause()
  }

  /** Answers the requests that have come, one after the other, as long as each is answered at once and the client takes the answers. */
  #advance(): void {
    if (this.#advancing) return
    this.#advancing = true
    while (this.#state === 'IDLE' && !this.out.blocked) {
      const head = this.#parser.nextHead()
      if (head instanceof RequestHead) this.#begin(head)
      else if (head === 'more') break
      else this.#refuse(head)
    }
    this.#advancing = false
    this.#rest()
  }

  /** What there is to wait for now. */
  #rest(): void {
    if (this.#state === 'CLOSE') return
    if (this.out.blocked) {
      this.#pause()
      return
    }
    if (this.#state !== 'IDLE') return
    if (this.#inputEnded) this.#endInsideHead()
    else if (this.#parser.headBegun) this.#awaitHead()
    this.#resume()
  }

  #pause(): void {
    this.#paused = true
    this.#socket.pause()
  }

  #resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#socket.resume()
  }

  /** From the head's first octet on, and no later one extends it. */
  #awaitHead(): void {
    if (this.#readDeadline.list !== this.#server.waits.head) this.#server.waits.head.arm(this.#readDeadline)
  }

  #begin(head: RequestHead): void {
    this.#transit('request')
    this.#saidLast = !head.persistent
    this.#bodyRate?.reset(this.#server.settings.min_body_rate)
    this.out.begin()
    this.#exchange = new Exchange(head, this.#server, this)
    this.#exchange.run()
  }

  /** A message no app shall see. The answer is the connection's last. */
  #refuse(error: ProtocolError): void {
    emit('request.refused', { api: this.#server.info.name, client: this.origin.client.address, ...error })
    const reply = faultReply(bodyError(error), null, false)
    const context = { method: this.#parser.method, minor: 1, persistent: false, date: this.#server.date() }
    void new ReplyWriter(this.out).write(this.#server.encoder.encode(reply, context))
    this.close()
  }

  nextBody(): BodyEvent {
    return this.#parser.nextBody()
  }

  awaitBody(): void {
    if (this.#inputEnded) {
      this.#exchange?.failBody(bodyError(protocolErrors.incompleteBody))
      return
    }
    this.#bodyRate ??= new DataRate(this.#server.settings.min_body_rate)
    this.#bodyRate.wait(this.#server.deadlines.now)
    this.#server.waits.body.arm(this.#readDeadline)
    this.#resume()
  }

  drained(): void {
    if (this.out.drained() && this.#state === 'IDLE') this.#advance()
  }

  finished(persistent: boolean): void {
    this.#exchange = null
    if (!persistent) {
      this.close()
      return
    }
    this.#transit('reply')
    const { info, keepAlive, waits } = this.#server
    keepAlive.stays(this.#socket)
    const wait = info.stopping ? waits.stop : waits.idle
    wait.arm(this.#readDeadline)
    this.#advance()
  }

  breakOff(reason: Error): void {
    this.#transit('close')
    this.out.flush()
    if (this.#mustReset()) this.#socket.resetAndDestroy()
    else this.#socket.destroy()
    this.#exchange?.abort(reason instanceof TransportError ? reason : new TransportError(reason.message))
    this.#exchange = null
  }

  /**
   * To HTTP/1.0 the end of the connection is the end of the body: only a reset says that it is not (RFC 9112 §8). TLS says it by ending
   * without close_notify (§9.8), and a unix socket has no reset.
   */
  #mustReset(): boolean {
    const { tls, client } = this.origin
    return tls === null && client.port > 0 && (this.#exchange?.closeDelimited === true || this.out.unsent)
  }

  /** The client has closed its half. It may still wait for its answer (RFC 9112 §9.6). */
  ended(): void {
    this.#inputEnded = true
    if (this.#state === 'IDLE') this.#rest()
    else this.#exchange?.bodyArrived()
  }

  #endInsideHead(): void {
    if (this.#parser.headBegun) this.#refuse(protocolErrors.incompleteHead)
    else this.close()
  }

  closed(): void {
    this.#readDeadline.disarm()
    this.#transit('close')
    // An error is made with its stack: not for the many connections that end between two requests.
    this.#exchange?.abort(new TransportError('the client closed the connection'))
    this.#exchange = null
    this.out.gone()
    this.#onGone(this)
  }

  /** A deadline has passed; its name says what the client owed. It may be one the client has met while nobody looked. */
  expired(deadline: string): void {
    if (deadline === 'linger_timeout') this.#socket.destroy()
    else if (deadline === 'keepalive_timeout' || deadline === 'idle_linger') this.#closeIfIdle()
    else if (deadline !== 'headers_timeout' || this.#state === 'IDLE') this.#tooLate(deadline)
  }

  #closeIfIdle(): void {
    if (this.#state === 'IDLE') this.close()
  }

  #tooLate(deadline: string): void {
    emit('connection.timeout', { api: this.#server.info.name, client: this.origin.client.address, deadline })
    if (deadline === 'headers_timeout') this.#refuse(protocolErrors.headTimeout)
    else if (deadline === 'body_timeout' || deadline === 'min_body_rate') this.#exchange?.failBody(bodyError(protocolErrors.bodyTimeout))
    else this.breakOff(new TransportError(`the client does not read (${deadline})`))
  }
}
