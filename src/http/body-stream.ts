/** The next piece, or null at the end. */
type Read = () => Promise<Uint8Array | null>
type Pieces = ReturnType<ReadableStream<Uint8Array>['values']>
type IteratorOptions = Parameters<ReadableStream['values']>[0]

/**
 * A request's body as a web stream. `for await` takes the pieces from where they come: by the stream's own iterator, with its reader, its
 * queue and its half a dozen promises for each, an upload costs half as much CPU time again.
 */
export class BodyStream extends ReadableStream<Uint8Array> {
  readonly #read: Read

  /** Nothing is read before it is asked for. */
  constructor(read: Read, cancel: () => void) {
    const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
      const piece = await read()
      if (piece === null) controller.close()
      else controller.enqueue(piece)
    }
    super({ pull, cancel }, { highWaterMark: 0 })
    this.#read = read
  }

  override async *values({ preventCancel = false }: IteratorOptions = {}): Pieces {
    const reader = this.getReader()
    let ended = false
    try {
      for (let piece = await this.#read(); piece !== null; piece = await this.#read()) yield piece
      ended = true
    } finally {
      if (!ended && !preventCancel) await reader.cancel()
      reader.releaseLock()
    }
  }

  override [Symbol.asyncIterator](options?: IteratorOptions): Pieces {
    return this.values(options)
  }
}
