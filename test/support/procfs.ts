import { existsSync, readdirSync, readFileSync } from 'node:fs'

/** What Linux tells of a process from outside. */
export const HAS_PROCFS = existsSync('/proc/self/status')

/** What a process holds in memory now, and the most it ever held, in MiB. */
export function memoryOf(pid: number): { now: number; most: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1')
  return { now: mebibytes(status, 'VmRSS'), most: mebibytes(status, 'VmHWM') }
}

/** How many file descriptors a process has open. */
export function descriptorsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length
}

/** The processes whose parent this is, the oldest first. */
export function childrenOf(pid: number): number[] {
  const others = readdirSync('/proc').map(Number).filter(Number.isInteger)
  return others.filter((other) => parentOf(other) === pid).toSorted((a, b) => a - b)
}

/** Null when it has ended: a zombie is nobody's. */
export function parentOf(pid: number): number | null {
  try {
    const [, state, parent] = /\) (\S) (\d+) /.exec(readFileSync(`/proc/${pid}/stat`, 'latin1')) ?? []
    return state === 'Z' ? null : Number(parent)
  } catch {
    return null
  }
}

function mebibytes(status: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024
}
