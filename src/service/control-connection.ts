import type { Socket } from 'node:net'
import type { Clock } from '../clock.ts'
import { type ControlAnswer, type ControlRequest, formatAnswer, parseRequest, ProtocolError } from './control-protocol.ts'
import { LONGEST_LINE, linesOf } from './lines-of.ts'

/** Milliseconds for who sent nonsense to read why before it is cut: closed while it sends, it might never. */
const LINGER = 1000

/** Never throws. */
export type Answerer = (request: ControlRequest) => Promise<ControlAnswer>

/**
 * One client of the control socket. Its requests are answered one after the other, and no more is read before one is: whatever it sends,
 * and whether it reads or not, costs nobody but itself.
 */
export class ControlConnection {
  readonly #socket: Socket
  readonly #answer: Answerer
  readonly #clock: Clock
  #state: 'WAITING' | 'WORKING' | 'REFUSED' = 'WAITING'

  constructor(socket: Socket, answer: Answerer, clock: Clock) {
    this.#socket = socket
    this.#answer = answer
    this.#clock = clock
  }

  /** It waits for its client, not for the launcher. */
  get idle(): boolean {
    return this.#state !== 'WORKING'
  }

  /** Resolves when it is over. */
  async serve(): Promise<void> {
    try {
      for await (const line of linesOf(this.#socket)) if (this.#state === 'WAITING') await this.#take(line)
    } catch {
      // The client has gone, or was cut.
    }
    this.#socket.end()
  }

  cut(): void {
    this.#socket.destroy()
  }

  async #take(line: string | null): Promise<void> {
    try {
      if (line === null) throw new ProtocolError(`expected a line of ${LONGEST_LINE} characters at most`)
      const request = parseRequest(line)
      this.#state = 'WORKING'
      const answer = await this.#answer(request)
      this.#state = 'WAITING'
      await this.#write(answer)
    } catch (error) {
      this.#refuse(error as ProtocolError)
    }
  }

  #refuse({ message }: ProtocolError): void {
    this.#state = 'REFUSED'
    this.#socket.end(formatAnswer({ id: null, ok: false, error: message }))
    const timer = this.#clock.setTimer(() => this.cut(), LINGER)
    this.#socket.once('close', () => timer.cancel())
  }

  /** Resolves when the client has taken it, or has gone. */
  #write(answer: ControlAnswer): Promise<void> {
    return new Promise((resolve) => void this.#socket.write(formatAnswer(answer), () => resolve()))
  }
}
