import type { Socket } from 'node:net'
import { emit } from '../events.ts'
import { LeastLoaded } from './accept-policy.ts'
import type { WorkerHandle } from './worker-handle.ts'

export interface HandoverOptions {
  readonly api: string
  /** Whoever owns this list adds and removes workers. */
  readonly workers: readonly WorkerHandle[]
  /** How many connections may wait for a worker. */
  readonly maxWaiting: number
}

/** Takes accepted connections to the workers of one API. While none can take one, they wait in order of arrival. */
export class Handover {
  readonly #options: HandoverOptions
  readonly #policy = new LeastLoaded<WorkerHandle>()
  readonly #waiting: Socket[] = []

  constructor(options: HandoverOptions) {
    this.#options = options
  }

  /** Connections that wait for a worker. */
  get waiting(): number {
    return this.#waiting.length
  }

  offer(socket: Socket): void {
    if (this.#waiting.length === 0 && this.#give(socket)) return
    if (this.#waiting.length < this.#options.maxWaiting) this.#waiting.push(socket)
    else this.#refuse(socket)
  }

  /** To be called when a worker may have room. */
  flush(): void {
    const stuck = this.#waiting.findIndex((socket) => !this.#give(socket))
    this.#waiting.splice(0, stuck === -1 ? this.#waiting.length : stuck)
  }

  /** Connections a worker was given and did not get. They are older than any that wait, so they go first. */
  takeBack(sockets: readonly Socket[]): void {
    this.#waiting.unshift(...sockets)
    this.flush()
  }

  /** Hands over whatever waits, to ready workers or else to those still starting: nobody will have room later. */
  handRest(): void {
    const ready = this.#options.workers.filter((worker) => worker.state === 'READY')
    const heirs = ready.length > 0 ? ready : this.#options.workers.filter((worker) => worker.state === 'STARTING')
    if (heirs.length > 0) this.#waiting.splice(0).forEach((socket, index) => heirs[index % heirs.length]?.hand(socket))
  }

  /** Closes whatever waits, and tells how many connections that were. */
  drop(): number {
    const rest = this.#waiting.splice(0)
    for (const socket of rest) socket.destroy()
    return rest.length
  }

  #give(socket: Socket): boolean {
    const worker = this.#policy.choose(this.#options.workers)
    worker?.hand(socket)
    return worker !== undefined
  }

  #refuse(socket: Socket): void {
    socket.destroy()
    emit('connection.refused', { api: this.#options.api, waiting: this.#waiting.length })
  }
}
