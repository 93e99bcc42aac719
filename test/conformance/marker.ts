import { Client } from './client.ts'

const REQUEST = Buffer.from('GET /marker HTTP/1.1\r\nHost: marker.invalid\r\n\r\n')

/**
 * A second connection to the same server, for "and then nothing happens": what is answered on it proves that the server has read whatever
 * other connections sent before, since the kernel had it earlier. Only the order of events counts, not time.
 */
export class Marker {
  readonly #client: Client
  #asked = 0

  private constructor(client: Client) {
    this.#client = client
  }

  static async connect(port: number): Promise<Marker> {
    return new Marker(await Client.connect(port))
  }

  /** Resolves when the server has read what was sent before. */
  async read(): Promise<void> {
    this.#asked += 1
    await this.#client.write(REQUEST)
    await this.#client.until(() => this.#client.responses.answered === this.#asked)
    if (this.#client.responses.answered < this.#asked) throw new Error('a request on another connection was not answered')
  }

  /** Resolves when what the server has to say to that, if anything, has been heard here: each step takes one turn of the loop at most. */
  async settled(): Promise<void> {
    for (let turn = 0; turn < 4; turn += 1) await this.read()
  }

  close(): void {
    this.#client.close()
  }
}
