import { Launcher } from './launcher.ts'
import type { ConnectionService, ConnectionSource } from './service-base.ts'
import { ServiceUnit } from './service-unit.ts'

export interface LocalServiceSpec {
  readonly service: ConnectionService
  readonly source: ConnectionSource
}

/** Runs every API in this one process (`--workers 0`), after oslo.service's ServiceLauncher. */
export class ServiceLauncher extends Launcher {
  /** Before `start`, once per API. */
  launchService({ service, source }: LocalServiceSpec): void {
    this.add(new ServiceUnit(service, source, this.clock))
  }
}
