/** Seconds, all but the jitter, which is a share of the spacing. */
export interface Boundary {
  readonly lastRun: number | undefined
  readonly spacing: number
  readonly now: number
  readonly jitter: number
}

/**
 * When a task counts as run that is run now: the last moment a whole number of spacings after its last run, so that delays do not add
 * up, and a chance in whole seconds later, so that processes that started together do not stay together.
 */
export function nearestBoundary({ lastRun, spacing, now, jitter }: Boundary, random: () => number): number {
  if (lastRun === undefined) return now
  return now - ((now - lastRun) % spacing) + Math.floor(spacing * random() * jitter)
}
