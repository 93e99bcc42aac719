import { Launcher, type LauncherOptions } from './launcher.ts'
import type { ChildPort } from './ports.ts'
import type { ConnectionSource } from './service-base.ts'
import { WorkerGroup } from './worker-group.ts'

export interface ProcessLauncherOptions extends LauncherOptions {
  /** Starts one worker process for the API of this name, which goes on to call `runWorker`. */
  readonly fork: (api: string) => ChildPort
}

export interface ProcessServiceSpec {
  readonly name: string
  /** How many processes. */
  readonly workers: number
  readonly source: ConnectionSource
  /** How many connections may wait for a worker before further ones are closed. Default 4096. */
  readonly maxWaiting?: number
}

/** Runs each API in its own number of worker processes and keeps them alive, after oslo.service's ProcessLauncher. */
export class ProcessLauncher extends Launcher {
  readonly #fork: (api: string) => ChildPort

  constructor(options: ProcessLauncherOptions) {
    super(options)
    this.#fork = options.fork
  }

  /**
   * Before `start`, once per API.
   * @throws TypeError or RangeError when `workers` is not a positive whole number.
   */
  launchService({ name, workers, source, maxWaiting = 4096 }: ProcessServiceSpec): void {
    if (!Number.isInteger(workers)) throw new TypeError(`workers of ${name} must be a whole number, not ${workers}`)
    if (workers < 1) throw new RangeError(`workers of ${name} must be positive, not ${workers}`)
    const { clock, gracefulTimeout } = this
    this.add(new WorkerGroup({ name, workers, source, clock, gracefulTimeout, maxWaiting, fork: () => this.#fork(name) }))
  }
}
