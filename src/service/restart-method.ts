export type RestartMethod = 'reload' | 'mutate'

/** Throws RangeError with oslo.service's text for one there is not. Default reload. */
export function restartMethodOf(method: unknown = 'reload'): RestartMethod {
  if (method !== 'reload' && method !== 'mutate') throw new RangeError(`Invalid restart_method: ${String(method)}`)
  return method
}
