import type { Clock } from '../clock.ts'
import type { Activity, ServiceBase, WorkItem } from './service-base.ts'
import { TaskGroup } from './task-group.ts'

export interface ServiceOptions {
  /** Default: the name of the class. */
  name?: string
  /** Tasks that may run at a time. Default: 1000. */
  size?: number
  /** Default: the system's. */
  clock?: Clock
}

/**
 * A service that consists of tasks and timers: extend it, and start them in `start`. oslo.service's Service.
 *
 * Its stop is graceful: `signal` aborts, timers stop, and `wait` resolves when the tasks have ended; `abort`, which the launcher calls
 * when the time is up, aborts the signals of the tasks themselves. After `stop` and `wait` it can be started again, with a new `signal`:
 * a launcher that reloads in one process stops, waits, resets and starts.
 */
export class Service implements ServiceBase {
  readonly name: string
  readonly tasks: TaskGroup

  /** Throws TypeError or RangeError for a size that is none. */
  constructor({ name, size = 1000, clock }: ServiceOptions = {}) {
    this.name = name ?? this.constructor.name
    this.tasks = new TaskGroup({ size, ...(clock !== undefined && { clock }) })
  }

  /** Aborts when the stop begins: for what should not begin any more, and for sleeps. */
  get signal(): AbortSignal {
    return this.tasks.signal
  }

  /** To override. */
  start(): void | Promise<void> {}

  /** To override: the configuration was read again. */
  reset(): void | Promise<void> {}

  /** To override: a stop was asked for, but go on working. */
  quiesce(): void {}

  stop(): void | Promise<void> {
    void this.tasks.stop('graceful')
  }

  wait(): void | Promise<void> {
    return this.tasks.wait()
  }

  abort(): number {
    return this.tasks.abort()
  }

  activity(): Activity {
    return this.tasks.activity()
  }

  inProgress(): WorkItem[] {
    return this.tasks.inProgress()
  }
}
