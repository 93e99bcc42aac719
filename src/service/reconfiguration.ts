import type { LauncherConf } from './launcher-conf.ts'
import type { ConnectionSource } from './service-base.ts'
import type { WorkerGroupSpec } from './worker-group-spec.ts'

/** What a configuration that was read again comes to. */
export interface Reconfiguration {
  readonly conf: LauncherConf
  /** All that shall run. */
  readonly services: readonly WorkerGroupSpec[]
  /** For a worker that stays: what its service shall take over. */
  settingsOf(service: string): unknown
  /** Called when it was taken over, or could not be. What listens and is not `used` by a service can be closed. */
  settle(done: boolean, used: readonly ConnectionSource[]): Promise<void>
}

/** What the program around a launcher does for it. */
export interface LauncherHooks {
  /** Reads the configuration again and checks all of it. Rejects when it cannot be used: everything stays as it is then. */
  reload?(): Promise<Reconfiguration>
  /** Reads it again, for what can be changed in place. Rejects in the same way. */
  mutate?(): Promise<Reconfiguration>
  /** For one worker that asked alone. */
  settingsOf?(service: string): Promise<unknown>
  /** What the report shall say of options. */
  options?(): unknown
}
