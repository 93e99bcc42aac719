import type { CompositeLoader } from '../../src/app.ts'

/** A composite's loader of which only this much is asked. */
export function partialLoader(asked: Partial<CompositeLoader>): CompositeLoader {
  return asked as CompositeLoader
}
