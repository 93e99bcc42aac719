import { fstatSync, readFileSync } from 'node:fs'
import { isatty } from 'node:tty'

/** What tells a daemon from a process at a terminal. */
export interface Surroundings {
  /** Standard output was a terminal when the process began. */
  readonly wasTerminal: boolean
  /** It still is one; it is not when the terminal has been closed. */
  readonly isTerminal: boolean
  /** The device that standard output is, as stat(2) numbers it. */
  readonly device: number
  /** `/proc/self/stat`; null where there is none. */
  readonly stat: string | null
}

const STDOUT = 1
/** `/dev/tty`: whatever terminal the process belongs to. */
const OWN_TERMINAL = 0x500
const wasTerminal = isatty(STDOUT)

/**
 * Whether this process runs in the background, and HUP asks it to read its configuration again; in the foreground HUP comes because the
 * terminal goes. oslo.service's rule: standard output is no terminal, or another process group than ours is in the foreground of it. A
 * terminal that was there and is gone counts as foreground: that is what its HUP says. Without `/proc` (not Linux) only the first half is known.
 */
export function isDaemon(surroundings: Surroundings = look()): boolean {
  const { isTerminal, device, stat } = surroundings
  if (!isTerminal) return !surroundings.wasTerminal
  if (stat === null) return false
  const { group, terminal, foreground } = readStat(stat)
  const isOurs = terminal !== 0 && (device === terminal || device === OWN_TERMINAL)
  return !isOurs || group !== foreground
}

function look(): Surroundings {
  return { wasTerminal, isTerminal: isatty(STDOUT), device: fstatSync(STDOUT).rdev, stat: readOwnStat() }
}

function readOwnStat(): string | null {
  try {
    return readFileSync('/proc/self/stat', 'latin1')
  } catch {
    return null
  }
}

/** proc_pid_stat(5): `pid (name) state ppid pgrp session tty_nr tpgid …`. The name may have blanks and parentheses, what follows has none. */
function readStat(stat: string): { group: number; terminal: number; foreground: number } {
  const [, , group = 0, , terminal = 0, foreground = -1] = stat.slice(stat.lastIndexOf(')') + 2).split(' ').map(Number)
  return { group, terminal, foreground }
}
