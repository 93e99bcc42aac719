/** oslo.service's rule: a process is a daemon unless it is in the foreground of the terminal its output goes to. */
export function isDaemon(): boolean {
  return !process.stdout.isTTY
}
