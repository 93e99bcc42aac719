import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DgramSocket } from 'node-unix-socket'
import { onTestFinished } from 'vitest'

/** What systemd is to a service: a datagram socket, and what was sent to it. */
export class DatagramReceiver {
  readonly path: string
  readonly #socket = new DgramSocket()
  readonly #received: string[] = []
  #wake: () => void = () => undefined

  /** It and its folder go when the test has finished. */
  constructor() {
    const directory = mkdtempSync(join(tmpdir(), 'millrace-'))
    this.path = join(directory, 'notify.sock')
    this.#socket.bind(this.path)
    this.#socket.on('data', (message: Buffer) => {
      this.#received.push(message.toString())
      this.#wake()
    })
    onTestFinished(() => {
      this.#socket.close()
      rmSync(directory, { recursive: true })
    })
  }

  /** The next message. */
  async next(): Promise<string> {
    while (this.#received.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve))
    return this.#received.shift() as string
  }
}
