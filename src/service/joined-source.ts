import type { Socket } from 'node:net'
import type { ConnectionSource } from './service-base.ts'

/** Several sources as one: a service may listen in more than one place. */
export class JoinedSource implements ConnectionSource {
  readonly #sources: readonly ConnectionSource[]
  readonly label: string

  constructor(sources: readonly ConnectionSource[]) {
    this.#sources = sources
    this.label = sources.map(({ label }) => label).join(', ')
  }

  onConnection(handler: (socket: Socket) => void): void {
    for (const source of this.#sources) source.onConnection(handler)
  }

  close(): void {
    for (const source of this.#sources) source.close()
  }
}
