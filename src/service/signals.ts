import { constants } from 'node:os'
import { emit, isHeard } from '../events.ts'

/** `process`, or a test's emitter. */
export interface SignalSource {
  on(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown
  removeListener(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown
}

/** The next handler, and the next signal, wait for the promise it may return. */
export type SignalAction = (signal: NodeJS.Signals) => unknown

/** An object of its own, so that one function may stand in a list twice. */
interface Registration {
  readonly action: SignalAction
}

/** What no process may catch (signal(7)); Node throws EINVAL for a listener. */
const UNCATCHABLE: ReadonlySet<string> = new Set(['SIGKILL', 'SIGSTOP'])

/**
 * Several handlers for each signal, all of them called, the newest first: oslo.service's SignalHandler. Signals queue as they come and are
 * handled one at a time, in order (Unicorn's SIG_QUEUE). A signal nobody handles keeps its default action.
 *
 * An error in a handler keeps no other from running. It is told by the event `signal.failed`, and when nobody listens to that it is
 * unhandled, as it is in any listener.
 *
 * SIGUSR1 is Node's own as long as nobody handles it: Node then opens its inspector on port 9229. A handler takes it away from Node for good:
 * once the last one is removed the signal ends the process. Node's `--disable-sigusr1` keeps it from everybody, handlers too.
 */
export class SignalHandler {
  readonly #source: SignalSource
  readonly #handlers = new Map<NodeJS.Signals, Registration[]>()
  readonly #queue: NodeJS.Signals[] = []
  #state: 'idle' | 'handling' = 'idle'

  /** Default: `process`, for which {@link signals} is the one to take. */
  constructor(source: SignalSource = process) {
    this.#source = source
  }

  /** False for what this platform does not have, and what cannot be caught. */
  isSupported(signal: string): signal is NodeJS.Signals {
    return Object.hasOwn(constants.signals, signal) && !UNCATCHABLE.has(signal)
  }

  /**
   * From now on `action` is called for this signal, before those that were there already. The function this returns removes it, and it is
   * not called again then. A signal that is not supported is ignored.
   */
  add(signal: string, action: SignalAction): () => void {
    if (!this.isSupported(signal)) return () => {}
    const registration = { action }
    const handlers = this.#handlers.get(signal) ?? this.#listen(signal)
    handlers.push(registration)
    return () => this.#remove(signal, handlers, registration)
  }

  /** Gives all signals their default actions back and forgets those still queued. The one that is being handled is handled to its end. */
  clear(): void {
    for (const signal of this.#handlers.keys()) this.#source.removeListener(signal, this.#enqueue)
    this.#handlers.clear()
    this.#queue.length = 0
  }

  #listen(signal: NodeJS.Signals): Registration[] {
    const handlers: Registration[] = []
    this.#handlers.set(signal, handlers)
    this.#source.on(signal, this.#enqueue)
    return handlers
  }

  #remove(signal: NodeJS.Signals, handlers: Registration[], registration: Registration): void {
    const at = handlers.indexOf(registration)
    if (at !== -1) handlers.splice(at, 1)
    if (handlers.length > 0 || this.#handlers.get(signal) !== handlers) return
    this.#handlers.delete(signal)
    this.#source.removeListener(signal, this.#enqueue)
  }

  readonly #enqueue = (signal: NodeJS.Signals): void => {
    this.#queue.push(signal)
    if (this.#state === 'idle') void this.#handleAll()
  }

  async #handleAll(): Promise<void> {
    this.#state = 'handling'
    for (let signal = this.#queue.shift(); signal !== undefined; signal = this.#queue.shift()) await this.#handle(signal)
    this.#state = 'idle'
  }

  async #handle(signal: NodeJS.Signals): Promise<void> {
    const handlers = this.#handlers.get(signal) ?? []
    for (const registration of handlers.toReversed()) {
      if (handlers.includes(registration)) await call(registration.action, signal)
    }
  }
}

async function call(action: SignalAction, signal: NodeJS.Signals): Promise<void> {
  try {
    await action(signal)
  } catch (error) {
    if (isHeard('signal.failed')) emit('signal.failed', { signal, error })
    else void Promise.reject(error)
  }
}

/** The process's own: launchers, and whoever has something to do at a signal besides, share it. */
export const signals: SignalHandler = new SignalHandler()
