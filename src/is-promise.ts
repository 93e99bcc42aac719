/** Tells a value that is still to come from one that is here. Also true of promises that are not the engine's own, as of query builders. */
export function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof (value as Partial<Promise<T>> | null | undefined)?.then === 'function'
}
