import type { App, Filter } from '../app.ts'

/** Wraps `app` in `filters`, the first outermost, as PasteDeploy's `pipeline = f1 f2 app` does. */
export function composePipeline(filters: readonly Filter[], app: App): App {
  return filters.reduceRight((next, filter) => filter(next), app)
}
