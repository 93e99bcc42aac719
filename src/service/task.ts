/** What a task group runs: `signal` aborts when the task is stopped, which is then to end soon. */
export type TaskFunction<Result> = (signal: AbortSignal, task: Task<Result>) => Result | Promise<Result>

export interface TaskOptions {
  /** For the log and for status. Default: the function's own name. */
  name?: string
  /** What it does, for status. Default: `task`. */
  what?: string
}

/** One function that a task group runs, or will: oslo.service's Thread. */
export interface Task<Result = unknown> {
  readonly name: string
  /** WAITING until the group has room, and in any case until `add` has returned. */
  readonly state: 'WAITING' | 'RUNNING' | 'ENDED'
  /** Resolves when the task has left WAITING. Whoever adds many tasks awaits it before the next one. */
  readonly started: Promise<void>
  /** Asks it to end: aborts its signal; a task that waits will never run. Code cannot be killed: a task that ignores its signal goes on. */
  stop(): void
  /** As `stop`, but only if it has not begun; else false. */
  cancel(): boolean
  /** What the function returned. Rejects with what it threw, and with an AbortError when it never ran. Nobody has to wait. */
  wait(): Promise<Result>
  /** Calls `run` when the task has ended, however it did; soon if it has already. */
  link(run: (task: Task<Result>) => void): void
}
