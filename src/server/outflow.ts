import type { Socket } from 'node:net'
import { TransportError } from '../errors.ts'
import { DataRate } from './data-rate.ts'
import { Deadline, type Expirable } from './deadlines.ts'
import type { ServerState } from './server-state.ts'
import { unsentOf, writeText } from './socket-writer.ts'
import type { Flushable } from './write-batch.ts'

/** Characters of text that are not held back any longer: as much as a socket takes before it says that it is full. */
const MOST_GATHERED = 16_384

/**
 * A large body is written in pieces, so that what waits in memory is bounded. Who takes a piece at once gets a larger one: a megabyte in one
 * write costs three quarters of what it costs in four.
 */
const LEAST_PIECE = 65_536
const LARGEST_PIECE = 1_048_576
/** Milliseconds. */
const AT_ONCE = 500

/** So few octets are cheaper to send as text, with what goes before and behind them: a small reply costs a quarter less, one of 16 KiB the same. */
const SMALL = 8192

/** Whom an outflow tells what became of it. */
export interface OutflowObserver extends Expirable {
  /** The client has taken everything, and ours was the last word. */
  flushed(): void
}

/** One connection's way out: what is written to it, and how long the client may take over it. */
export class Outflow implements Flushable, Expirable {
  readonly #socket: Socket
  readonly #server: ServerState
  readonly #observer: OutflowObserver
  /** Both made when the client first does not keep up: most always do. */
  #deadline: Deadline | null = null
  #rate: DataRate | null = null
  #blocked = false
  /** When the client first did not keep up. */
  #blockedAt = 0
  /** Octets to write at once, and then to see whether the client takes them. */
  piece: number = LEAST_PIECE
  /** Octets the client has been waited for to take. */
  #unsent = 0
  /** Latin1, not yet with the socket. */
  #gathered = ''
  #waiting: { resolve(): void; reject(error: Error): void } | null = null

  constructor(socket: Socket, server: ServerState, observer: OutflowObserver) {
    this.#socket = socket
    this.#server = server
    this.#observer = observer
  }

  /** The client has not taken what was written yet; the next answer must wait. */
  get blocked(): boolean {
    return this.#blocked
  }

  /** Something that was written is not with the kernel yet. */
  get unsent(): boolean {
    return unsentOf(this.#socket) > 0
  }

  /** A new answer begins; each is held to the rate by itself. */
  begin(): void {
    this.#rate?.reset(this.#server.settings.min_write_rate)
  }

  /** Writes latin1 text, together with what else this turn of the event loop writes. */
  text(text: string): void {
    const first = this.#gathered === ''
    this.#gathered += text
    // Only now: a batch that has waited long enough flushes at once, this text with it.
    if (first) this.#server.batch.add(this)
    if (this.#gathered.length >= MOST_GATHERED) this.flush()
  }

  /** Writes octets, and latin1 text `behind` them. False when the client does not keep up: wait for {@link room}. */
  octets(octets: Uint8Array, behind = ''): boolean {
    if (octets.length > SMALL) return this.#atOnce(octets, behind)
    this.text(latin1Of(octets) + behind)
    return !this.#blocked
  }

  /** With the text before them. */
  #atOnce(octets: Uint8Array, behind: string): boolean {
    this.#socket.cork()
    if (this.#gathered !== '') this.#socket.write(this.#take(), 'latin1')
    let flowing = this.#socket.write(octets)
    if (behind !== '') flowing = this.#socket.write(behind, 'latin1')
    this.#socket.uncork()
    if (!flowing) this.#stall()
    return flowing
  }

  /** Gives the gathered text to the socket. */
  flush(): void {
    if (this.#gathered === '') return
    if (!writeText(this.#socket, this.#take())) this.#stall()
  }

  #take(): string {
    const text = this.#gathered
    this.#gathered = ''
    return text
  }

  /** Resolves when the client has taken what was written; rejects with TransportError when it has gone. */
  room(): Promise<void> {
    if (this.#socket.destroyed) return Promise.reject(new TransportError('the client is gone'))
    if (!this.#blocked) return Promise.resolve()
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
    })
  }

  /** Closes our half behind what is written. The client has `write_timeout` for what it has not taken yet. */
  end(): void {
    this.flush()
    this.#armDeadline()
    this.#socket.end(() => {
      this.#deadline?.disarm()
      if (!this.#socket.destroyed) this.#observer.flushed()
    })
  }

  /** The connection is closed; nobody will take anything any more. */
  gone(): void {
    this.#deadline?.disarm()
    this.#gathered = ''
    this.#waiting?.reject(new TransportError('the client is gone'))
    this.#waiting = null
  }

  #stall(): void {
    if (!this.#blocked) this.#blockedAt = this.#server.deadlines.now
    this.#blocked = true
    if (this.#deadline?.armed !== true) this.#armDeadline()
  }

  /** The write deadline has passed. Of a large piece something may have been taken all the same. */
  expired(deadline: string): void {
    const moved = this.#unsent - unsentOf(this.#socket)
    if (moved <= 0) this.#observer.expired(deadline)
    else if (this.#tooSlow(moved)) this.#observer.expired('min_write_rate')
    else this.#armDeadline()
  }

  #tooSlow(octets: number): boolean {
    return this.#rate?.tooSlow(octets, this.#server.deadlines.now) === true
  }

  #armDeadline(): void {
    const { deadlines, settings, waits } = this.#server
    this.#unsent = unsentOf(this.#socket)
    this.#rate ??= new DataRate(settings.min_write_rate)
    this.#rate.wait(deadlines.now)
    this.#deadline ??= new Deadline(this)
    waits.write.arm(this.#deadline)
  }

  /** The client has taken what was written. False when it took too long. */
  drained(): boolean {
    this.#blocked = false
    this.piece = this.#server.deadlines.now - this.#blockedAt < AT_ONCE ? Math.min(2 * this.piece, LARGEST_PIECE) : LEAST_PIECE
    this.#deadline?.disarm()
    if (this.#tooSlow(this.#unsent)) {
      this.#observer.expired('min_write_rate')
      return false
    }
    this.#waiting?.resolve()
    this.#waiting = null
    return true
  }
}

/** The same octets as text: latin1 has a character for each. */
function latin1Of({ buffer, byteOffset, length }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, length).toString('latin1')
}
