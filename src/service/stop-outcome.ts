/** How one service's stop went. */
export interface StopOutcome {
  /** Requests and waiting connections that were lost. */
  readonly cut: number
  /** False when something was cut, had to be killed, or ended badly. */
  readonly clean: boolean
}
