/** What can be done to a process's log while it runs. */
export interface LogControl {
  /** Its file was renamed. */
  reopen(): void
  /** Throws RangeError for a level there is not. */
  setLevel(level: string): void
}
