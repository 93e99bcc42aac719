/** `process`, or a test's emitter. */
export interface SignalSource {
  on(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown
  removeListener(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown
}

/** What to do about each signal. One that is missing here keeps its default action. */
export type SignalActions = Readonly<Partial<Record<NodeJS.Signals, (signal: NodeJS.Signals) => void | Promise<void>>>>

/** Queues signals as they come and handles them one at a time, in order (Unicorn's SIG_QUEUE). */
export class SignalHandler {
  readonly #actions: SignalActions
  readonly #source: SignalSource
  readonly #queue: NodeJS.Signals[] = []
  #state: 'idle' | 'handling' = 'idle'

  constructor(actions: SignalActions, source: SignalSource = process) {
    this.#actions = actions
    this.#source = source
  }

  install(): void {
    for (const signal of this.#signals()) this.#source.on(signal, this.#enqueue)
  }

  /** Gives the signals their former actions back and forgets those still queued. */
  uninstall(): void {
    for (const signal of this.#signals()) this.#source.removeListener(signal, this.#enqueue)
    this.#queue.length = 0
  }

  readonly #enqueue = (signal: NodeJS.Signals): void => {
    this.#queue.push(signal)
    if (this.#state === 'idle') void this.#handleAll()
  }

  async #handleAll(): Promise<void> {
    this.#state = 'handling'
    try {
      for (let signal = this.#queue.shift(); signal !== undefined; signal = this.#queue.shift()) await this.#actions[signal]?.(signal)
    } finally {
      this.#state = 'idle'
    }
  }

  #signals(): NodeJS.Signals[] {
    return Object.keys(this.#actions) as NodeJS.Signals[]
  }
}
