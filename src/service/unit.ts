/** How one API's stop went. */
export interface StopOutcome {
  /** Requests and waiting connections that were lost. */
  readonly cut: number
  /** False when something was cut, had to be killed, or ended badly. */
  readonly clean: boolean
}

/** One API as a launcher sees it, whether it runs in this process or in workers. The calls come in the order they stand here. */
export interface Unit {
  readonly name: string
  /** Processes; 0 when it runs in this one. */
  readonly workers: number
  /** What it listens on, for people. */
  readonly label: string
  /** Connections it has been given so far. */
  readonly accepted: number
  /** Resolves when the API serves with all it should have; rejects when it cannot. */
  start(): Promise<void>
  /** Serve on, but let clients know that they should go elsewhere. */
  quiesce(): void
  /** Stop listening. */
  close(): void
  /** Finish, within this many seconds; null for as long as it takes. */
  stop(deadlineSeconds: number | null): Promise<StopOutcome>
  /** After `stop`: end now whatever that costs. */
  abort(): void
}
