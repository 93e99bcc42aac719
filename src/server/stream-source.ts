export type Piece = Uint8Array | string

/** A streamed body, one piece after the other, that can be let go at any moment. */
export interface StreamSource {
  /** The next piece, or null at the end. */
  next(): Promise<Piece | null>
  /** Nobody wants the rest. Never throws or rejects. */
  cancel(reason: Error): void
}
