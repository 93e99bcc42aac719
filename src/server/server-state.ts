import type { App, ServerInfo } from '../app.ts'
import type { Clock } from '../clock.ts'
import { ReplyEncoder } from '../http/reply-encoder.ts'
import { type DeadlineList, Deadlines } from './deadlines.ts'
import { RequestPool } from './request-pool.ts'
import { type ServerSettings, type Wait, waitsOf } from './settings.ts'
import { TcpKeepAlive } from './tcp-keepalive.ts'
import type { Unfinished } from './unfinished.ts'
import { WriteBatch } from './write-batch.ts'

/** By what option each wait is limited: a deadline has its name. */
const OPTIONS: Readonly<Record<Wait, string>> = {
  idle: 'keepalive_timeout',
  head: 'headers_timeout',
  body: 'body_timeout',
  write: 'write_timeout',
  handler: 'handler_timeout',
  queue: 'queue',
  linger: 'linger_timeout',
  stop: 'idle_linger',
}

/** What the connections of one server share. */
export class ServerState {
  readonly app: App
  /** Always the same object, changed in place: the parsers of connections that stay read their limits from it. */
  readonly settings: ServerSettings
  readonly clock: Clock
  readonly info: ServerInfo & { stopping: boolean }
  encoder: ReplyEncoder
  readonly pool: RequestPool
  readonly deadlines: Deadlines
  readonly batch: WriteBatch
  readonly keepAlive: TcpKeepAlive
  /** One list for each thing that can take too long. */
  readonly waits: Readonly<Record<Wait, DeadlineList>>
  /** Requests that have ended, however they did. */
  done = 0
  /** Requests an app still works at although their clients have gone. */
  readonly abandoned: Set<Unfinished> = new Set()
  #date = ''
  #dateTick = -1

  constructor(app: App, info: ServerInfo, settings: ServerSettings, clock: Clock) {
    this.app = app
    this.info = { ...info }
    this.settings = { ...settings }
    this.clock = clock
    const waits = waitsOf(settings)
    this.encoder = encoderFor(waits.idle)
    this.deadlines = new Deadlines(clock)
    this.batch = new WriteBatch(clock)
    this.keepAlive = new TcpKeepAlive(settings.tcp_keepidle, this.deadlines)
    const list = (name: Wait): DeadlineList => this.deadlines.list(OPTIONS[name], waits[name])
    this.waits = {
      idle: list('idle'), head: list('head'), body: list('body'), write: list('write'),
      handler: list('handler'), queue: list('queue'), linger: list('linger'), stop: list('stop'),
    }
    this.pool = new RequestPool(settings.default_pool_size, settings.pool_queue_size, this.waits.queue)
  }

  /** All but what the constructor was given besides. */
  mutate(settings: ServerSettings): void {
    takeOver(this.settings, settings)
    const waits = waitsOf(settings)
    for (const name of Object.keys(waits) as Wait[]) this.waits[name].wait = waits[name]
    this.encoder = encoderFor(waits.idle)
    this.keepAlive.mutate(settings.tcp_keepidle)
    this.pool.resize(settings.default_pool_size, settings.pool_queue_size)
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

/** The client is told a second less, so that it gives the connection up first and no request meets a closing socket. */
function encoderFor(idle: number): ReplyEncoder {
  return new ReplyEncoder(Math.floor(idle / 1000) - 1)
}

/** Only what is there already, so that the object keeps its shape, by which everything that reads from it is compiled. */
function takeOver(old: ServerSettings, settings: ServerSettings): void {
  for (const name of Object.keys(old) as (keyof ServerSettings)[]) Object.assign(old, { [name]: settings[name] })
}
