import type { LauncherStatus, ProcessStatus, ServiceStatus, WorkerReport } from '../../src/service/operations.ts'

const REPORT: WorkerReport = {
  done: 0, inFlight: 0, queued: 0, connections: { IDLE: 0, REQUEST: 0, CLOSE: 0 }, loopDelay: 0, rss: 0, heapUsed: 0,
}

export function processStatus({ state = 'READY', silent = 0, report, ...counts }: Partial<Pick<ProcessStatus, 'state' | 'silent' | 'report'>> & Partial<WorkerReport> = {}): ProcessStatus {
  return { pid: 4711, state, age: 60, silent, report: report === undefined ? { ...REPORT, ...counts } : report }
}

export function serviceStatus(status: Partial<ServiceStatus> = {}): ServiceStatus {
  return { name: 'compute', listening: '127.0.0.1:8774', state: 'SERVING', workers: 1, waiting: 0, accepted: 0, lost: 0, processes: [processStatus()], ...status }
}

export function launcherStatus(...services: ServiceStatus[]): LauncherStatus {
  return { pid: 4710, state: 'RUNNING', startedAt: 0, uptime: 60, services }
}
