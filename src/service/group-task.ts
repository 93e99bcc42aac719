import type { Clock } from '../clock.ts'
import { emit } from '../events.ts'
import { defer } from './deferred.ts'
import { isAbort } from './is-abort.ts'
import type { WorkItem } from './service-base.ts'
import type { Task, TaskFunction, TaskOptions } from './task.ts'

/** What a task needs of its group. */
export interface TaskOwner {
  readonly clock: Clock
  /** The group's signal at present: a task that ends because of it has not failed either. */
  life(): AbortSignal
  /** Told before anybody who waits for the task. */
  ended(task: GroupTask): void
}

/** The group's side of a task. */
export class GroupTask<Result = unknown> implements Task<Result> {
  readonly name: string
  readonly #what: string
  readonly #run: TaskFunction<Result>
  readonly #owner: TaskOwner
  readonly #stopping = new AbortController()
  readonly #start = defer<void>()
  readonly #end = defer<Result>()
  #state: Task['state'] = 'WAITING'
  #since: number

  constructor(run: TaskFunction<Result>, { name, what = 'task' }: TaskOptions, owner: TaskOwner) {
    this.name = name ?? (run.name || 'anonymous')
    this.#what = what
    this.#run = run
    this.#owner = owner
    this.#since = owner.clock.now()
    this.#end.promise.catch(() => undefined)
  }

  get state(): Task['state'] {
    return this.#state
  }

  get started(): Promise<void> {
    return this.#start.promise
  }

  /** The group has room for it. */
  begin(): void {
    this.#since = this.#owner.clock.now()
    this.#enter('RUNNING')
    void this.#finish()
  }

  stop(): void {
    if (!this.cancel()) this.#stopping.abort()
  }

  cancel(): boolean {
    if (this.#state !== 'WAITING') return false
    this.#stopping.abort()
    this.#enter('ENDED')
    this.#owner.ended(this as GroupTask)
    this.#end.reject(this.#stopping.signal.reason)
    return true
  }

  wait(): Promise<Result> {
    return this.#end.promise
  }

  link(run: (task: Task<Result>) => void): void {
    const call = (): void => run(this)
    this.#end.promise.then(call, call).catch((error: unknown) => this.#report(error))
  }

  describe(): WorkItem {
    const phase = this.#state === 'WAITING' ? 'waiting for room in its group' : 'running'
    return { id: this.name, what: this.#what, seconds: (this.#owner.clock.now() - this.#since) / 1000, phase }
  }

  async #finish(): Promise<void> {
    const life = this.#owner.life()
    const { signal } = this.#stopping
    let settle: () => void
    try {
      const result = await this.#run(signal, this)
      settle = () => this.#end.resolve(result)
    } catch (error) {
      if (!isAbort(error, signal) && !isAbort(error, life)) this.#report(error)
      settle = () => this.#end.reject(error)
    }
    this.#enter('ENDED')
    this.#owner.ended(this as GroupTask)
    settle()
  }

  #enter(state: 'RUNNING' | 'ENDED'): void {
    this.#state = state
    this.#start.resolve()
  }

  #report(error: unknown): void {
    emit('task.failed', { task: this.name, error })
  }
}
