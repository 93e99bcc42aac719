import { defer, type Deferred } from './deferred.ts'
import type { WorkerHandle } from './worker-handle.ts'

/** A reload that came to an end before all workers were replaced. */
export class PartialReload extends Error {
  override readonly name = 'PartialReload'
  readonly replaced: number

  constructor(replaced: number, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
    this.replaced = replaced
  }
}

/** Whoever has the workers. */
export interface ReplacerHost {
  /** Forks one worker more. Throws when the system refuses. */
  forkSuccessor(): WorkerHandle
  /** Lets this worker finish and end. */
  retire(worker: WorkerHandle): void
}

interface Replacement {
  readonly old: WorkerHandle
  readonly done: Deferred<void>
  /** From its fork on; null until the replacement's turn has come. */
  successor: WorkerHandle | null
}

/**
 * Replaces workers one after the other, each by a successor that is ready before the old one may finish, and the next only when the old one
 * has ended: there is never more than one process too many.
 */
export class Replacer {
  readonly #host: ReplacerHost
  readonly #queue: Replacement[] = []
  readonly #successors = new WeakSet<WorkerHandle>()
  #current: Replacement | null = null

  constructor(host: ReplacerHost) {
    this.#host = host
  }

  get busy(): boolean {
    return this.#current !== null
  }

  /** True of a worker that was forked to take another's place, whatever came of it. */
  isSuccessor(worker: WorkerHandle): boolean {
    return this.#successors.has(worker)
  }

  /** True of a worker that is one too many, as the one it shall replace is still there. */
  isExtra(worker: WorkerHandle): boolean {
    return this.#current?.successor === worker
  }

  /** Resolves when `old` has ended and another has its place. Rejects when no other got ready: `old` serves on then. */
  replace(old: WorkerHandle): Promise<void> {
    const known = [this.#current, ...this.#queue].find((replacement) => replacement?.old === old)
    if (known !== undefined && known !== null) return known.done.promise
    const replacement: Replacement = { old, done: defer(), successor: null }
    this.#queue.push(replacement)
    this.#next()
    return replacement.done.promise
  }

  ready(worker: WorkerHandle): void {
    if (this.#current?.successor === worker) this.#host.retire(this.#current.old)
  }

  /** A worker ended, for whatever reason. */
  exited(worker: WorkerHandle, error: Error): void {
    for (const waiting of this.#queue.filter(({ old }) => old === worker)) this.#drop(waiting)
    if (this.#current?.successor === worker) this.#end((done) => done.reject(error))
    // Where its successor is not ready yet, that is one of the ordinary workers now.
    else if (this.#current?.old === worker) this.#end((done) => done.resolve())
  }

  /** A successor that could not start, and will end. */
  failed(worker: WorkerHandle, error: Error): void {
    if (this.#current?.successor === worker) this.#end((done) => done.reject(error))
  }

  /** Nothing is replaced any more; what is under way becomes ordinary. */
  cancel(reason: Error): void {
    for (const { done } of this.#queue.splice(0)) done.reject(reason)
    this.#current?.done.reject(reason)
    this.#current = null
  }

  #next(): void {
    if (this.#current !== null) return
    const next = this.#queue.shift()
    if (next === undefined) return
    this.#current = next
    try {
      next.successor = this.#host.forkSuccessor()
      this.#successors.add(next.successor)
    } catch (error) {
      this.#end((done) => done.reject(error))
    }
  }

  #end(settle: (done: Deferred<void>) => void): void {
    const ended = this.#current
    this.#current = null
    if (ended !== null) settle(ended.done)
    this.#next()
  }

  /** It ended before its turn: its place is filled as any other's. */
  #drop(waiting: Replacement): void {
    this.#queue.splice(this.#queue.indexOf(waiting), 1)
    waiting.done.resolve()
  }
}
