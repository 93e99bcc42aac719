/** Whether something was thrown because its signal aborted: the signal's reason (WHATWG DOM §3.3), or the AbortError that Node's own functions make of it. */
export function isAbort(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted && (error === signal.reason || (error instanceof Error && error.name === 'AbortError'))
}
