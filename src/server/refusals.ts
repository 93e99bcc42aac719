import type { Socket } from 'node:net'
import { Deadline, type DeadlineList } from './deadlines.ts'

/** So many at once get a lingering close. Its end is the client's or linger_timeout's: without a bound a flood would hold descriptors beyond max_connections. */
const MOST_LINGERING = 256
const REFUSAL = 'HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\ncontent-length: 0\r\nconnection: close\r\n\r\n'

/** The connections of one server that it turns away, as it has as many as it may have. */
export class Refusals {
  readonly #waits: DeadlineList
  #lingering = 0

  /** @param waits how long a client may take to close */
  constructor(waits: DeadlineList) {
    this.#waits = waits
  }

  /** Says 503, and closes. */
  refuse(socket: Socket): void {
    socket.on('error', () => socket.destroy())
    if (this.#lingering >= MOST_LINGERING) socket.end(REFUSAL, () => socket.destroy())
    else this.#refuseSlowly(socket)
  }

  /** Closes our half, and takes what the client sends until it has closed its own: unread, that would reset the answer away (RFC 9112 §9.6). */
  #refuseSlowly(socket: Socket): void {
    const linger = new Deadline({ expired: () => socket.destroy() })
    this.#lingering += 1
    this.#waits.arm(linger)
    socket.on('close', () => {
      this.#lingering -= 1
      linger.disarm()
    })
    socket.end(REFUSAL)
    socket.resume()
  }
}
