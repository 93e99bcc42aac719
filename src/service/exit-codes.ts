import type { WorkerExit } from './ports.ts'

/**
 * What an exit that nobody asked for tells, by code (that of node: process(3) of its manual, §Exit codes) or signal. A worker that ended in any of these ways
 * is replaced; those that do so before they are ready are replaced later and later.
 */
const EXITS: Readonly<Record<string, string>> = {
  0: 'it ended by itself',
  1: 'an error nobody caught, or process.exit(1)',
  7: 'an error in the handler of uncaught errors',
  12: 'a bad option for the inspector',
  13: 'a promise it waits for at top level can never be settled',
  134: 'out of memory?',
  137: 'out of memory?',
  // V8 aborts at its heap limit; the kernel kills who has most when there is none left.
  SIGABRT: 'out of memory?',
  SIGKILL: 'out of memory?',
  SIGBUS: 'a file it had mapped was cut short, or the disk is full?',
  SIGSEGV: 'a native addon?',
  SIGILL: 'a native addon?',
  SIGTRAP: 'out of memory?',
}

/** Words for the log; empty for what says nothing. */
export function explainExit({ code, signal }: Pick<WorkerExit, 'code' | 'signal'>): string {
  return EXITS[signal ?? String(code)] ?? ''
}
