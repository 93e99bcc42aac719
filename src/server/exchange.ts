import type { HttpReply } from '../app.ts'
import { HttpError, TransportError } from '../errors.ts'
import { emit, requestChannel } from '../events.ts'
import { isPromise } from '../is-promise.ts'
import { letGo } from '../let-go.ts'
import type { WorkItem } from '../service/service-base.ts'
import type { EncodedReply } from '../http/reply-encoder.ts'
import { Request } from '../http/request.ts'
import { RequestBody } from '../http/request-body.ts'
import type { RequestHead } from '../http/request-head.ts'
import { BodyReader } from './body-reader.ts'
import { Deadline, type Expirable } from './deadlines.ts'
import { faultReply, statusOf } from '../fault-reply.ts'
import { ReplyWriter } from './reply-writer.ts'
import type { PoolEntry } from './request-pool.ts'
import type { ServerState } from './server-state.ts'
import { recordOf } from './request-record.ts'
import type { Unfinished } from './unfinished.ts'
import type { Wire } from './wire.ts'

/**
 * Where an exchange is. `queued`: no slot in the pool yet · `answering`: the app works · `replying`: the reply is being written ·
 * `discarding`: the rest of the request's body is read and dropped · `over`.
 */
type ExchangePhase = 'queued' | 'answering' | 'replying' | 'discarding' | 'over'

/** In words, for whoever asks what is in progress. */
const IN_WORDS: Readonly<Record<ExchangePhase, string>> = {
  queued: 'waiting for a slot',
  answering: 'waiting for the app',
  replying: 'sending the reply',
  discarding: 'reading the rest of the body',
  over: 'waiting for the app, the client has gone',
}

/** One request and its reply. */
export class Exchange implements PoolEntry, Expirable, Unfinished {
  readonly request: Request
  readonly #head: RequestHead
  readonly #server: ServerState
  readonly #wire: Wire
  readonly #body: BodyReader | null
  readonly #writer: ReplyWriter
  /** Exact, for the access log; 0 when nobody listened then. */
  readonly #startedAt: number
  readonly #begunAt: number
  #phase: ExchangePhase = 'queued'
  #status = 0
  #persistent = true
  /** The reply being written ends where the connection does. */
  closeDelimited = false
  #discarded = 0
  #ownsSlot = false
  #deadline: Deadline | null = null

  constructor(head: RequestHead, server: ServerState, wire: Wire) {
    this.#head = head
    this.#server = server
    this.#wire = wire
    this.#body = head.hasBody ? new BodyReader(wire, head) : null
    this.request = new Request(head, wire.origin, this.#body === null ? null : new RequestBody(this.#body, head.contentLength, server.settings.max_buffered_body))
    this.#writer = new ReplyWriter(wire.out)
    this.#startedAt = requestChannel.hasSubscribers ? server.clock.now() : 0
    this.#begunAt = server.deadlines.now
  }

  /** For the wait in the queue, then for the app's answer. Most requests need none. */
  get deadline(): Deadline {
    return (this.#deadline ??= new Deadline(this))
  }

  /** The client has its answer; only the rest of its body is still to be read. */
  get answered(): boolean {
    return this.#phase === 'discarding'
  }

  /** Seconds since the request's head was read, to within a tick. */
  get age(): number {
    return (this.#server.deadlines.now - this.#begunAt) / 1000
  }

  /** Without the query, which may hold secrets. */
  describe(): WorkItem {
    const { id, method, client } = this.request
    const phase = this.#phase === 'answering' && this.#body?.awaited === true ? 'reading the body' : IN_WORDS[this.#phase]
    const seconds = (this.#server.deadlines.exactly - this.#begunAt) / 1000
    return { id, what: `${method} ${this.#head.path}`, seconds, phase, client: client.address }
  }

  /** Answers the request, at once or when the pool has room. Requests to the health paths need no room. */
  run(): void {
    const { pool, settings } = this.#server
    if (pool.full && settings.pool_bypass_paths.includes(this.request.rawPathInfo)) this.#answer()
    else pool.run(this)
  }

  start(): void {
    this.#ownsSlot = true
    this.#answer()
  }

  reject(): void {
    const wait = Math.max(1, Math.ceil(this.#server.settings.pool_queue_timeout))
    this.#fail(new HttpError(503, 'the server is busy', { headers: { 'retry-after': String(wait) }, expose: true }))
  }

  #answer(): void {
    this.#phase = 'answering'
    try {
      const reply = this.#server.app(this.request)
      if (isPromise(reply)) this.#answerLater(reply)
      else this.#reply(reply)
    } catch (error) {
      this.#fail(error)
    }
  }

  #answerLater(reply: Promise<HttpReply>): void {
    const { handler } = this.#server.waits
    if (handler.wait > 0) handler.arm(this.deadline)
    reply.then(
      (settled) => {
        if (this.#settle()) this.#reply(settled)
        else letGo(settled?.body)
      },
      (error: unknown) => {
        if (this.#settle()) this.#fail(error)
      },
    )
  }

  /** The app is done. False when nobody wants its answer any more: the client has gone, or was told that it took too long. */
  #settle(): boolean {
    this.#deadline?.disarm()
    if (this.#phase === 'answering') return true
    this.#forget()
    return false
  }

  /** The app took too long, or the pool's queue did. */
  expired(): void {
    if (this.#phase === 'queued') {
      this.#server.pool.leave(this)
      this.reject()
      return
    }
    const reason = new HttpError(503, 'the request took too long', { expose: true })
    this.#tell(reason, reason.status)
    this.request.abort(reason)
    this.#fail(reason)
    this.#forget()
  }

  #reply(reply: HttpReply): void {
    try {
      this.#send(this.#encode(reply))
    } catch (error) {
      this.#fail(error)
    }
  }

  /** Answers an error. What the client is not told is told to whoever listens. */
  #fail(error: unknown): void {
    if (this.#phase === 'over') return
    const { debug } = this.#server.settings
    const status = statusOf(error)
    if (!(error instanceof HttpError && error.expose)) this.#tell(error, status)
    try {
      this.#send(this.#encode(faultReply(error, this.request, debug)))
    } catch (second) {
      this.#tell(second, 500)
      this.#send(this.#encode({ status: 500 }))
    }
  }

  #tell(error: unknown, status: number): void {
    const { id, method, target } = this.request
    emit('request.failed', { api: this.#server.info.name, id, method, target, status, error })
  }

  #encode(reply: HttpReply): EncodedReply {
    const { method, minor } = this.#head
    return this.#server.encoder.encode(reply, { method, minor, persistent: this.#mayPersist(), date: this.#server.date() })
  }

  #mayPersist(): boolean {
    const { settings, info } = this.#server
    if (!this.#head.persistent || !settings.keep_alive || info.stopping || this.#wire.over) return false
    return this.#body === null || this.#body.ended || this.#body.canDiscard(settings.max_discard)
  }

  #send(encoded: EncodedReply): void {
    this.#phase = 'replying'
    this.#status = encoded.status
    this.#persistent = !encoded.close
    this.closeDelimited = encoded.framing === 'close'
    if (encoded.unsent !== null) letGo(encoded.unsent)
    this.#body?.replied()
    const written = this.#writer.write(encoded)
    if (written === undefined) this.#sent()
    else written.then(() => this.#sent(), (error: unknown) => this.#broken(error))
  }

  #sent(): void {
    if (this.#phase !== 'replying') return
    this.#record(true)
    this.#releaseSlot()
    if (this.#body === null) {
      this.#over(this.#persistent)
    } else {
      this.#body.abandon()
      this.#discard(this.#body)
    }
  }

  /** The body failed after the head was sent: the client must not take what it has for the whole (RFC 9112 §8). */
  #broken(error: unknown): void {
    if (this.#phase !== 'replying') return
    if (!(error instanceof TransportError)) this.#tell(error, this.#status)
    this.#record(false)
    this.#releaseSlot()
    this.#phase = 'over'
    const reason = new TransportError('the reply was broken off')
    // Also when the client was found gone by a write, before its connection was said to be closed.
    this.request.abort(reason)
    this.#writer.cancel(reason)
    this.#wire.breakOff(error instanceof Error ? error : new Error(String(error)))
  }

  /** Octets of the request's body have come. False when nobody wants them now. */
  bodyArrived(): boolean {
    if (this.#body === null) return false
    if (this.#phase !== 'discarding') return this.#body.arrived()
    this.#discard(this.#body)
    return true
  }

  /** RFC 9112 §9.3: the rest of the body is read, or the connection closes. */
  #discard(body: BodyReader): void {
    this.#phase = 'discarding'
    if (this.#persistent) this.#discarded += body.discard()
    const most = this.#server.settings.max_discard
    if (body.ended || !this.#persistent || this.#discarded > most || !body.canDiscard(most)) this.#over(this.#persistent && body.ended)
    else this.#wire.awaitBody()
  }

  /** The client is gone, or the process must stop now. */
  abort(reason: TransportError): void {
    if (this.#phase === 'over') return
    const before = this.#phase
    this.#phase = 'over'
    this.#server.pool.leave(this)
    this.request.abort(reason)
    this.#body?.fail(reason)
    this.#writer.cancel(reason)
    if (before !== 'discarding') this.#record(false)
    if (before === 'answering') this.#server.abandoned.add(this)
    if (before === 'replying') this.#releaseSlot()
  }

  /** The request's body cannot be read to its end. */
  failBody(reason: Error): void {
    if (this.#phase === 'discarding') this.#over(false)
    else this.#body?.fail(reason)
  }

  #over(persistent: boolean): void {
    this.#phase = 'over'
    this.#wire.finished(persistent)
  }

  /** A slot is held until the app has settled, also when its client has gone: else the pool would bound nothing. */
  #releaseSlot(): void {
    if (!this.#ownsSlot) return
    this.#ownsSlot = false
    this.#server.pool.release()
  }

  /** Nobody waits for the app any more. */
  #forget(): void {
    this.#server.abandoned.delete(this)
    this.#releaseSlot()
  }

  #record(complete: boolean): void {
    this.#server.done += 1
    if (!requestChannel.hasSubscribers) return
    const seconds = this.#startedAt === 0 ? this.age : (this.#server.clock.now() - this.#startedAt) / 1000
    requestChannel.publish(recordOf(this.request, this.#wire.origin.client, { status: this.#status, bytes: this.#writer.bytes, seconds, complete }))
  }
}
