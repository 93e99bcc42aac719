import { Problems } from '../problems.ts'

/** What each of `works` returns, all of which are done. Throws one {@link ConfigError} with everything that is wrong with any of them. */
export function gather<T extends readonly unknown[]>(works: readonly [...{ [K in keyof T]: () => T[K] }]): T {
  const problems = new Problems()
  const results = works.map((work) => problems.try(work))
  problems.throwAny()
  return results as unknown as T
}

/** As {@link gather}, one after the other. */
export async function gatherAsync<T extends readonly unknown[]>(works: readonly [...{ [K in keyof T]: () => Promise<T[K]> }]): Promise<T> {
  const problems = new Problems()
  const results: unknown[] = []
  for (const work of works) results.push(await problems.tryAsync(work))
  problems.throwAny()
  return results as unknown as T
}
