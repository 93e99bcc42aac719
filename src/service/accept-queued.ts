import { setImmediate as nextTurn } from 'node:timers/promises'

/** Enough for a full backlog of the default size: libuv accepts one connection per listener and turn. */
const MAX_TURNS = 1024

/**
 * Resolves when the kernel has no completed connection left for us, as far as `accepted`, the number of those so far, tells: such a client
 * was let in, and closing the listener would reset it. `mayWait` false ends it at once.
 */
export async function acceptQueued(accepted: () => number, mayWait: () => boolean = () => true): Promise<void> {
  for (let turn = 0; turn < MAX_TURNS && mayWait(); turn++) {
    const before = accepted()
    // Two, as the first may come before this turn's poll.
    await nextTurn()
    await nextTurn()
    if (accepted() === before) return
  }
}
