/** A promise with its two ends apart (`Promise.withResolvers` comes with Node 22 only). */
export interface Deferred<T> {
  readonly promise: Promise<T>
  resolve(value: T | Promise<T>): void
  reject(error: unknown): void
}

export function defer<T>(): Deferred<T> {
  let resolve: (value: T | Promise<T>) => void = unset
  let reject: (error: unknown) => void = unset
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  return { promise, resolve, reject }
}

/** The executor above runs before `defer` returns, so nobody ever calls this. */
function unset(): void {}
