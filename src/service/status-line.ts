import type { LauncherStatus, ProcessStatus, ServiceStatus } from './operations.ts'

/** A launcher's services with their counts in one line, as `systemctl status` shows it: `compute 2/2 workers, 3 requests, 14 connections; …`. */
export function statusLine({ services }: LauncherStatus): string {
  return services.map(serviceText).join('; ')
}

function serviceText({ name, state, workers, processes, waiting }: ServiceStatus): string {
  const ready = processes.filter((one) => one.state === 'READY').length
  return [
    `${name}${state === 'SERVING' ? '' : ` ${state.toLowerCase()}`}${workers === 0 ? '' : ` ${ready}/${workers} ${workers === 1 ? 'worker' : 'workers'}`}`,
    counted(sum(processes, requestsOf), 'request'),
    counted(sum(processes, connectionsOf), 'connection'),
    ...(waiting === 0 ? [] : [`${waiting} waiting`]),
  ].join(', ')
}

function requestsOf({ report }: ProcessStatus): number {
  return report === null ? 0 : report.inFlight + report.queued
}

function connectionsOf({ report }: ProcessStatus): number {
  return report === null ? 0 : Object.values(report.connections).reduce((total, count) => total + count, 0)
}

function sum(processes: readonly ProcessStatus[], of: (one: ProcessStatus) => number): number {
  return processes.reduce((total, one) => total + of(one), 0)
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

/**
 * Whether each service has a process whose main loop runs: of those that have ever said something, one has within `seconds`. A service of
 * which none has, for all of them are starting, may have a pulse.
 */
export function hasPulse({ services }: LauncherStatus, seconds: number): boolean {
  return services.every(({ processes }) => {
    const silences = processes.flatMap(({ silent }) => (silent === null ? [] : [silent]))
    return silences.length === 0 || Math.min(...silences) <= seconds
  })
}
