import type { LauncherStatus, Operations, ProcessStatus, ReloadOutcome, ServiceStatus, StuckProcess, WorkerReport } from '../../src/service/operations.ts'
import type { StopOutcome } from '../../src/service/stop-outcome.ts'

export function makeReport(report: Partial<WorkerReport> = {}): WorkerReport {
  return { done: 0, inFlight: 0, queued: 0, connections: { IDLE: 0, REQUEST: 0, CLOSE: 0 }, loopDelay: 0, rss: 0, heapUsed: 0, ...report }
}

export function makeProcess(process: Partial<ProcessStatus> = {}): ProcessStatus {
  return { pid: 100, state: 'READY', age: 60, silent: 0.5, report: makeReport(), ...process }
}

export function makeService(service: Partial<ServiceStatus> = {}): ServiceStatus {
  return { name: 'compute', listening: '0.0.0.0:8774', state: 'SERVING', workers: 1, waiting: 0, accepted: 0, lost: 0, processes: [makeProcess()], ...service }
}

export function makeStatus(status: Partial<LauncherStatus> = {}): LauncherStatus {
  return { pid: 1, state: 'RUNNING', startedAt: 0, uptime: 60, services: [makeService()], ...status }
}

/** A launcher that only says what it was told. */
export class FakeOperations implements Operations {
  readonly calls: unknown[][] = []
  current: LauncherStatus = makeStatus()
  outcome: Promise<ReloadOutcome> = Promise.resolve({ done: true, replaced: 2 })
  found: StuckProcess[] = []

  status(): LauncherStatus {
    return this.current
  }

  restart(): Promise<ReloadOutcome> {
    this.calls.push(['restart'])
    return this.outcome
  }

  stop(pace: 'graceful' | 'immediate'): void {
    this.calls.push(['stop', pace])
  }

  async scale(service: string, workers: number): Promise<number> {
    this.#check(service)
    this.calls.push(['scale', service, workers])
    return 2
  }

  async drain(service: string): Promise<StopOutcome> {
    this.#check(service)
    this.calls.push(['drain', service])
    return { cut: 0, clean: true }
  }

  setLogLevel(level: string): void {
    this.calls.push(['setLogLevel', level])
  }

  async stuck(seconds: number): Promise<StuckProcess[]> {
    this.calls.push(['stuck', seconds])
    return this.found
  }

  #check(service: string): void {
    const names = this.current.services.map(({ name }) => name)
    if (!names.includes(service)) throw new RangeError(`there is no service ${service}, only ${names.join(', ')}`)
  }
}
