import type { App, ServerInfo } from '../app.ts'
import type { Clock } from '../clock.ts'
import { ReplyEncoder } from '../http/reply-encoder.ts'
import { type DeadlineList, Deadlines } from './deadlines.ts'
import { RequestPool } from './request-pool.ts'
import { cappedWait, type ServerSettings } from './settings.ts'
import { TcpKeepAlive } from './tcp-keepalive.ts'
import type { Unfinished } from './unfinished.ts'
import { WriteBatch } from './write-batch.ts'

/** What the connections of one server share. */
export class ServerState {
  readonly app: App
  readonly settings: ServerSettings
  readonly clock: Clock
  readonly info: ServerInfo & { stopping: boolean }
  readonly encoder: ReplyEncoder
  readonly pool: RequestPool
  readonly deadlines: Deadlines
  readonly batch: WriteBatch
  readonly keepAlive: TcpKeepAlive
  /** One list for each thing that can take a client too long. */
  readonly waits: Readonly<Record<'idle' | 'head' | 'body' | 'write' | 'handler' | 'linger' | 'stop', DeadlineList>>
  /** Requests that have ended, however they did. */
  done = 0
  /** Requests an app still works at although their clients have gone. */
  readonly abandoned: Set<Unfinished> = new Set()
  #date = ''
  #dateTick = -1

  constructor(app: App, info: ServerInfo, settings: ServerSettings, clock: Clock) {
    this.app = app
    this.info = { ...info }
    this.settings = settings
    this.clock = clock
    const idle = cappedWait(settings.keepalive_timeout, settings)
    // The client is told a second less, so that it gives the connection up first and no request meets a closing socket.
    this.encoder = new ReplyEncoder(Math.floor(idle / 1000) - 1)
    this.deadlines = new Deadlines(clock)
    this.batch = new WriteBatch(clock)
    this.keepAlive = new TcpKeepAlive(settings.tcp_keepidle, this.deadlines)
    this.pool = new RequestPool(settings.default_pool_size, settings.pool_queue_size, this.deadlines.list('queue', settings.pool_queue_timeout * 1000))
    this.waits = {
      idle: this.deadlines.list('keepalive_timeout', idle),
      head: this.deadlines.list('headers_timeout', cappedWait(settings.headers_timeout, settings)),
      body: this.deadlines.list('body_timeout', cappedWait(settings.body_timeout, settings)),
      write: this.deadlines.list('write_timeout', cappedWait(settings.write_timeout, settings)),
      handler: this.deadlines.list('handler_timeout', settings.handler_timeout * 1000),
      linger: this.deadlines.list('linger_timeout', Math.max(1, settings.linger_timeout * 1000)),
      stop: this.deadlines.list('idle_linger', Math.max(1, settings.idle_linger * 1000)),
    }
  }

  /** The Date field's value (RFC 9110 §6.6.1), made once a tick: asking the clock for each reply costs more than the text. */
  date(): string {
    if (this.#dateTick !== this.deadlines.ticks) {
      this.#dateTick = this.deadlines.ticks
      this.#date = new Date(this.clock.wallTime()).toUTCString()
    }
    return this.#date
  }
}
