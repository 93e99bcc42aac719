/**
 * A worker's life as the primary sees it, as one table (after s6-supervise, with names for columns).
 *
 *     STARTING ──ready──▶ READY ──stop-asked──▶ STOPPING ──exit──▶ EXITED
 *        │ └──────────stop-asked──────────────────▲                  ▲
 *        └──failed──▶ FAILED ──────────────exit──────────────────────┘      (exit leads to EXITED from anywhere)
 */

export type WorkerState = 'STARTING' | 'READY' | 'STOPPING' | 'FAILED' | 'EXITED'

/** `stop-asked` is ours; `exit` is the kernel's; the worker says the others. */
export type WorkerEvent = 'ready' | 'failed' | 'stopping' | 'stop-asked' | 'stopped' | 'exit'

/** What the handle does about it. */
export type WorkerAction =
  | 'nothing'
  | 'announce-ready'
  | 'announce-failure'
  | 'announce-stop-wish'
  | 'order-stop'
  | 'expect-exit'
  | 'announce-loss'
  | 'announce-end'

export type Transition = readonly [next: WorkerState, action: WorkerAction]

export const TRANSITIONS: Readonly<Record<WorkerState, Readonly<Partial<Record<WorkerEvent, Transition>>>>> = {
  STARTING: {
    ready: ['READY', 'announce-ready'],
    failed: ['FAILED', 'announce-failure'],
    stopping: ['STARTING', 'announce-stop-wish'],
    'stop-asked': ['STOPPING', 'order-stop'],
    exit: ['EXITED', 'announce-loss'],
  },
  READY: {
    // A worker that got TERM only says so and serves on: connections may be on their way to it, so its stop is ours to time.
    stopping: ['READY', 'announce-stop-wish'],
    'stop-asked': ['STOPPING', 'order-stop'],
    exit: ['EXITED', 'announce-loss'],
  },
  STOPPING: {
    // These two crossed our stop on the wire.
    ready: ['STOPPING', 'nothing'],
    stopping: ['STOPPING', 'nothing'],
    // Again, with a nearer deadline: the launcher stops while this worker was being replaced.
    'stop-asked': ['STOPPING', 'order-stop'],
    failed: ['STOPPING', 'announce-failure'],
    stopped: ['STOPPING', 'expect-exit'],
    exit: ['EXITED', 'announce-end'],
  },
  FAILED: {
    'stop-asked': ['FAILED', 'nothing'],
    exit: ['EXITED', 'announce-loss'],
  },
  EXITED: {},
}

/** Whether a worker in this state may say so: an app can, whenever it likes, on the channel it shares with us. */
export function isPossible(state: WorkerState, event: WorkerEvent): boolean {
  return TRANSITIONS[state][event] !== undefined
}

/** The table's cell. An event that has none is a mistake of ours, and throws. */
export function transition(state: WorkerState, event: WorkerEvent): Transition {
  const found = TRANSITIONS[state][event]
  if (found === undefined) throw new Error(`a worker in state ${state} cannot have the event ${event}`)
  return found
}
